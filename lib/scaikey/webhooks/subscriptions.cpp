// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/subscriptions.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/changes.hpp"
#include "lib/scaikey/webhooks/rules.hpp"
#include "lib/webhook/webhook.hpp"

namespace scaikey::webhooks {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Reader;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* list_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT w.id
      FROM scaikey.webhooks w
      LEFT JOIN scaikey.tenants t ON t.id = w.tenant_id
     WHERE CASE :p1
           WHEN 'platform' THEN true
           WHEN 'partner' THEN coalesce(w.partner_id, t.partner_id) = :p2
           ELSE w.tenant_id = :p2
           END
       AND (:p3 = '' OR w.tenant_id = :p3)
       AND (:p4 = '' OR coalesce(w.partner_id, t.partner_id) = :p4))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.webhook_json(w) ORDER BY w.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p5::bigint LIMIT :p6::bigint) page
          JOIN scaikey.webhooks w ON w.id = page.id))";

constexpr const char* get_sql = R"(
SELECT coalesce(w.tenant_id, ''), coalesce(w.partner_id, t.partner_id, ''), scaikey.webhook_json(w)::text
  FROM scaikey.webhooks w
  LEFT JOIN scaikey.tenants t ON t.id = w.tenant_id
 WHERE w.id = :p1)";

constexpr const char* partner_live_sql = R"(
SELECT count(*)
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL)";

constexpr const char* insert_sql = R"(
INSERT INTO scaikey.webhooks AS w (id, name, url, events, secret, tenant_id, partner_id, enabled)
SELECT :p1, coalesce(r.name, r.url), r.url, coalesce(r.events, '{*}'), :p2, r.tenant_id, r.partner_id,
       coalesce(r.enabled, true)
  FROM jsonb_populate_record(NULL::scaikey.webhooks, :p3::jsonb) r
RETURNING scaikey.webhook_json(w)::text)";

constexpr const char* update_sql = R"(
UPDATE scaikey.webhooks w
   SET (name, url, events, enabled, updated_at) =
       (SELECT r.name, r.url, r.events, r.enabled, clock_timestamp()
          FROM jsonb_populate_record(w, :p2::jsonb) r)
 WHERE w.id = :p1
RETURNING scaikey.webhook_json(w)::text)";

constexpr const char* rotate_sql = R"(
UPDATE scaikey.webhooks w
   SET previous_secret = w.secret, previous_secret_until = now() + interval '24 hours', secret = :p2,
       updated_at = clock_timestamp()
 WHERE w.id = :p1
RETURNING scaikey.webhook_json(w)::text)";

constexpr const char* delete_sql = "DELETE FROM scaikey.webhooks w WHERE w.id = :p1";

constexpr const char* test_event_sql = R"(
INSERT INTO scaikey.events (event_type, tenant_id, partner_id, resource_type, resource_id, actor_type, actor_id, data,
                            only_webhook)
SELECT 'webhook.test', w.tenant_id, w.partner_id, 'webhook', w.id, :p2, nullif(:p3, ''),
       jsonb_build_object('webhook_id', w.id, 'name', w.name), w.id
  FROM scaikey.webhooks w
 WHERE w.id = :p1
RETURNING event_id)";

constexpr const char* delivery_of_event_sql = R"(
SELECT scaikey.delivery_json(d)::text
  FROM scaikey.deliveries d
 WHERE d.webhook_id = :p1 AND d.event_id = :p2
 ORDER BY d.id DESC
 LIMIT 1)";

// Newest first: what an operator looks for.
constexpr const char* deliveries_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT d.id
      FROM scaikey.deliveries d
     WHERE d.webhook_id = :p1 AND (:p2 = '' OR d.status = :p2))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.delivery_json(d) ORDER BY d.id DESC)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id DESC OFFSET :p3::bigint LIMIT :p4::bigint) page
          JOIN scaikey.deliveries d ON d.id = page.id))";

