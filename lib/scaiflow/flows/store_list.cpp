// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/listing.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/flows/store_access_sql.hpp"
#include "lib/scaiflow/flows/store_head.hpp"

#include <algorithm>

namespace scaiflow::flows {

using scai::db::Executor;
using scai::db::joined;
using sql::head_columns;

namespace {

/// After every time there can be: the first page.
constexpr std::int64_t end_of_times = 8'000'000'000'000'000;
/// A search looks at this many flows for one page.
constexpr std::int64_t looked_at_by_search = 10'000;
/// A total looks at this many: more than it shows, because a flow may reach the caller in several ways.
constexpr std::int64_t rows_counted = 2 * largest_total + 1;

// Every statement is a walk (which flows, newest first) and what is done with it. All take the same
// parameters, which `given` names. NB: materialized, so that the planner sees no values: otherwise each call
// is planned anew for its values, which takes longer than the call.
constexpr char given[] = R"(
WITH given AS MATERIALIZED (
    SELECT :p1::text AS tenant, :p2::text AS member, :p3::text AS owner,
           'epoch'::timestamptz + :p4::bigint * interval '1 microsecond' AS before, :p5::text AS before_id,
           :p6::bigint AS far, :p7::text AS search, :p8::bigint AS shown
))";

// One index walk for each way a flow can reach the caller; the best of each are merged.
constexpr char mine[] = R"(, mine (type, id) AS MATERIALIZED (
    SELECT 'user', g.member FROM given g
    UNION ALL
    SELECT 'group', m.group_id
      FROM given g JOIN scaiflow.memberships m ON m.tenant_id = g.tenant AND m.user_id = g.member
     WHERE m.deleted_at IS NULL
))";
constexpr char walk_visible[] = R"(, walked AS (
    SELECT w.tenant_id, w.flow_id, w.listed_at
      FROM given g CROSS JOIN mine
     CROSS JOIN LATERAL (
           SELECT a.tenant_id, a.flow_id, a.listed_at
             FROM scaiflow.flow_acls a
            WHERE a.tenant_id = g.tenant AND a.principal_type = mine.type AND a.principal_id = mine.id
              AND a.listed_at IS NOT NULL AND (a.listed_at, a.flow_id) < (g.before, g.before_id)
            ORDER BY a.listed_at DESC, a.flow_id DESC LIMIT g.far) AS w
    UNION ALL
    SELECT w.tenant_id, w.id, w.updated_at
      FROM given g
     CROSS JOIN LATERAL (
           SELECT o.tenant_id, o.id, o.updated_at
             FROM scaiflow.flows o
            WHERE o.tenant_id = g.tenant AND o.owner_id = g.owner AND o.deleted_at IS NULL
              AND (o.updated_at, o.id) < (g.before, g.before_id)
            ORDER BY o.updated_at DESC, o.id DESC LIMIT g.far) AS w
), looked AS MATERIALIZED (
    SELECT DISTINCT w.listed_at, w.flow_id, w.tenant_id
      FROM walked w ORDER BY w.listed_at DESC, w.flow_id DESC LIMIT (SELECT far FROM given)
))";

// The others walk the flows themselves.
constexpr char walk_flows[] = R"(, looked AS MATERIALIZED (
    SELECT w.listed_at, w.flow_id, w.tenant_id
      FROM given g
     CROSS JOIN LATERAL (
           SELECT o.updated_at AS listed_at, o.id AS flow_id, o.tenant_id
             FROM scaiflow.flows o
            WHERE o.deleted_at IS NULL AND (o.updated_at, o.id) < (g.before, g.before_id))";
constexpr char walk_deleted[] = R"(, looked AS MATERIALIZED (
    SELECT w.listed_at, w.flow_id, w.tenant_id
      FROM given g
     CROSS JOIN LATERAL (
           SELECT o.deleted_at AS listed_at, o.id AS flow_id, o.tenant_id
             FROM scaiflow.flows o
            WHERE o.deleted_at IS NOT NULL AND (o.deleted_at, o.id) < (g.before, g.before_id))";
