// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/identity_source.hpp"

#include "lib/json/value.hpp"
#include "lib/scaikey/directory/events.hpp"

namespace scaikey::directory {

using scai::Result;
using scai::db::Pool;
using scai::db::Tx;

namespace {

constexpr const char* list_mismatches_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT u.id
      FROM scaikey.users u
     WHERE u.deleted_at IS NULL AND u.identity_source <> 'LOCAL' AND u.password_hash IS NOT NULL
       AND (:p1::text[] IS NULL OR u.tenant_id = ANY (:p1::text[])))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(json_build_object('user_id', u.id, 'tenant_id', u.tenant_id, 'email', u.email,
                                   'identity_source', u.identity_source, 'expected', 'LOCAL', 'fixed', false)
                                 ORDER BY u.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p2::bigint LIMIT :p3::bigint) page
          JOIN scaikey.users u ON u.id = page.id))";

// Still so, and not above the caller (:p2, rank_of).
constexpr const char* repair_source_sql = R"(
UPDATE scaikey.users u
   SET identity_source = 'LOCAL', updated_at = clock_timestamp()
 WHERE u.id = :p1 AND u.deleted_at IS NULL AND u.identity_source <> 'LOCAL' AND u.password_hash IS NOT NULL
   AND :p2::int >= CASE u.admin_role WHEN 'super_admin' THEN 3 WHEN 'partner_admin' THEN 2 WHEN 'tenant_admin' THEN 1
                                     ELSE 0 END)";

std::string repaired(Tx& tx, const Caller& by, const std::string& rows) {
    auto out = scai::json::Value::array();
    scai::json::parse(rows).value().each_item([&](const scai::json::Value& row) {
        const auto id = row.member("user_id");
        const bool fixed = tx.run(repair_source_sql, id, rank_of(by.reach)) > 0;
        if (fixed)
            emit_user(tx, by, "user.updated", id);
        auto copy = row;
        out.push(copy.set("fixed", fixed));
    });
    return out.dump();
}

} // namespace

Result<ListPage> identity_mismatches(Pool& pool, const Caller& by,
                                     const std::optional<std::string>& tenant_id, const Paging& paging,
                                     Mismatches what) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<ListPage> {
        SCAI_TRY(const auto tenants, select_tenants(tx, by.reach, tenant_id, std::nullopt));
        auto [total, rows] =
            tx.one<std::int64_t, std::string>(list_mismatches_sql, tenants, paging.offset(), paging.per_page);
        if (what == Mismatches::repair)
            rows = repaired(tx, by, rows);
        return ListPage{total, std::move(rows)};
    });
}

} // namespace scaikey::directory
