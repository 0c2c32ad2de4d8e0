// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/doctor/store.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/roles/active.hpp"

namespace scaiflow::doctor::store {

namespace {

constexpr auto select_server = R"(
SELECT current_setting('server_version'), pg_is_in_recovery(),
       (SELECT rolsuper FROM pg_roles WHERE rolname = session_user))";

constexpr auto select_missing_roles = R"(
SELECT wanted
  FROM unnest(ARRAY['scaiflow_owner', 'scaiflow_auth', 'scaiflow_admin', 'scaiflow_webhooks', 'scaiflow_health',
                    'scaiflow_jobs', 'scaiflow_cli']) AS wanted
  LEFT JOIN pg_roles r ON r.rolname = wanted
 WHERE r.oid IS NULL OR NOT pg_has_role(session_user, r.oid, 'MEMBER')
 ORDER BY wanted)";

constexpr auto select_open_tables = R"(
SELECT wanted
  FROM unnest(ARRAY['users', 'groups', 'group_children', 'memberships', 'role_grants', 'audit_log', 'sync_changes'])
         AS wanted
  LEFT JOIN pg_class c ON c.relname = wanted AND c.relnamespace = 'scaiflow'::regnamespace
 WHERE NOT coalesce(c.relrowsecurity, false)
 ORDER BY wanted)";

constexpr auto select_bypass = R"(
SELECT bool_or(r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'USAGE'))
  FROM pg_roles r
  JOIN pg_class c ON c.oid = 'scaiflow.users'::regclass
 WHERE r.rolname IN ('scaiflow_auth', 'scaiflow_admin', 'scaiflow_webhooks', 'scaiflow_jobs', 'scaiflow_cli'))";

constexpr auto select_completed_age = R"(
SELECT extract(epoch FROM now() - started_at)::bigint
  FROM scaiflow.sync_runs
 WHERE NOT dry_run AND outcome IN ('done', 'partial') AND result ->> 'only_tenant' IS NULL
 ORDER BY number DESC
 LIMIT 1)";

constexpr auto select_last_run = R"(
SELECT CASE WHEN finished_at IS NULL THEN 'running' ELSE coalesce(outcome, 'failed') END,
       to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce((SELECT m ->> 'text' FROM jsonb_array_elements(messages) m WHERE m ->> 'level' IN ('error', 'warning')
                  ORDER BY m ->> 'level' = 'error' DESC LIMIT 1), '')
  FROM scaiflow.sync_runs
 WHERE NOT dry_run AND coalesce(outcome, '') <> 'skipped' AND result ->> 'only_tenant' IS NULL
 ORDER BY number DESC
 LIMIT 1)";

constexpr auto select_event_age = R"(
SELECT extract(epoch FROM now() - received_at)::bigint
  FROM scaiflow.webhook_events
 ORDER BY received_at DESC
 LIMIT 1)";

constexpr char count_mirrored[] = R"(
SELECT (SELECT count(*) FROM scaiflow.tenants WHERE deleted_at IS NULL),
       (SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NULL),
       ()";
constexpr char count_pending[] = R"(),
       (SELECT count(*) FROM scaiflow.pending_grants WHERE applied_at IS NULL AND cancelled_at IS NULL),
       coalesce((SELECT min(id) FROM scaiflow.tenants WHERE deleted_at IS NULL), ''))";
constexpr auto select_mirror =
    scai::db::joined<count_mirrored, roles::count_super_admins, roles::active_user, count_pending>;

} // namespace

Server read_server(scai::db::Reader& reader) {
    Server out;
    std::tie(out.version, out.recovery, out.superuser) = reader.one<std::string, bool, bool>(select_server);
    out.missing_roles = reader.all<std::string>(select_missing_roles);
    return out;
}

RowSecurity read_row_security(scai::db::Reader& reader) {
    return {reader.all<std::string>(select_open_tables), reader.one<bool>(select_bypass)};
}

Sweeps read_sweeps(scai::db::Reader& reader) {
    Sweeps out;
    out.completed_age = reader.maybe<std::int64_t>(select_completed_age);
    if (const auto last = reader.maybe<std::string, std::string, std::string>(select_last_run))
        std::tie(out.last_outcome, out.last_started, out.first_trouble) = *last;
    return out;
}

std::optional<std::int64_t> last_event_age(scai::db::Reader& reader) {
    return reader.maybe<std::int64_t>(select_event_age);
}

Mirror read_mirror(scai::db::Reader& reader) {
    Mirror out;
    std::tie(out.tenants, out.users, out.super_admins, out.pending, out.some_tenant) =
        reader.one<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string>(select_mirror);
    return out;
}

} // namespace scaiflow::doctor::store