constexpr const char* delivery_sql = R"(
SELECT (scaikey.delivery_json(d)::jsonb
        || jsonb_build_object(
               'event', jsonb_build_object('event_id', e.event_id, 'event_type', e.event_type,
                            'timestamp', scaikey.iso(e.occurred_at),
                            'resource', jsonb_build_object('type', e.resource_type, 'id', e.resource_id),
                            'actor', jsonb_build_object('type', e.actor_type, 'id', e.actor_id), 'data', e.data,
                            'tenant_id', e.tenant_id, 'partner_id', e.partner_id),
               'log', (SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', a.attempt, 'at', scaikey.iso(a.at),
                                  'duration_ms', a.duration_ms, 'http_status', a.http_status, 'error', a.error)
                                  ORDER BY a.attempt), '[]'::jsonb)
                         FROM scaikey.delivery_attempts a
                        WHERE a.delivery_id = d.id)))::text
  FROM scaikey.deliveries d
  JOIN scaikey.events e ON e.event_id = d.event_id
 WHERE d.webhook_id = :p1 AND d.id = :p2::bigint)";

constexpr const char* redeliver_sql = R"(
INSERT INTO scaikey.deliveries (webhook_id, event_id)
SELECT d.webhook_id, d.event_id
  FROM scaikey.deliveries d
 WHERE d.webhook_id = :p1 AND d.id = :p2::bigint
RETURNING event_id)";

Result<std::string> find(Reader& reader, const Caller& by, const std::string& id) {
    auto row = reader.maybe<std::string, std::string, std::string>(get_sql, id);
    if (!row || !covers(by.reach, std::get<0>(*row), std::get<1>(*row)))
        return not_found("Webhook");
    return std::get<2>(std::move(*row));
}

void common_fields(Changes& changes, const Value& body) {
    changes.text("name", {.max = 200});
    changes.text("url", {.max = 2000});
    changes.texts("events", {.max = 100}, 100);
    changes.boolean("enabled");
    if (changes.has("url") && !scai::webhook::valid_url(changes.member("url")))
        changes.reject("url", "must be an http or https URL without credentials or fragment");
    if (body.get("events").is_array() && body.get("events").size() == 0)
        changes.reject("events", "must name at least one event; \"*\" means all");
    body.get("events").each_item([&](const Value& item) {
        if (const auto pattern = item.text(); pattern && !valid_pattern(*pattern))
            changes.reject("events", "unknown event " + *pattern + "; see GET /api/v1/admin/webhooks/events");
    });
}

std::string with_secret(const std::string& object, const std::string& secret) {
    auto parsed = scai::json::parse(object);
    if (!parsed)
        throw std::logic_error("the database returned no JSON object");
    return parsed->set("secret", secret).dump();
}

/// A tenant or partner within reach; nothing at all only for the platform.
Status check_owner(Tx& tx, const Caller& by, const std::string& tenant, const std::string& partner) {
    if (!tenant.empty() && !partner.empty())
        return bad_field("body.partner_id", "give tenant_id or partner_id, not both");
    if (!tenant.empty()) {
        if (!find_tenant_ref(tx, by.reach, tenant))
            return bad_field("body.tenant_id", "there is no such tenant within your reach");
        return Done{};
    }
    if (!covers(by.reach, "", partner))
        return forbidden("Only super_admin may subscribe to more than the own tenant or partner");
    if (!partner.empty() && tx.one<std::int64_t>(partner_live_sql, partner) == 0)
        return bad_field("body.partner_id", "there is no such partner");
    return Done{};
}

} // namespace

