// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/delivery.hpp"

#include "lib/log/log.hpp"
#include "lib/scaikey/webhooks/rules.hpp"
#include "lib/webhook/webhook.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace scaikey::webhooks {

using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

// next_attempt_at is the lease while the attempt runs.
constexpr const char* claim_sql = R"(
WITH due AS (
    SELECT d.id
      FROM scaikey.deliveries d
      JOIN scaikey.webhooks w ON w.id = d.webhook_id
      JOIN scaikey.events e ON e.event_id = d.event_id
     WHERE d.status = 'pending' AND d.next_attempt_at <= now() AND (w.enabled OR e.only_webhook IS NOT NULL)
     ORDER BY d.next_attempt_at, d.id
     LIMIT :p1::bigint
       FOR UPDATE OF d SKIP LOCKED),
claimed AS (
    UPDATE scaikey.deliveries d
       SET attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => :p2::bigint)
      FROM due
     WHERE d.id = due.id
 RETURNING d.id, d.webhook_id, d.event_id, d.attempts)
SELECT c.id, c.attempts, w.url, w.secret,
       CASE WHEN w.previous_secret_until > now() THEN w.previous_secret ELSE '' END,
       e.event_id, e.event_type, scaikey.iso(e.occurred_at), coalesce(e.tenant_id, ''), coalesce(e.partner_id, ''),
       e.resource_type, e.resource_id, e.actor_type, coalesce(e.actor_id, ''), e.data::text
  FROM claimed c
  JOIN scaikey.webhooks w ON w.id = c.webhook_id
  JOIN scaikey.events e ON e.event_id = c.event_id
 ORDER BY c.id)";

// Only the attempt that holds the claim may settle it: after a lost lease the newer attempt decides.
constexpr const char* settle_sql = R"(
WITH log AS (
    INSERT INTO scaikey.delivery_attempts (delivery_id, attempt, duration_ms, http_status, error)
    SELECT d.id, :p2::integer, :p3::integer, :p4::integer, nullif(:p5, '')
      FROM scaikey.deliveries d
     WHERE d.id = :p1::bigint
        ON CONFLICT (delivery_id, attempt) DO NOTHING)
UPDATE scaikey.deliveries d
   SET status = :p6, last_status = :p4::integer, last_error = nullif(:p5, ''),
       next_attempt_at = CASE WHEN :p6 = 'pending' THEN now() + make_interval(secs => :p7::bigint) END,
       finished_at = CASE WHEN :p6 <> 'pending' THEN clock_timestamp() END
 WHERE d.id = :p1::bigint AND d.attempts = :p2::integer AND d.status = 'pending')";

constexpr const char* backlog_sql = R"(
SELECT count(*) FILTER (WHERE d.next_attempt_at <= now()), count(*)
  FROM scaikey.deliveries d
 WHERE d.status = 'pending')";

constexpr const char* purge_sql = R"(
DELETE FROM scaikey.events e
 WHERE e.seq IN (SELECT o.seq
                   FROM scaikey.events o
                  WHERE o.occurred_at < now() - make_interval(days => :p1::integer)
                    AND NOT EXISTS (SELECT FROM scaikey.deliveries d
                                     WHERE d.event_id = o.event_id AND d.status = 'pending')
                  ORDER BY o.occurred_at
                  LIMIT 10000))";

struct Claim {
    std::int64_t id;
    int attempt;
    std::string url;
    std::vector<std::string> secrets;
    Event event;
};

Value parsed_or_empty(const std::string& text) {
    auto value = scai::json::parse(text);
    return value ? *value : Value::object();
}

std::vector<Claim> claim(Pool& pool, const DeliverSettings& settings) {
    // Long enough for the whole batch to wait its turn and time out.
    const std::int64_t lease = settings.timeout.count() * (settings.batch / settings.parallel + 2) + 30;
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) {
        std::vector<Claim> out;
        using S = std::string;
        for (auto& row : tx.all<std::int64_t, int, S, S, S, S, S, S, S, S, S, S, S, S, S>(
                 claim_sql, settings.batch, lease)) {
            auto& [id, attempt, url, secret, previous, event_id, type, time, tenant, partner, resource_type,
                   resource_id, actor_type, actor_id, data] = row;
            Claim next{id, attempt, url, {secret}, {}};
            if (!previous.empty())
                next.secrets.push_back(previous);
            next.event = {event_id,      type,        time,       tenant,   partner,
                          resource_type, resource_id, actor_type, actor_id, parsed_or_empty(data)};
            out.push_back(std::move(next));
        }
        return out;
    });
}

scai::http::Request request_of(const Claim& claim, const scai::Clock& clock,
                               const DeliverSettings& settings) {
    auto request = scai::webhook::post(claim.url, body_of(claim.event), settings.timeout);
    const std::int64_t now = scai::unix_seconds(clock.now());
    request.headers = {{"Content-Type", "application/json"},
                       {"X-ScaiKey-Webhook-ID", std::to_string(claim.id)},
                       {"X-ScaiKey-Event-ID", claim.event.id},
                       {"X-ScaiKey-Event-Type", claim.event.type},
                       {"X-ScaiKey-Timestamp", std::to_string(now)},
                       {"X-ScaiKey-Signature", signature(now, request.body, claim.secrets)},
                       {"User-Agent", "ScaiKey-Webhook/1.0"}};
    return request;
}

void settle(Pool& pool, const Claim& claim, const scai::webhook::Outcome& outcome,
            DeliverCounters& counters) {
    ++counters.attempts;
    std::string state = "delivered";
    std::int64_t pause = 0;
    if (outcome.ok()) {
        ++counters.delivered;
    } else if (const auto wait = scai::webhook::retry_after(claim.attempt)) {
        ++counters.failed;
        state = "pending";
        pause = wait->count();
    } else {
        ++counters.failed;
        ++counters.given_up;
        state = "failed";
        scai::log::warn("webhook_given_up",
                        {{"delivery", claim.id}, {"event_id", claim.event.id}, {"error", outcome.error}});
    }
    scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) {
        tx.run(settle_sql, claim.id, claim.attempt, outcome.took.count(), outcome.status, outcome.error,
               state, pause);
    });
}

} // namespace

Value DeliverCounters::json() const {
    return Value::object(
        {{"attempts", attempts}, {"delivered", delivered}, {"failed", failed}, {"given_up", given_up}});
}

DeliverCounters deliver_due(Pool& pool, const scai::Clock& clock, const DeliverSettings& settings,
                            const std::function<bool()>& should_stop) {
    DeliverCounters counters;
    while (!should_stop()) {
        const auto claims = claim(pool, settings);
        if (claims.empty())
            break;
        auto fleet = scai::http::make_curl_fleet(settings.parallel);
        for (const auto& each : claims) {
            scai::webhook::send(
                *fleet, request_of(each, clock, settings),
                [&](const scai::webhook::Outcome& outcome) { settle(pool, each, outcome, counters); });
        }
        fleet->run();
    }
    return counters;
}

Backlog backlog(Pool& pool) {
    auto [due, pending] = pool.read(Scope::none()).one<std::int64_t, std::int64_t>(backlog_sql);
    return {due, pending};
}

std::int64_t purge_events(Pool& pool, std::int64_t days) {
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) { return tx.run(purge_sql, days); });
}

} // namespace scaikey::webhooks
