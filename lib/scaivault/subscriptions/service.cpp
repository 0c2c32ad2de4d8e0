// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/subscriptions/service.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/subscriptions/access.hpp"
#include "lib/scaivault/webhooks/wire.hpp"

#include <algorithm>
#include <thread>

namespace scaivault::subscriptions {

using scai::Result;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Fields;
using scai::json::Value;
using scaivault::events::Row;

namespace {

constexpr std::int64_t pull_batch = 1000;
constexpr std::chrono::milliseconds first_pause{100}, longest_pause{500};

void read_delivery(const Value& body, Fields& fields, bool is_new, bool allow_private, Wanted& out) {
    auto& subscription = out.subscription;
    const auto delivery = body.get("delivery");
    if (!delivery.is_object()) {
        fields.reject("delivery", "must be an object with type \"webhook\" or \"polling\"");
        return;
    }
    const auto reject = [&](const char* key, std::string message) {
        fields.reject(std::string("delivery.") + key, std::move(message));
    };
    const auto type = delivery.get("type");
    const auto name = type.text_or(is_new ? "" : subscription.delivery_type);
    if (name != "webhook" && name != "polling")
        return reject("type", "must be webhook or polling");
    if (!is_new && name != subscription.delivery_type)
        return reject("type", "cannot be changed: make another subscription");
    subscription.delivery_type = name;
    const auto url = delivery.get("url"), secret = delivery.get("secret"),
               buffer = delivery.get("buffer_size");
    if (name == "polling") {
        if (url.present() || secret.present())
            reject(url.present() ? "url" : "secret", "belongs to type webhook");
        if (buffer.present()) {
            const auto size = buffer.is_integer() ? buffer.integer() : std::nullopt;
            if (!size || *size < 1 || *size > largest_buffer)
                reject("buffer_size", "must be a number from 1 to " + std::to_string(largest_buffer));
            subscription.buffer_size = size.value_or(subscription.buffer_size);
        }
        return;
    }
    if (buffer.present())
        reject("buffer_size", "belongs to type polling");
    if (is_new || url.present()) {
        subscription.url = url.text_or("");
        if (const auto problem = webhooks::url_problem(subscription.url, allow_private); !problem.empty())
            reject("url", problem);
    }
    if (is_new || secret.present()) {
        const auto text = secret.text_or("");
        if (text.size() < 16 || text.size() > 512)
            reject("secret", "must be a string of 16 to 512 bytes");
        out.secret = scai::SecretText(text);
    }
}

/// Named alone; a family or "*" may stand for such events, too.
bool never_has_path(std::string_view type) {
    return type == "webhook.test" ||
           (type.starts_with("policy.") && type != "policy.*" && type != "policy.violation");
}

/// Events behind the position that the subscription asks for and its owner may hear of.
struct Look {
    std::vector<Row> rows; ///< of the tenant and of its partner, in order
    bool full = false;
};
Look look(Pool& pool, const Subscription& subscription, const Caller& caller) {
    Look out;
    std::string horizon;
    bool cut = false;
    scaivault::events::store::Position end;
    for (const auto& owner : {caller.tenant_id, partner_owner(caller)}) {
        auto reader = pool.read(Scope::tenant(owner));
        if (horizon.empty())
            horizon = scaivault::events::store::horizon(reader);
        auto rows =
            scaivault::events::store::read_after(reader, owner, subscription.position, horizon, pull_batch);
        if (rows.size() == static_cast<std::size_t>(pull_batch)) {
            // Beyond the shorter of two full lists the other's rows are not known yet.
            const auto last = scaivault::events::store::position_of(rows.back());
            if (!cut || scaivault::events::store::before(last, end))
                end = last;
            cut = true;
        }
        std::move(rows.begin(), rows.end(), std::back_inserter(out.rows));
    }
    std::sort(out.rows.begin(), out.rows.end(), [](const Row& a, const Row& b) {
        return scaivault::events::store::before(scaivault::events::store::position_of(a),
                                                scaivault::events::store::position_of(b));
    });
    if (cut)
        std::erase_if(out.rows, [&](const Row& row) {
            return scaivault::events::store::before(end, scaivault::events::store::position_of(row));
        });
    out.full = cut;
    return out;
}

} // namespace

Result<Wanted> parse(const Value& body, const Subscription* base, bool allow_private) {
    Fields fields(body, "body");
    Wanted out;
    if (base != nullptr)
        out.subscription = *base;
    auto& subscription = out.subscription;
    const bool is_new = base == nullptr;
    if (is_new || fields.has("name"))
        subscription.name = fields.text("name", {.max = 128});
    if (is_new || fields.has("paths")) {
        subscription.paths = fields.optional_text_list("paths", {.max = 512}, 100);
        if (subscription.paths.empty())
            fields.reject("paths", "must be a list of 1 to 100 path patterns");
    }
    if (is_new || fields.has("events")) {
        subscription.events = scaivault::events::read_patterns(fields, /*required=*/true);
        for (std::size_t i = 0; i < subscription.events.size(); ++i)
            if (never_has_path(subscription.events[i]))
                fields.reject("events[" + std::to_string(i) + "]",
                              "has no path, so no subscription hears of it: a webhook does");
    }
    if (auto filter = scaivault::events::read_filter(body, fields)) {
        if (!filter->path_prefix.empty())
            fields.reject("filters.path_prefix", "is what paths says already");
        subscription.filter = std::move(*filter);
    }
    if (is_new || fields.has("delivery"))
        read_delivery(body, fields, is_new, allow_private, out);
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    for (std::size_t i = 0; i < subscription.paths.size(); ++i)
        if (const auto pattern = policies::Pattern::parse(subscription.paths[i]); !pattern)
            return invalid("invalid_glob", "paths[" + std::to_string(i) + "]: " + pattern.error().message);
    return out;
}

Value to_json(const Subscription& subscription) {
    auto delivery = Value::object({{"type", subscription.delivery_type}});
    if (subscription.delivery_type == "webhook")
        delivery.set("url", subscription.url);
    else
        delivery.set("buffer_size", subscription.buffer_size);
    const bool healthy = subscription.webhook_state.empty() || subscription.webhook_state == "healthy";
    auto out = Value::object({{"id", subscription.id},
                              {"name", subscription.name},
                              {"status", healthy ? "active" : std::string_view(subscription.webhook_state)},
                              {"identity_id", subscription.identity_id},
                              {"paths", Value::array_of(subscription.paths)},
                              {"events", Value::array_of(subscription.events)},
                              {"filters", scaivault::events::to_json(subscription.filter)},
                              {"delivery", delivery},
                              {"created_at", subscription.created_at},
                              {"updated_at", subscription.updated_at}});
    if (subscription.delivery_type == "polling") {
        out.set("dropped_events", subscription.dropped);
        out.set("pending_events", subscription.pending);
    }
    return out;
}

scai::Error subscription_not_found(std::string_view id) {
    return not_found("subscription_not_found", "there is no such subscription",
                     Value::object({{"subscription_id", id}}));
}

Result<Subscription> find_own(Pool& pool, const Caller& caller, std::string_view id) {
    auto reader = pool.read(Scope::tenant(caller.tenant_id));
    auto found = store::find(reader, caller.tenant_id, id);
    if (!found || found->identity != caller.identity)
        return subscription_not_found(id);
    return std::move(*found);
}

bool pull(Pool& pool, policies::Evaluator& evaluator, const Caller& caller, std::string_view id) {
    const auto subscription = find_own(pool, caller, id);
    if (!subscription)
        return true; // removed meanwhile
    const auto patterns = compile(subscription->paths);
    const auto found = look(pool, *subscription, caller);
    if (found.rows.empty())
        return true;
    std::vector<const Row*> matching;
    for (const auto& row : found.rows)
        if (row.only_webhook.empty() && scaivault::events::wanted(subscription->events, row.type) &&
            scaivault::events::passes(subscription->filter, row) && paths_fit(patterns, row.path) &&
            may_hear(evaluator, caller, row.path))
            matching.push_back(&row);
    // Another poll of the same subscription may have been quicker: then its position is another one.
    scai::db::in_tx(pool, Scope::tenant(caller.tenant_id), [&](Tx& tx) {
        store::advance(tx, caller.tenant_id, *subscription,
                       scaivault::events::store::position_of(found.rows.back()), matching);
    });
    return !found.full;
}

Result<Polled> poll(Pool& pool, policies::Evaluator& evaluator, const Caller& caller, std::string_view id,
                    const Poll& how, const std::function<bool()>& must_stop) {
    const auto end = std::chrono::steady_clock::now() + how.timeout;
    auto pause = first_pause;
    for (;;) {
        SCAI_TRY(const auto subscription, find_own(pool, caller, id));
        if (subscription.delivery_type != "polling")
            return conflict("not_polling", "this subscription is delivered to a webhook");
        while (!pull(pool, evaluator, caller, id)) {
        }
        Polled out;
        {
            auto reader = pool.read(Scope::all_tenants()); // events of the partner belong to another owner
            out.events = store::pending(reader, caller.tenant_id, id, how.since_event_id, how.max_events + 1);
        }
        if (out.events.size() > static_cast<std::size_t>(how.max_events)) {
            out.events.pop_back();
            out.has_more = true;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (!out.events.empty() || left.count() <= 0 || must_stop())
            return out;
        std::this_thread::sleep_for(std::min(pause, left));
        pause = std::min(longest_pause, pause * 2);
    }
}

} // namespace scaivault::subscriptions
