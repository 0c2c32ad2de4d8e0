// The list of the catalog: one index walk for each way a package can reach its reader, merged. Cost does not
// depend on packages he does not see, nor on the page. SPDX-License-Identifier: Apache-2.0
#include "lib/db/sql.hpp"
#include "lib/scaiflow/catalog/store.hpp"
#include "lib/scaiflow/catalog/store_rows.hpp"

namespace scaiflow::catalog::store {

using scai::db::Executor;
using scai::db::joined;

namespace {

/// A search looks at this many packages for one page.
constexpr std::int64_t looked_at_by_search = 10'000;

// Behind the first four: :p5 the tenant walked, :p6 the search or null, :p7 :p8 :p9 the key before, :p10 how
// many to show, :p11 how far to look. `given` names them for the statements that do not need each.
constexpr char given[] = R"(
WITH given AS (
    SELECT :p1::text, :p2::text, :p3::text, :p4::text, :p5::text, :p6::text, :p7::bigint, :p8::text, :p9::text,
           :p10::bigint, :p11::bigint
))";

constexpr char walk[] = "SELECT c.updated_at, c.tenant_id, c.package_id FROM scaiflow.catalog_packages c "
                        "WHERE c.deleted_at IS NULL";
constexpr char of_tenant[] = " AND c.tenant_id = :p5::text";
constexpr char for_everybody[] = " AND c.visibility = 'tenant'";
constexpr char after_key[] = R"(
   AND c.updated_at <= timestamptz 'epoch' + :p7::bigint * interval '1 microsecond'
   AND (c.updated_at < timestamptz 'epoch' + :p7::bigint * interval '1 microsecond'
        OR (c.tenant_id, c.package_id) > (:p8::text, :p9::text))
 ORDER BY c.updated_at DESC, c.tenant_id, c.package_id LIMIT :p11::bigint)";
constexpr char to_caller[] = R"(
SELECT w.listed_at, w.tenant_id, w.package_id
  FROM (SELECT true, :p2::text
        UNION ALL
        SELECT false, m.group_id
          FROM scaiflow.memberships m
         WHERE m.tenant_id = :p5::text AND m.user_id = :p4::text AND m.deleted_at IS NULL) AS me (author, id)
 CROSS JOIN LATERAL (
       SELECT a.listed_at, a.tenant_id, a.package_id
         FROM scaiflow.catalog_audience a
        WHERE a.tenant_id = :p5::text AND a.author = me.author AND a.reader_id = me.id
          AND a.listed_at <= timestamptz 'epoch' + :p7::bigint * interval '1 microsecond'
          AND (a.listed_at < timestamptz 'epoch' + :p7::bigint * interval '1 microsecond'
               OR (a.tenant_id, a.package_id) > (:p8::text, :p9::text))
        ORDER BY a.listed_at DESC, a.package_id LIMIT :p11::bigint) AS w)";

constexpr char walked[] = ", walked (updated_at, tenant_id, package_id) AS ((";
constexpr char and_also[] = ") UNION ALL (";
constexpr char looked[] = R"()), looked AS MATERIALIZED (
    SELECT DISTINCT w.updated_at, w.tenant_id, w.package_id
      FROM walked w ORDER BY w.updated_at DESC, w.tenant_id, w.package_id LIMIT :p11::bigint
) ()";

// The last row (no visibility) tells how far was looked, and at how many as its name. NB: OFFSET 0 keeps the
// lookups one by one: a plan made without knowing the limits would join with all packages there are.
constexpr char page[] = R"(
  FROM looked l
 CROSS JOIN LATERAL (
       SELECT k.tenant_id, k.package_id, k.name, k.description, k.version, k.author_id, k.author_email, k.visibility,
              k.visibility_group_ids, k.created_at, k.updated_at
         FROM scaiflow.catalog_packages k
        WHERE k.tenant_id = l.tenant_id AND k.package_id = l.package_id OFFSET 0) AS c
 WHERE :p6::text IS NULL OR strpos(lower(c.name), lower(:p6::text)) > 0
                         OR strpos(lower(c.description), lower(:p6::text)) > 0
                         OR strpos(c.package_id, lower(:p6::text)) > 0
 ORDER BY c.updated_at DESC, c.tenant_id, c.package_id LIMIT :p10::bigint)
UNION ALL
(SELECT e.tenant_id, e.package_id, (SELECT count(*) FROM looked)::text, '', '', '', '', '', '[]', 0,
        (extract(epoch FROM e.updated_at) * 1000000)::bigint, false
   FROM looked e ORDER BY e.updated_at, e.tenant_id DESC, e.package_id DESC LIMIT 1)
 ORDER BY 11 DESC, 1, 2)";

constexpr auto visible_page = joined<given, walked, walk, of_tenant, for_everybody, after_key, and_also,
                                     to_caller, looked, head_columns, page>;
constexpr auto tenant_page = joined<given, walked, walk, of_tenant, after_key, looked, head_columns, page>;
constexpr auto whole_page = joined<given, walked, walk, after_key, looked, head_columns, page>;

Key key_of(const Listing& listing) {
    return {listing.updated_at.time_since_epoch().count(), listing.tenant_id, listing.package_id};
}

} // namespace

Page list(Executor& reader, const Caller& caller, const Filter& filter, const std::optional<Key>& after,
          std::int64_t limit) {
    const auto tenant = caller.super_admin() ? filter.tenant_id : std::optional(caller.tenant_id);
    const char* statement = !tenant ? whole_page : caller.admin_role.empty() ? visible_page : tenant_page;
    const Key from = after.value_or(Key{end_of_time, "", ""});
    const std::int64_t far = filter.search ? looked_at_by_search : limit + 1;
    Page out;
    for (auto& listing : listings(reader, statement, caller, tenant, filter.search, from.updated_at,
                                  from.tenant_id, from.package_id, limit + 1, far)) {
        const bool end_of_walk = listing.visibility.empty();
        if (end_of_walk && !out.next && listing.name == std::to_string(far))
            out.next = key_of(listing);
        else if (!end_of_walk && static_cast<std::int64_t>(out.listings.size()) == limit)
            out.next = key_of(out.listings.back());
        else if (!end_of_walk)
            out.listings.push_back(std::move(listing));
    }
    return out;
}

} // namespace scaiflow::catalog::store