constexpr char of_tenant[] = " AND o.tenant_id = g.tenant";
constexpr char of_owner[] = " AND o.owner_id = g.owner";
// A deleted flow is listed to those with admin. They are few, and so are its access rows.
constexpr char of_admin[] = R"(
              AND (o.owner_id = g.owner
                   OR EXISTS (SELECT FROM scaiflow.flow_acls a
                                JOIN mine ON mine.type = a.principal_type AND mine.id = a.principal_id
                               WHERE a.tenant_id = o.tenant_id AND a.flow_id = o.id AND a.level = 4)))";
constexpr char by_update[] = " ORDER BY o.updated_at DESC, o.id DESC LIMIT g.far) AS w)";
constexpr char by_delete[] = " ORDER BY o.deleted_at DESC, o.id DESC LIMIT g.far) AS w)";

// The last row (level -1) tells how far was looked and at how many.
constexpr char page_head[] = " (SELECT ";
constexpr char page_rest[] = R"(, 0, (extract(epoch FROM l.listed_at) * 1000000)::bigint
  FROM looked l JOIN scaiflow.flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
 WHERE (SELECT search FROM given) IS NULL OR strpos(lower(f.name), lower((SELECT search FROM given))) > 0
 ORDER BY l.listed_at DESC, l.flow_id DESC LIMIT (SELECT shown FROM given))
UNION ALL
(SELECT '', e.flow_id, '', NULL, '', '', (SELECT count(*) FROM looked), 0, 0, 0,
        '', NULL, -1, (extract(epoch FROM e.listed_at) * 1000000)::bigint
  FROM looked e ORDER BY e.listed_at, e.flow_id LIMIT 1)
 ORDER BY 13 DESC, 14 DESC, 2 DESC)";

// How many were looked at, and how many different ones of them match.
constexpr char count_matches[] = R"(
SELECT (SELECT count(*) FROM looked),
       (SELECT count(*) FROM looked l JOIN scaiflow.flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
         WHERE strpos(lower(f.name), lower((SELECT search FROM given))) > 0))";
constexpr char count_looked[] = " SELECT count(*), count(*) FROM looked";
// One way that alone leads to more than a total shows (:p8) settles it: no flow is twice on one way. A few
// ways are tried, then the rows of all are counted as they come, duplicates too, up to :p6 altogether: it
// costs the same however many groups there are.
constexpr char count_visible[] = R"(, long_way AS (
    (SELECT g.far
       FROM given g
      CROSS JOIN LATERAL (
            SELECT FROM scaiflow.flows o
             WHERE o.tenant_id = g.tenant AND o.owner_id = g.owner AND o.deleted_at IS NULL
             ORDER BY o.updated_at DESC, o.id DESC OFFSET g.shown LIMIT 1) AS w)
    UNION ALL
    (SELECT g.far
       FROM given g CROSS JOIN (SELECT type, id FROM mine LIMIT 8) AS t
      CROSS JOIN LATERAL (
            SELECT FROM scaiflow.flow_acls a
             WHERE a.tenant_id = g.tenant AND a.principal_type = t.type AND a.principal_id = t.id
               AND a.listed_at IS NOT NULL
             ORDER BY a.listed_at DESC, a.flow_id DESC OFFSET g.shown LIMIT 1) AS w)
    LIMIT 1
), counted AS MATERIALIZED (
    SELECT flow_id FROM walked LIMIT (SELECT far FROM given)
)
SELECT coalesce((SELECT far FROM long_way), (SELECT count(*) FROM counted)),
       coalesce((SELECT far FROM long_way), (SELECT count(DISTINCT flow_id) FROM counted)))";

struct Statements {
    const char* page;
    const char* count;         ///< without a search
    const char* count_matches; ///< with one
};

constexpr Statements visible{joined<given, mine, walk_visible, page_head, head_columns, page_rest>,
                             joined<given, mine, walk_visible, count_visible>,
                             joined<given, mine, walk_visible, count_matches>};
constexpr Statements own{
    joined<given, walk_flows, of_tenant, of_owner, by_update, page_head, head_columns, page_rest>,
    joined<given, walk_flows, of_tenant, of_owner, by_update, count_looked>,
    joined<given, walk_flows, of_tenant, of_owner, by_update, count_matches>};
constexpr Statements tenants{
    joined<given, walk_flows, of_tenant, by_update, page_head, head_columns, page_rest>,
    joined<given, walk_flows, of_tenant, by_update, count_looked>,
    joined<given, walk_flows, of_tenant, by_update, count_matches>};
