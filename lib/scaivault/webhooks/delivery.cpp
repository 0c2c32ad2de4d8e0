// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/webhooks/delivery.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/audit/store.hpp"
#include "lib/scaivault/events/store.hpp"
#include "lib/scaivault/seal/damaged.hpp"
#include "lib/scaivault/subscriptions/access.hpp"
#include "lib/scaivault/webhooks/store.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace scaivault::webhooks {

using scai::Result;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;
using scai::webhook::Outcome;

namespace {

constexpr std::int64_t spread_batch = 1000;
constexpr std::size_t flush_at = 64;
constexpr std::chrono::milliseconds flush_after{500};
constexpr std::int64_t put_back_seconds = 30;

/// Which policies' webhooks an event is for, whatever those want otherwise.
std::string rotation_policy_of(const scaivault::events::Row& event) {
    if (!event.type.starts_with("rotation.") && event.type != "secret.rotated")
        return {};
    const auto data = scai::json::parse(event.data);
    return data ? data->member("rotation_policy_id") : std::string();
}

bool owns(const store::Target& target, const scaivault::events::Row& event) {
    constexpr std::string_view partner = "partner/";
    if (event.owner.starts_with(partner))
        return target.partner_id == std::string_view(event.owner).substr(partner.size());
    return target.tenant_id == event.owner;
}

struct Owners {
    std::vector<std::string> tenants, partners, policies;
};
Owners owners_of(const std::vector<scaivault::events::Row>& events) {
    constexpr std::string_view partner = "partner/";
    std::set<std::string> tenants, partners, policies;
    for (const auto& event : events) {
        if (event.owner.starts_with(partner))
            partners.insert(event.owner.substr(partner.size()));
        else
            tenants.insert(event.owner);
        if (auto policy = rotation_policy_of(event); !policy.empty())
            policies.insert(std::move(policy));
    }
    return {{tenants.begin(), tenants.end()},
            {partners.begin(), partners.end()},
            {policies.begin(), policies.end()}};
}

audit::Entry audit_entry(const Claim& claim, const Settlement& settlement) {
    audit::Entry out;
    out.tenant_id = claim.tenant_id;
    out.action = "webhook_delivery";
    out.identity_type = "system";
    out.identity_id = "system:webhook-delivery";
    out.secret_path = claim.event.path;
    out.request_id = claim.event.request_id;
    out.success = settlement.status == "success";
    out.duration_ms = settlement.duration_ms;
    out.extra = Value::object({{"webhook_id", claim.webhook_id},
                               {"delivery_id", claim.delivery_id},
                               {"event_id", claim.event.event_id},
                               {"event_type", claim.event.type},
                               {"attempts", claim.attempt}});
    if (settlement.response_code != 0)
        out.extra.set("response_code", settlement.response_code);
    if (!settlement.error.empty())
        out.extra.set("error", settlement.error);
    return out;
}

} // namespace

Value DeliverCounters::json() const {
    return Value::object({{"events", events},
                          {"deliveries", deliveries},
                          {"attempts", attempts},
                          {"succeeded", succeeded},
                          {"failed", failed},
                          {"given_up", given_up},
                          {"put_back", put_back},
                          {"disabled", disabled}});
}

Deliverer::Deliverer(scai::db::Pool& pool, seal::Keyring& keyring, policies::Evaluator& evaluator,
                     const scai::Clock& clock, DeliverSettings settings)
    : pool_(pool), keyring_(keyring), evaluator_(evaluator), clock_(clock), settings_(std::move(settings)),
      fleet_(scai::http::make_curl_fleet(settings_.parallel)) {}

void Deliverer::run(const std::function<bool()>& should_stop) {
    bool more = true;
    while (more && !should_stop()) {
        while (!should_stop() && spread()) {
        }
        more = deliver(should_stop);
    }
}

