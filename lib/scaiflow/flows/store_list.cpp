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
// parameters, which `given` names for those that do not need each: :p1 tenant, :p2 id in access rows, :p3
// owner, :p4 and :p5 the key before, :p6 how far to look, :p7 the search or null, :p8 how many to show.
constexpr char given[] = R"(
WITH given AS (
    SELECT :p1::text, :p2::text, :p3::text, :p4::bigint, :p5::text, :p6::bigint, :p7::text, :p8::bigint
))";

// One index walk for each way a flow can reach the caller; the best of each are merged.
constexpr char mine[] = R"(, mine (type, id) AS (
    SELECT 'user', :p2::text
    UNION ALL
    SELECT 'group', m.group_id
      FROM scaiflow.memberships m
     WHERE m.tenant_id = :p1::text AND m.user_id = :p2::text AND m.deleted_at IS NULL
))";
constexpr char walk_visible[] = R"(, walked AS (
    SELECT w.tenant_id, w.flow_id, w.listed_at
      FROM mine
     CROSS JOIN LATERAL (
           SELECT a.tenant_id, a.flow_id, a.listed_at
             FROM scaiflow.flow_acls a
            WHERE a.tenant_id = :p1::text AND a.principal_type = mine.type AND a.principal_id = mine.id
              AND a.listed_at IS NOT NULL
              AND (a.listed_at, a.flow_id)
                  < ('epoch'::timestamptz + :p4::bigint * interval '1 microsecond', :p5::text)
            ORDER BY a.listed_at DESC, a.flow_id DESC LIMIT :p6::bigint) AS w
    UNION ALL
    (SELECT o.tenant_id, o.id, o.updated_at
       FROM scaiflow.flows o
      WHERE o.tenant_id = :p1::text AND o.owner_id = :p3::text AND o.deleted_at IS NULL
        AND (o.updated_at, o.id) < ('epoch'::timestamptz + :p4::bigint * interval '1 microsecond', :p5::text)
      ORDER BY o.updated_at DESC, o.id DESC LIMIT :p6::bigint)
), looked AS MATERIALIZED (
    SELECT DISTINCT w.listed_at, w.flow_id, w.tenant_id
      FROM walked w ORDER BY w.listed_at DESC, w.flow_id DESC LIMIT :p6::bigint
))";

// The others walk the flows themselves.
constexpr char walk_flows[] = R"(, looked AS MATERIALIZED (
    SELECT o.updated_at AS listed_at, o.id AS flow_id, o.tenant_id
      FROM scaiflow.flows o
     WHERE o.deleted_at IS NULL
       AND (o.updated_at, o.id) < ('epoch'::timestamptz + :p4::bigint * interval '1 microsecond', :p5::text))";
constexpr char walk_deleted[] = R"(, looked AS MATERIALIZED (
    SELECT o.deleted_at AS listed_at, o.id AS flow_id, o.tenant_id
      FROM scaiflow.flows o
     WHERE o.deleted_at IS NOT NULL
       AND (o.deleted_at, o.id) < ('epoch'::timestamptz + :p4::bigint * interval '1 microsecond', :p5::text))";
constexpr char of_tenant[] = " AND o.tenant_id = :p1::text";
constexpr char of_owner[] = " AND o.owner_id = :p3::text";
// A deleted flow is listed to those with admin. They are few, and so are its access rows.
constexpr char of_admin[] = R"(
       AND (o.owner_id = :p3::text
            OR EXISTS (SELECT FROM scaiflow.flow_acls a JOIN mine ON mine.type = a.principal_type AND mine.id = a.principal_id
                        WHERE a.tenant_id = o.tenant_id AND a.flow_id = o.id AND a.level = 4)))";
constexpr char by_update[] = " ORDER BY o.updated_at DESC, o.id DESC LIMIT :p6::bigint)";
constexpr char by_delete[] = " ORDER BY o.deleted_at DESC, o.id DESC LIMIT :p6::bigint)";

// The last row (level -1) tells how far was looked and at how many.
constexpr char page_head[] = " (SELECT ";
constexpr char page_rest[] = R"(, 0, (extract(epoch FROM l.listed_at) * 1000000)::bigint
  FROM looked l JOIN scaiflow.flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
 WHERE :p7::text IS NULL OR strpos(lower(f.name), lower(:p7::text)) > 0
 ORDER BY l.listed_at DESC, l.flow_id DESC LIMIT :p8::bigint)
UNION ALL
(SELECT '', e.flow_id, '', NULL, '', '', (SELECT count(*) FROM looked), 0, 0, 0,
        '', NULL, -1, (extract(epoch FROM e.listed_at) * 1000000)::bigint
  FROM looked e ORDER BY e.listed_at, e.flow_id LIMIT 1)
 ORDER BY 13 DESC, 14 DESC, 2 DESC)";

// How many were looked at, and how many different ones of them match.
constexpr char count_matches[] = R"(
SELECT (SELECT count(*) FROM looked),
       (SELECT count(*) FROM looked l JOIN scaiflow.flows f ON f.tenant_id = l.tenant_id AND f.id = l.flow_id
         WHERE strpos(lower(f.name), lower(:p7::text)) > 0))";
constexpr char count_looked[] = " SELECT count(*), count(*) FROM looked";
// Stops at :p6 rows altogether, so that it costs the same however many groups there are.
constexpr char count_visible[] = R"(, walked AS (
    (SELECT o.id AS flow_id
       FROM scaiflow.flows o WHERE o.tenant_id = :p1::text AND o.owner_id = :p3::text AND o.deleted_at IS NULL)
    UNION ALL
    (SELECT w.flow_id
       FROM mine
      CROSS JOIN LATERAL (
            SELECT a.flow_id
              FROM scaiflow.flow_acls a
             WHERE a.tenant_id = :p1::text AND a.principal_type = mine.type AND a.principal_id = mine.id
               AND a.listed_at IS NOT NULL OFFSET 0) AS w)
    LIMIT :p6::bigint
)
SELECT count(*), count(DISTINCT flow_id) FROM walked)";

struct Statements {
    const char* page;
    const char* count;         ///< without a search
    const char* count_matches; ///< with one
};

constexpr Statements visible{joined<given, mine, walk_visible, page_head, head_columns, page_rest>,
                             joined<given, mine, count_visible>,
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
        caller.subject, end_of_times, "", far, listing.search, std::int64_t{0});
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