Result<ListPage> list(Pool& pool, const Caller& by, const std::optional<std::string>& tenant_id,
                      const std::optional<std::string>& partner_id, const Paging& paging) {
    if (by.reach.kind == Reach::Kind::none)
        return forbidden("This token reaches no tenant");
    const char* reach = by.reach.platform()                     ? "platform"
                        : by.reach.kind == Reach::Kind::partner ? "partner"
                                                                : "tenant";
    auto [total, rows] =
        pool.read(Scope::none())
            .one<std::int64_t, std::string>(list_sql, reach, by.reach.id, tenant_id.value_or(""),
                                            partner_id.value_or(""), paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get(Pool& pool, const Caller& by, const std::string& id) {
    auto reader = pool.read(Scope::none());
    return find(reader, by, id);
}

Result<std::string> create(Pool& pool, const Caller& by, const Value& body) {
    Changes changes(body);
    changes.require("url");
    common_fields(changes, body);
    changes.text("secret", {.min = 8, .max = 200});
    changes.text("tenant_id", {.max = 64}, Null::empties);
    changes.text("partner_id", {.max = 64}, Null::empties);
    if (by.reach.kind == Reach::Kind::tenant && changes.member("tenant_id").empty())
        changes.set("tenant_id", by.reach.id);
    if (by.reach.kind == Reach::Kind::partner && changes.member("tenant_id").empty() &&
        changes.member("partner_id").empty())
        changes.set("partner_id", by.reach.id);
    SCAI_TRY(auto accepted, changes.take());
    const std::string secret =
        changes.has("secret") ? changes.member("secret") : "whsec_" + scai::crypto::random_id(40);
    accepted.set("secret", Value(nullptr)); // travels as a parameter of its own
    const std::string id = "whk_" + scai::crypto::random_id(20);
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto owned,
                 check_owner(tx, by, changes.member("tenant_id"), changes.member("partner_id")));
        return with_secret(tx.one<std::string>(insert_sql, id, secret, accepted.dump()), secret);
    });
}

Result<std::string> update(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    Changes changes(body);
    common_fields(changes, body);
    changes.refuse("secret", "is changed by POST .../rotate-secret");
    for (const char* key : {"tenant_id", "partner_id"})
        changes.refuse(key, "cannot be changed: make another subscription");
    SCAI_TRY(const auto accepted, changes.take());
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto found, find(tx, by, id));
        return tx.one<std::string>(update_sql, id, accepted.dump());
    });
}

Status remove(Pool& pool, const Caller& by, const std::string& id) {
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Status {
        SCAI_TRY([[maybe_unused]] auto found, find(tx, by, id));
        tx.run(delete_sql, id);
        return Done{};
    });
}

Result<std::string> rotate_secret(Pool& pool, const Caller& by, const std::string& id) {
    const std::string secret = "whsec_" + scai::crypto::random_id(40);
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto found, find(tx, by, id));
        return with_secret(tx.one<std::string>(rotate_sql, id, secret), secret);
    });
}

Result<std::string> send_test(Pool& pool, const Caller& by, const std::string& id) {
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto found, find(tx, by, id));
        const auto event = tx.one<std::string>(test_event_sql, id, by.actor_type, by.actor_id);
        return tx.one<std::string>(delivery_of_event_sql, id, event);
    });
}

Result<ListPage> list_deliveries(Pool& pool, const Caller& by, const std::string& id,
                                 const std::string& status, const Paging& paging) {
    auto reader = pool.read(Scope::none());
    SCAI_TRY([[maybe_unused]] auto found, find(reader, by, id));
    auto [total, rows] =
        reader.one<std::int64_t, std::string>(deliveries_sql, id, status, paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get_delivery(Pool& pool, const Caller& by, const std::string& id, std::int64_t delivery) {
    auto reader = pool.read(Scope::none());
    SCAI_TRY([[maybe_unused]] auto found, find(reader, by, id));
    auto object = reader.maybe<std::string>(delivery_sql, id, delivery);
    if (!object)
        return not_found("Delivery");
    return std::move(*object);
}

Result<std::string> redeliver(Pool& pool, const Caller& by, const std::string& id, std::int64_t delivery) {
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto found, find(tx, by, id));
        const auto event = tx.maybe<std::string>(redeliver_sql, id, delivery);
        if (!event)
            return not_found("Delivery");
        return tx.one<std::string>(delivery_of_event_sql, id, *event);
    });
}

} // namespace scaikey::webhooks
