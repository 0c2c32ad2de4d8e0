// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/admin/store.hpp"

namespace scaiflow::admin::store {

using scai::UtcTime;
using scai::db::Executor;

namespace {

constexpr std::int64_t rows_looked_at = 20'000;
/// Sorts after every id bytewise: the upper bound that stands for "any tenant", so that one plan serves both.
constexpr auto last_character = "\xF4\x8F\xBF\xBF";

// The two branches exclude each other by a filter on parameters alone; the server runs one of them. The last
// row tells how far was looked.
constexpr auto page_of_users = R"(
WITH looked_at AS (
    (SELECT u.tenant_id, u.id, u.email, u.display_name, u.status, u.admin_role, u.admin_role_source, u.deleted_at,
            u.updated_at
       FROM scaiflow.users u
      WHERE :p4::text IS NULL AND (u.tenant_id, u.id) > (:p1, :p2) AND u.tenant_id <= :p3
      ORDER BY u.tenant_id, u.id LIMIT :p5::bigint)
    UNION ALL
    (SELECT u.tenant_id, u.id, u.email, u.display_name, u.status, u.admin_role, u.admin_role_source, u.deleted_at,
            u.updated_at
       FROM scaiflow.users u
      WHERE :p4::text IS NOT NULL AND u.admin_role = :p4::text
        AND (u.tenant_id, u.id) > (:p1, :p2) AND u.tenant_id <= :p3)
), found AS (
    SELECT l.tenant_id, l.id, l.email, l.display_name, l.status, l.admin_role, l.admin_role_source, l.deleted_at,
           l.updated_at
      FROM looked_at l
     WHERE (NOT :p6::boolean OR l.admin_role IS NULL)
       AND (:p7::text IS NULL OR upper(l.status) = upper(:p7::text))
       AND (:p8::text = 'include' OR (:p8::text = 'only') = (l.deleted_at IS NOT NULL))
       AND (:p9::text IS NULL OR strpos(lower(l.email), lower(:p9::text)) > 0
                              OR strpos(lower(l.display_name), lower(:p9::text)) > 0)
     ORDER BY l.tenant_id, l.id LIMIT :p10::bigint
)
SELECT false AS is_end, f.tenant_id, f.id, f.email, f.display_name, f.status, f.admin_role, f.admin_role_source,
       (extract(epoch FROM f.deleted_at) * 1000000)::bigint,
       (extract(epoch FROM greatest(f.updated_at, t.last_synced_at)) * 1000000)::bigint
  FROM found f LEFT JOIN scaiflow.tenants t ON t.id = f.tenant_id
UNION ALL
SELECT true, e.tenant_id, e.id, '', '', '', NULL, NULL, NULL, (SELECT count(*) FROM looked_at)
  FROM (SELECT l.tenant_id, l.id FROM looked_at l ORDER BY l.tenant_id DESC, l.id DESC LIMIT 1) e
 ORDER BY 1, 2, 3)";

constexpr auto find_holders = R"(
SELECT tenant_id, deleted_at IS NOT NULL, coalesce(admin_role, '')
  FROM scaiflow.users
 WHERE id = :p1 AND (:p2::text IS NULL OR tenant_id = :p2::text)
 ORDER BY deleted_at IS NOT NULL, tenant_id LIMIT 10)";

constexpr auto page_of_runs = R"(
SELECT number, id, trigger, actor, dry_run, (extract(epoch FROM started_at) * 1000000)::bigint,
       (extract(epoch FROM finished_at) * 1000000)::bigint, outcome, coalesce((result - 'tenants')::text, 'null'),
       messages::text
  FROM scaiflow.sync_runs
 WHERE :p1::bigint = 0 OR number < :p1::bigint
 ORDER BY number DESC LIMIT :p2::bigint)";

constexpr auto find_run = R"(
SELECT number, id, trigger, actor, dry_run, (extract(epoch FROM started_at) * 1000000)::bigint,
       (extract(epoch FROM finished_at) * 1000000)::bigint, outcome, coalesce(result::text, 'null'), messages::text
  FROM scaiflow.sync_runs WHERE id = :p1)";

constexpr auto page_of_changes = R"(
SELECT seq, tenant_id, object_type, object_id, change, coalesce(before::text, 'null'), coalesce(after::text, 'null')
  FROM scaiflow.sync_changes
 WHERE run = :p1::bigint AND seq > :p2::bigint
   AND (:p3::text IS NULL OR tenant_id = :p3::text)
   AND (:p4::text IS NULL OR object_type = :p4::text)
   AND (:p5::text IS NULL OR change = :p5::text)
 ORDER BY seq LIMIT :p6::bigint)";

UtcTime time_of(std::int64_t micros) {
    return UtcTime(std::chrono::microseconds(micros));
}

std::optional<UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return micros ? std::optional(time_of(*micros)) : std::nullopt;
}

const char* name(Deleted deleted) {
    switch (deleted) {
    case Deleted::include:
        return "include";
    case Deleted::exclude:
        return "exclude";
    case Deleted::only:
        return "only";
    }
    return "";
}