/// One batch of events; true when there may be more at once.
bool Deliverer::spread() {
    struct Batch {
        std::int64_t events = 0, deliveries = 0;
        bool full = false;
    };
    subscriptions::Access access(evaluator_);
    const auto batch = scai::db::in_tx(pool_, Scope::all_tenants(), [&](Tx& tx) {
        Batch out;
        const auto from = store::take_position(tx);
        if (!from)
            return out; // another process is at it
        const auto horizon = scaivault::events::store::horizon(tx);
        const auto events =
            scaivault::events::store::read_after(tx, "", {from->txid, from->seq}, horizon, spread_batch);
        if (events.empty())
            return out;
        const auto owners = owners_of(events);
        const auto targets = store::targets(tx, owners.tenants, owners.partners);
        const auto routes = owners.policies.empty() ? std::vector<store::Route>{}
                                                    : store::routes(tx, owners.tenants, owners.policies);
        std::vector<store::NewDelivery> wanted;
        for (const auto& event : events) {
            if (!event.only_webhook.empty())
                continue;
            const auto policy = routes.empty() ? std::string() : rotation_policy_of(event);
            for (const auto& target : targets) {
                if (!owns(target, event))
                    continue;
                const bool routed =
                    !policy.empty() && std::any_of(routes.begin(), routes.end(), [&](const auto& route) {
                        return route.policy_id == policy && route.tenant_id == target.tenant_id &&
                               route.webhook_id == target.id;
                    });
                const bool asked = scaivault::events::wanted(target.events, event.type) &&
                                   scaivault::events::passes(target.filter, event) &&
                                   (target.subscription_id.empty() ||
                                    access.may_see(tx, target.tenant_id, target.subscription_id, event));
                if (routed || asked)
                    wanted.push_back({target.tenant_id, target.id, &event});
            }
        }
        if (!wanted.empty())
            out.deliveries = store::insert_deliveries(tx, wanted);
        store::move_position(tx, events.back().txid, events.back().seq);
        out.events = static_cast<std::int64_t>(events.size());
        out.full = out.events == spread_batch;
        return out;
    });
    counters_.events += batch.events;
    counters_.deliveries += batch.deliveries;
    return batch.full;
}

Result<scai::http::Request> request_of(seal::Keyring& keyring, const Claim& claim, scai::UtcTime now,
                                       const DeliverSettings& settings) {
    std::vector<scai::SecretText> secrets;
    const std::string place = "webhooks/" + claim.webhook_id;
    for (const auto& each : claim.secrets) {
        SCAI_TRY(auto secret, keyring.open({.tenant_id = claim.tenant_id,
                                            .partner_id = claim.partner_id,
                                            .secret_id = claim.webhook_id,
                                            .path = place,
                                            .version = each.number},
                                           each.sealed));
        secrets.push_back(std::move(secret));
    }
    auto out = scai::webhook::post(claim.url, scaivault::events::body_of(claim.event), settings.timeout);
    out.headers = headers(claim.event, out.body, scai::unix_seconds(now), secrets);
    out.public_only = !settings.allow_private;
    out.keep_connection = true; // receivers bear duplicates: the event id says so
    out.resolve = settings.resolve;
    return out;
}

/// Nothing when it cannot be signed now: one damaged secret must not hold up the webhooks of everybody else.
std::optional<scai::http::Request> signed_request(seal::Keyring& keyring, const Claim& claim,
                                                  scai::UtcTime now, const DeliverSettings& settings) {
    try {
        auto request = request_of(keyring, claim, now, settings);
        return request ? std::optional(std::move(request).value()) : std::nullopt;
    } catch (const seal::Damaged& damaged) {
        scai::log::error(
            "webhook_secret_damaged",
            {{"tenant", claim.tenant_id}, {"webhook_id", claim.webhook_id}, {"what", damaged.what()}});
        return std::nullopt;
    }
}

