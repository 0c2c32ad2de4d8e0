// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/partners.hpp"

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

constexpr const char* list_partners_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT p.id
      FROM scaikey.partners p
     WHERE p.deleted_at IS NULL
       AND (:p1 = '' OR p.status = :p1)
       AND (:p2 = '' OR strpos(lower(p.name), lower(:p2)) > 0 OR strpos(p.slug, lower(:p2)) > 0))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.partner_json(p) ORDER BY p.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p3::bigint LIMIT :p4::bigint) page
          JOIN scaikey.partners p ON p.id = page.id))";

constexpr const char* get_partner_sql = R"(
SELECT scaikey.partner_json(p)::text
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL)";

constexpr const char* insert_partner_sql = R"(
INSERT INTO scaikey.partners AS p (id, name, slug, status, contact_email, max_tenants, max_users_per_tenant,
                                   max_applications_per_tenant)
SELECT :p1, r.name, r.slug, coalesce(r.status, 'ACTIVE'), r.contact_email, r.max_tenants, r.max_users_per_tenant,
       r.max_applications_per_tenant
  FROM jsonb_populate_record(NULL::scaikey.partners, :p2::jsonb) r
RETURNING scaikey.partner_json(p)::text)";

constexpr const char* update_partner_sql = R"(
UPDATE scaikey.partners p
   SET (name, slug, status, contact_email, max_tenants, max_users_per_tenant, max_applications_per_tenant, updated_at) =
       (SELECT r.name, r.slug, r.status, r.contact_email, r.max_tenants, r.max_users_per_tenant,
               r.max_applications_per_tenant, clock_timestamp()
          FROM jsonb_populate_record(p, :p2::jsonb) r)
 WHERE p.id = :p1 AND p.deleted_at IS NULL
RETURNING scaikey.partner_json(p)::text)";

constexpr const char* lock_partner_sql = R"(
SELECT p.id
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL
   FOR UPDATE)";

constexpr const char* live_tenants_sql = R"(
SELECT count(*)
  FROM scaikey.tenants t
 WHERE t.partner_id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* delete_partner_sql = R"(
UPDATE scaikey.partners p
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE p.id = :p1)";

constexpr const char* duplicate_partner = "A partner with this slug exists already";

Status super_only(const Caller& by) {
    if (!by.reach.platform())
        return forbidden("Partners are for super_admin");
    return Done{};
}

Result<Value> checked_partner(const Value& body, bool create) {
    constexpr scai::json::IntegerLimits limit{.min = 0, .max = 1'000'000'000};
    Changes changes(body);
    organization_fields(changes, create);
    changes.integer("max_tenants", limit, Null::empties);
    changes.integer("max_users_per_tenant", limit, Null::empties);
    changes.integer("max_applications_per_tenant", limit, Null::empties);
    return changes.take();
}

} // namespace

void organization_fields(Changes& changes, bool create) {
    if (create) {
        changes.require("name");
        changes.require("slug");
    }
    changes.text("name", {.max = 200});
    changes.slug("slug");
    changes.text("status", {.max = 20, .one_of = {"ACTIVE", "SUSPENDED"}});
    changes.email("contact_email", Null::empties);
}

Result<ListPage> list_partners(Pool& pool, const Caller& by, const OrganizationFilter& filter,
                               const Paging& paging) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_only(by));
    auto [total, rows] = pool.read(Scope::none())
                             .one<std::int64_t, std::string>(list_partners_sql, filter.status, filter.search,
                                                             paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get_partner(Pool& pool, const Caller& by, const std::string& id) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_only(by));
    auto found = pool.read(Scope::none()).maybe<std::string>(get_partner_sql, id);
    if (!found)
        return not_found("Partner");
    return std::move(*found);
}

Result<std::string> create_partner(Pool& pool, const Caller& by, const Value& body) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_only(by));
    SCAI_TRY(const auto changes, checked_partner(body, /*create=*/true));
    const std::string id = "prt_" + scai::crypto::random_id(20);
    return in_tx_unique(pool, Scope::none(), duplicate_partner, [&](Tx& tx) -> Result<std::string> {
        auto object = tx.one<std::string>(insert_partner_sql, id, changes.dump());
        emit_partner(tx, by, "partner.created", id);
        return object;
    });
}

Result<std::string> update_partner(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_only(by));
    SCAI_TRY(const auto changes, checked_partner(body, /*create=*/false));
    return in_tx_unique(pool, Scope::none(), duplicate_partner, [&](Tx& tx) -> Result<std::string> {
        auto object = tx.maybe<std::string>(update_partner_sql, id, changes.dump());
        if (!object)
            return not_found("Partner");
        emit_partner(tx, by, "partner.updated", id);
        return std::move(*object);
    });
}

Status delete_partner(Pool& pool, const Caller& by, const std::string& id) {
    SCAI_TRY([[maybe_unused]] auto allowed, super_only(by));
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) -> Status {
        if (!tx.maybe<std::string>(lock_partner_sql, id))
            return not_found("Partner");
        if (tx.one<std::int64_t>(live_tenants_sql, id) > 0)
            return conflict("The partner still has tenants");
        tx.run(delete_partner_sql, id);
        emit_partner(tx, by, "partner.deleted", id);
        return Done{};
    });
}

} // namespace scaikey::directory