using RunColumns =
    std::tuple<std::int64_t, std::string, std::string, std::string, bool, std::int64_t,
               std::optional<std::int64_t>, std::optional<std::string>, std::string, std::string>;

Run run_of(RunColumns& row) {
    Run out;
    out.number = std::get<0>(row);
    out.id = std::move(std::get<1>(row));
    out.trigger = std::move(std::get<2>(row));
    out.actor = std::move(std::get<3>(row));
    out.dry_run = std::get<4>(row);
    out.started_at = time_of(std::get<5>(row));
    out.finished_at = time_of(std::get<6>(row));
    out.outcome = std::move(std::get<7>(row));
    out.result = std::move(std::get<8>(row));
    out.messages = std::move(std::get<9>(row));
    return out;
}

} // namespace

UserPage users(Executor& reader, const UserFilter& filter, const UserKey& after, std::int64_t limit) {
    const bool roleless = filter.role == std::optional<std::string>("none");
    const auto role = roleless ? std::nullopt : filter.role;
    const bool filtered = filter.search || filter.status || roleless || filter.deleted != Deleted::include;
    const std::int64_t look_at = filtered ? rows_looked_at : limit + 1;
    // A tenant's users start after ('<tenant>', ''); a cursor of another tenant finds nothing.
    UserKey start = after;
    if (filter.tenant_id && start.tenant_id < *filter.tenant_id)
        start = {*filter.tenant_id, ""};
    const std::string upper_bound = filter.tenant_id.value_or(last_character);

    auto rows =
        reader.all<bool, std::string, std::string, std::string, std::string, std::string,
                   std::optional<std::string>, std::optional<std::string>, std::optional<std::int64_t>,
                   std::int64_t>(page_of_users, start.tenant_id, start.id, upper_bound, role, look_at,
                                 roleless, filter.status, name(filter.deleted), filter.search, limit);
    UserPage page;
    for (auto& row : rows) {
        if (!std::get<0>(row)) {
            page.users.push_back(
                {std::move(std::get<1>(row)), std::move(std::get<2>(row)), std::move(std::get<3>(row)),
                 std::move(std::get<4>(row)), std::move(std::get<5>(row)), std::move(std::get<6>(row)),
                 std::move(std::get<7>(row)), time_of(std::get<8>(row)), time_of(std::get<9>(row))});
            continue;
        }
        const UserKey end{std::get<1>(row), std::get<2>(row)};
        const bool cut_short = !role && std::get<9>(row) >= look_at;
        if (static_cast<std::int64_t>(page.users.size()) == limit) {
            const auto& last = page.users.back();
            if (cut_short || last.tenant_id != end.tenant_id || last.id != end.id)
                page.next = UserKey{last.tenant_id, last.id};
        } else if (cut_short) {
            page.next = end;
        }
    }
    return page;
}

std::vector<Holder> holders(Executor& reader, const std::string& user_id,
                            const std::optional<std::string>& tenant_id) {
    std::vector<Holder> out;
    for (auto& [tenant, deleted, role] :
         reader.all<std::string, bool, std::string>(find_holders, user_id, tenant_id))
        out.push_back({std::move(tenant), deleted, std::move(role)});
    return out;
}

RunPage runs(Executor& reader, std::int64_t before, std::int64_t limit) {
    RunPage page;
    auto rows = reader.all<std::int64_t, std::string, std::string, std::string, bool, std::int64_t,
                           std::optional<std::int64_t>, std::optional<std::string>, std::string, std::string>(
        page_of_runs, before, limit + 1);
    for (auto& row : rows)
        page.runs.push_back(run_of(row));
    if (static_cast<std::int64_t>(page.runs.size()) > limit) {
        page.runs.pop_back();
        page.next = page.runs.back().number;
    }
    return page;
}

std::optional<Run> run(Executor& reader, const std::string& id) {
    auto row =
        reader.maybe<std::int64_t, std::string, std::string, std::string, bool, std::int64_t,
                     std::optional<std::int64_t>, std::optional<std::string>, std::string, std::string>(
            find_run, id);
    return row ? std::optional(run_of(*row)) : std::nullopt;
}

ChangePage changes(Executor& reader, std::int64_t run, const ChangeFilter& filter, std::int64_t after,
                   std::int64_t limit) {
    ChangePage page;
    auto rows =
        reader
            .all<std::int64_t, std::string, std::string, std::string, std::string, std::string, std::string>(
                page_of_changes, run, after, filter.tenant_id, filter.object_type, filter.change, limit + 1);
    for (auto& [seq, tenant_id, object_type, object_id, change, before, was_after] : rows)
        page.changes.push_back({seq, std::move(tenant_id), std::move(object_type), std::move(object_id),
                                std::move(change), std::move(before), std::move(was_after)});
    if (static_cast<std::int64_t>(page.changes.size()) > limit) {
        page.changes.pop_back();
        page.next = page.changes.back().seq;
    }
    return page;
}

} // namespace scaiflow::admin::store