Settlement settlement_of(const Claim& claim, const Outcome& outcome) {
    Settlement out{.tenant_id = claim.tenant_id,
                   .delivery_id = claim.delivery_id,
                   .attempt = claim.attempt,
                   .duration_ms = outcome.took.count(),
                   .response_code = outcome.status.value_or(0),
                   .error = outcome.error,
                   .status = "success",
                   .pause = 0};
    if (outcome.ok())
        return out;
    const auto wait = claim.is_test ? std::nullopt : scai::webhook::retry_after(claim.rung);
    out.status = wait ? "pending" : "failed";
    out.pause = wait ? wait->count() : 0;
    return out;
}

/// One batch of deliveries; false when nothing was due.
bool Deliverer::deliver(const std::function<bool()>& should_stop) {
    // Long enough for the whole batch to wait its turn and time out.
    const std::int64_t lease = settings_.timeout.count() * (settings_.batch / settings_.parallel + 2) + 30;
    const auto claims = scai::db::in_tx(pool_, Scope::all_tenants(),
                                        [&](Tx& tx) { return store::claim(tx, settings_.batch, lease); });
    if (claims.empty())
        return false;
    std::vector<Settlement> unsendable;
    flushed_at_ = std::chrono::steady_clock::now();
    for (const auto& claim : claims) {
        auto request = signed_request(keyring_, claim, clock_.now(), settings_);
        if (!request) {
            unsendable.push_back(settlement_of(claim, {}));
            continue;
        }
        scai::webhook::send(*fleet_, std::move(*request),
                            [this, &claim](const Outcome& outcome) { finish(claim, outcome); });
    }
    fleet_->watch(should_stop);
    fleet_->run();
    flush(/*all=*/true);
    if (!unsendable.empty()) {
        scai::log::warn("webhooks_not_signed",
                        {{"deliveries", static_cast<std::int64_t>(unsendable.size())}});
        counters_.put_back += static_cast<std::int64_t>(unsendable.size());
        scai::db::in_tx(pool_, Scope::all_tenants(),
                        [&](Tx& tx) { store::put_back(tx, unsendable, put_back_seconds); });
    }
    return true;
}

void Deliverer::finish(const Claim& claim, const Outcome& outcome) {
    auto settlement = settlement_of(claim, outcome);
    ++counters_.attempts;
    ++(outcome.ok() ? counters_.succeeded : counters_.failed);
    if (settlement.status == "failed") {
        ++counters_.given_up;
        scai::log::warn(
            "webhook_given_up",
            {{"delivery", claim.delivery_id}, {"event_id", claim.event.event_id}, {"error", outcome.error}});
    }
    finished_.push_back({std::move(settlement), &claim});
    flush(/*all=*/false);
}

void Deliverer::flush(bool all) {
    const auto now = std::chrono::steady_clock::now();
    if (finished_.empty() || (!all && finished_.size() < flush_at && now - flushed_at_ < flush_after))
        return;
    std::vector<Settlement> settlements;
    std::vector<audit::Row> rows;
    for (const auto& [settlement, claim] : finished_) {
        settlements.push_back(settlement);
        if (settlement.status != "pending")
            rows.emplace_back(audit_entry(*claim, settlement));
    }
    std::vector<const audit::Row*> pointers;
    for (const auto& row : rows)
        pointers.push_back(&row);
    counters_.disabled += scai::db::in_tx(pool_, Scope::all_tenants(), [&](Tx& tx) {
        const auto disabled = store::settle(tx, settlements, failures_until_disabled);
        if (!pointers.empty())
            audit::insert_rows(tx, pointers);
        return disabled;
    });
    finished_.clear();
    flushed_at_ = now;
}

std::int64_t purge(scai::db::Pool& pool, std::int64_t days) {
    std::int64_t removed = 0;
    for (const auto step : {store::purge_deliveries, store::purge_buffers, store::purge_events})
        removed += scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) { return step(tx, days); });
    return removed;
}

} // namespace scaivault::webhooks
