// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/tenants.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/events.hpp"
#include "lib/scaikey/directory/unique.hpp"

namespace scaikey::directory {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* list_tenants_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT t.id
      FROM scaikey.tenants t
     WHERE t.deleted_at IS NULL
       AND (:p1::text[] IS NULL OR t.id = ANY (:p1::text[]))
       AND (:p2 = '' OR t.status = :p2)
       AND (:p3 = '' OR strpos(lower(t.name), lower(:p3)) > 0 OR strpos(t.slug, lower(:p3)) > 0))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.tenant_json(t) ORDER BY t.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p4::bigint LIMIT :p5::bigint) page
          JOIN scaikey.tenants t ON t.id = page.id))";

constexpr const char* get_tenant_sql = R"(
SELECT scaikey.tenant_json(t)::text
  FROM scaikey.tenants t
 WHERE t.id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* partner_room_sql = R"(
SELECT coalesce(p.max_tenants, 2147483647),
       (SELECT count(*) FROM scaikey.tenants t WHERE t.partner_id = p.id AND t.deleted_at IS NULL)
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL
   FOR NO KEY UPDATE OF p)";

constexpr const char* insert_tenant_sql = R"(
INSERT INTO scaikey.tenants AS t (id, partner_id, name, slug, status, contact_email, settings, branding)
SELECT :p1, r.partner_id, r.name, r.slug, coalesce(r.status, 'ACTIVE'), r.contact_email,
       coalesce(r.settings, '{}'::jsonb), coalesce(r.branding, '{}'::jsonb)
  FROM jsonb_populate_record(NULL::scaikey.tenants, :p2::jsonb) r
RETURNING scaikey.tenant_json(t)::text)";

constexpr const char* update_tenant_sql = R"(
UPDATE scaikey.tenants t
   SET (partner_id, name, slug, status, contact_email, settings, branding, updated_at) =
       (SELECT r.partner_id, r.name, r.slug, r.status, r.contact_email, t.settings || r.settings,
               t.branding || r.branding, clock_timestamp()
          FROM jsonb_populate_record(t, :p2::jsonb) r)
 WHERE t.id = :p1 AND t.deleted_at IS NULL
RETURNING scaikey.tenant_json(t)::text)";

constexpr const char* partner_of_sql = R"(
SELECT coalesce(t.partner_id, '')
  FROM scaikey.tenants t
 WHERE t.id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* delete_tenant_sql = R"(
UPDATE scaikey.tenants t
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE t.id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* delete_assignments_sql =
    "DELETE FROM scaikey.app_assignments a WHERE a.tenant_id = :p1";
constexpr const char* delete_members_sql = "DELETE FROM scaikey.group_members m WHERE m.tenant_id = :p1";
constexpr const char* delete_groups_sql = R"(
UPDATE scaikey.groups g
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE g.tenant_id = :p1 AND g.deleted_at IS NULL)";
constexpr const char* delete_users_sql = R"(
UPDATE scaikey.users u
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE u.tenant_id = :p1 AND u.deleted_at IS NULL)";
constexpr const char* delete_applications_sql = R"(
UPDATE scaikey.applications a
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE a.tenant_id = :p1 AND a.deleted_at IS NULL)";

constexpr const char* duplicate_tenant = "A tenant with this slug exists already";

Status super_writes(const Caller& by) {
    if (!by.reach.platform())
        return forbidden("Only super_admin may change tenants");
    return Done{};
}

Result<Value> checked_tenant(const Value& body, bool create) {
    Changes changes(body);
    organization_fields(changes, create);
    changes.text("partner_id", {.max = 64}, Null::empties);
    changes.object("settings");
    changes.object("branding");
    return changes.take();
}

/// The partner named in `changes`, locked: it exists and has room for one more tenant.
Status partner_has_room(Tx& tx, const Value& changes, const std::string& current) {
    const std::string partner = changes.member("partner_id");
    if (partner.empty() || partner == current)
        return Done{};
    const auto row = tx.maybe<std::int64_t, std::int64_t>(partner_room_sql, partner);
    if (!row)
        return bad_field("body.partner_id", "there is no such partner");
    const auto [limit, live] = *row;
    if (live >= limit)
        return conflict("The partner may have at most " + std::to_string(limit) + " tenants");
    return Done{};
}

} // namespace

Result<ListPage> list_tenants(Pool& pool, const Caller& by, const OrganizationFilter& filter,
                              const Paging& paging) {
    auto reader = pool.read(Scope::none());
    SCAI_TRY(const auto tenants, select_tenants(reader, by.reach, std::nullopt, filter.partner_id));
    auto [total, rows] = reader.one<std::int64_t, std::string>(
        list_tenants_sql, tenants, filter.status, filter.search, paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get_tenant(Pool& pool, const Caller& by, const std::string& id) {
    auto reader = pool.read(Scope::none());
    SCAI_TRY(const auto tenant, find_tenant_ref(reader, by.reach, id));
    auto found = reader.maybe<std::string>(get_tenant_sql, tenant.id);
    if (!found)
        return not_found("Tenant");
    return std::move(*found);
}

Result<std::string> create_tenant(Pool& pool, const Caller& by, const Value& body) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_writes(by));
    SCAI_TRY(const auto changes, checked_tenant(body, /*create=*/true));
    const std::string id = "tnt_" + scai::crypto::random_id(20);
    return in_tx_unique(pool, Scope::none(), duplicate_tenant, [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto room, partner_has_room(tx, changes, ""));
        auto object = tx.one<std::string>(insert_tenant_sql, id, changes.dump());
        emit_tenant(tx, by, "tenant.created", id);
        return object;
    });
}

Result<std::string> update_tenant(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_writes(by));
    SCAI_TRY(const auto changes, checked_tenant(body, /*create=*/false));
    return in_tx_unique(pool, Scope::none(), duplicate_tenant, [&](Tx& tx) -> Result<std::string> {
        const auto partner = tx.maybe<std::string>(partner_of_sql, id);
        if (!partner)
            return not_found("Tenant");
        SCAI_TRY([[maybe_unused]] auto room, partner_has_room(tx, changes, *partner));
        auto object = tx.maybe<std::string>(update_tenant_sql, id, changes.dump());
        if (!object)
            return not_found("Tenant");
        emit_tenant(tx, by, "tenant.updated", id);
        return std::move(*object);
    });
}

Status delete_tenant(Pool& pool, const Caller& by, const std::string& id) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_writes(by));
    return scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) -> Status {
        if (tx.run(delete_tenant_sql, id) == 0)
            return not_found("Tenant");
        // tenant.deleted stands for everything inside.
        tx.run(delete_assignments_sql, id);
        tx.run(delete_members_sql, id);
        tx.run(delete_groups_sql, id);
        tx.run(delete_users_sql, id);
        tx.run(delete_applications_sql, id);
        emit_tenant(tx, by, "tenant.deleted", id);
        return Done{};
    });
}

} // namespace scaikey::directory
