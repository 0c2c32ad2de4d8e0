// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/health/store.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/roles/active.hpp"

namespace scaiflow::health {

namespace {

using scai::db::Scope;

constexpr auto select_sync_state = R"(
    SELECT coalesce(r.id, ''), coalesce(r.outcome, ''), extract(epoch FROM now() - r.finished_at)::bigint,
           (SELECT extract(epoch FROM now() - max(s.finished_at))::bigint
              FROM scaiflow.sync_runs s
             WHERE NOT s.dry_run AND s.outcome IN ('done', 'partial') AND s.result ->> 'only_tenant' IS NULL)
      FROM (SELECT 1) AS always
      LEFT JOIN (SELECT id, outcome, finished_at
                   FROM scaiflow.sync_runs
                  WHERE NOT dry_run AND finished_at IS NOT NULL AND result ->> 'only_tenant' IS NULL
                  ORDER BY number DESC LIMIT 1) AS r ON true
)";

constexpr char count_mirrored[] = R"(
    SELECT (SELECT count(*) FROM scaiflow.tenants WHERE deleted_at IS NULL),
           (SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NULL),
           (SELECT count(*) FROM scaiflow.groups WHERE deleted_at IS NULL),
           (SELECT count(*) FROM scaiflow.memberships WHERE deleted_at IS NULL),
           ()";
constexpr char end[] = ")";
constexpr auto select_counts =
    scai::db::joined<count_mirrored, roles::count_super_admins, roles::active_user, end>;

} // namespace

SyncState sync_state(scai::db::Pool& pool) {
    auto row = pool.read(Scope::none())
                   .one<std::string, std::string, std::optional<std::int64_t>, std::optional<std::int64_t>>(
                       select_sync_state);
    return {.last_id = std::move(std::get<0>(row)),
            .last_outcome = std::move(std::get<1>(row)),
            .last_age_seconds = std::get<2>(row),
            .last_success_age_seconds = std::get<3>(row)};
}

MirrorCounts mirror_counts(scai::db::Pool& pool) {
    const auto [tenants, users, groups, memberships, super_admins] =
        pool.read(Scope::all_tenants())
            .one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(select_counts);
    return {.tenants = tenants,
            .users = users,
            .groups = groups,
            .memberships = memberships,
            .super_admins = super_admins};
}

} // namespace scaiflow::health