constexpr Statements all{joined<given, walk_flows, by_update, page_head, head_columns, page_rest>,
                         joined<given, walk_flows, by_update, count_looked>,
                         joined<given, walk_flows, by_update, count_matches>};

constexpr Statements visible_deleted{
    joined<given, mine, walk_deleted, of_tenant, of_admin, by_delete, page_head, head_columns, page_rest>,
    joined<given, mine, walk_deleted, of_tenant, of_admin, by_delete, count_looked>,
    joined<given, mine, walk_deleted, of_tenant, of_admin, by_delete, count_matches>};
constexpr Statements own_deleted{
    joined<given, walk_deleted, of_tenant, of_owner, by_delete, page_head, head_columns, page_rest>,
    joined<given, walk_deleted, of_tenant, of_owner, by_delete, count_looked>,
    joined<given, walk_deleted, of_tenant, of_owner, by_delete, count_matches>};
constexpr Statements tenants_deleted{
    joined<given, walk_deleted, of_tenant, by_delete, page_head, head_columns, page_rest>,
    joined<given, walk_deleted, of_tenant, by_delete, count_looked>,
    joined<given, walk_deleted, of_tenant, by_delete, count_matches>};
constexpr Statements all_deleted{joined<given, walk_deleted, by_delete, page_head, head_columns, page_rest>,
                                 joined<given, walk_deleted, by_delete, count_looked>,
                                 joined<given, walk_deleted, by_delete, count_matches>};

const Statements& statements_for(const Caller& caller, const Listing& listing) {
    const bool everything = listing.whose == Whose::visible && !caller.admin_role.empty();
    if (everything && caller.super_admin())
        return listing.deleted ? all_deleted : all;
    if (everything || listing.whose == Whose::tenant)
        return listing.deleted ? tenants_deleted : tenants;
    if (listing.whose == Whose::own)
        return listing.deleted ? own_deleted : own;
    return listing.deleted ? visible_deleted : visible;
}

struct Total {
    std::int64_t total;
    bool capped;
};

Total count(Executor& reader, const Caller& caller, const Listing& listing, const std::string& tenant) {
    const auto& statements = statements_for(caller, listing);
    const std::int64_t far = listing.search ? looked_at_by_search : rows_counted;
    const auto [looked, different] = reader.one<std::int64_t, std::int64_t>(
        listing.search ? statements.count_matches : statements.count, tenant, caller.principal_id(),
        caller.subject, end_of_times, "", far, listing.search, largest_total);
    return {std::min(different, largest_total), looked == far || different > largest_total};
}

} // namespace

FlowPage list(Executor& reader, const Caller& caller, const Listing& listing) {
    using Row = store::HeadRowOf<std::int64_t>;
    const std::string& tenant = listing.whose == Whose::tenant ? listing.tenant_id : caller.tenant_id;
    const auto after = listing.after.value_or(ListKey{end_of_times, ""});
    const std::int64_t far = listing.search ? looked_at_by_search : listing.limit + 1;
    auto rows = Row::all(reader, statements_for(caller, listing).page, tenant, caller.principal_id(),
                         caller.subject, after.micros, after.id, far, listing.search, listing.limit + 1);
    FlowPage page;
    std::optional<ListKey> last_shown;
    for (auto& row : rows) {
        const std::int64_t micros = std::get<13>(row);
        if (std::get<12>(row) < 0) { // the end of the walk: how many were looked at, and the last of them
            if (!page.next && std::get<6>(row) == far)
                page.next = ListKey{micros, std::get<1>(row)};
        } else if (static_cast<std::int64_t>(page.flows.size()) == listing.limit) {
            page.next = last_shown;
        } else {
            last_shown = ListKey{micros, std::get<1>(row)};
            page.flows.push_back(store::head_of(row));
        }
    }
    if (!page.next && !listing.after) { // all there is
        page.total = static_cast<std::int64_t>(page.flows.size());
        return page;
    }
    const auto counted = count(reader, caller, listing, tenant);
    page.total = counted.total;
    page.total_capped = counted.capped;
    return page;
}

} // namespace scaiflow::flows
