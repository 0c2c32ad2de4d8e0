// Run rows, the settings of the transactions, what is asked before and after. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/mirror/store.hpp"

namespace scaiflow::mirror::store {

namespace {

constexpr auto close_killed_runs = R"sql(
UPDATE scaiflow.sync_runs
   SET finished_at = now(), outcome = 'killed',
       messages = jsonb_build_array(jsonb_build_object('level', 'error', 'code', 'killed', 'text',
           'the process ended before the run did (killed, out of memory, power lost). Tenants it had finished stay '
           'done, of the others nothing was changed; run ' || :p1 || ' found it so and did the rest'))
 WHERE finished_at IS NULL
RETURNING id
)sql";

constexpr auto insert_run = R"sql(
INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor)
VALUES (:p1, :p2, :p3::boolean, :p4)
RETURNING number, started_at::text
)sql";

constexpr auto lock_open_run = R"sql(
SELECT r.number FROM scaiflow.sync_runs r WHERE r.number = :p1::bigint AND r.finished_at IS NULL FOR SHARE
)sql";

constexpr auto close_run = R"sql(
UPDATE scaiflow.sync_runs
   SET finished_at = clock_timestamp(), outcome = :p2, result = :p3::jsonb, messages = :p4::jsonb
 WHERE number = :p1::bigint AND finished_at IS NULL
)sql";

constexpr auto find_last_run = R"sql(
SELECT extract(epoch FROM now() - r.started_at)::bigint, r.outcome IN ('unavailable', 'failed')
  FROM scaiflow.sync_runs r
 WHERE NOT r.dry_run AND r.finished_at IS NOT NULL AND r.outcome NOT IN ('skipped', 'killed')
   AND r.result ->> 'only_tenant' IS NULL
 ORDER BY r.number DESC
 LIMIT 1
)sql";

constexpr auto ask_requested = "SELECT scaiflow.sync_requested()";

constexpr auto take_mirror_lock = "SELECT scaiflow.lock_mirror(:p1, true)::text";

constexpr auto take_walk_number = "SELECT nextval('scaiflow.sweep_walks')";

constexpr auto count_staged = R"sql(
SELECT (SELECT count(*) FROM scaiflow.sweep_users s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaiflow.sweep_groups s WHERE s.walk = :p1::bigint),
       (SELECT count(*) FROM scaiflow.sweep_members s WHERE s.walk = :p1::bigint)
)sql";

constexpr auto select_changes = R"sql(
SELECT c.tenant_id, c.object_type, c.object_id, c.change, c.before::text, c.after::text
  FROM scaiflow.sync_changes c
 WHERE c.run = :p1::bigint
 ORDER BY c.change IN ('added'), c.seq
 LIMIT :p2::bigint
)sql";

constexpr auto truncate_staging =
    "TRUNCATE scaiflow.sweep_users, scaiflow.sweep_groups, scaiflow.sweep_members, scaiflow.sweep_frozen, "
    "scaiflow.sweep_closure, scaiflow.sweep_user_diff, scaiflow.sweep_group_diff, "
    "scaiflow.sweep_membership_diff";

// The rows at hand differ from walk to walk by orders of magnitude: a plan made for another tenant, or made
// without statistics, could be quadratic. JIT costs more than it saves here.
constexpr auto long_transaction =
    "SET LOCAL statement_timeout = 0; SET LOCAL plan_cache_mode = force_custom_plan; "
    "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off";

scai::json::Value parse_or_null(const std::optional<std::string>& text) {
    if (!text)
        return nullptr;
    auto parsed = scai::json::parse(*text);
    return parsed ? std::move(parsed).value() : scai::json::Value(nullptr);
}

} // namespace

RunRow begin_run(Tx& tx, const std::string& id, const SweepOptions& options) {
    auto killed = tx.all<std::string>(close_killed_runs, id);
    empty_staging(tx);
    auto [number, started] =
        tx.one<std::int64_t, std::string>(insert_run, id, options.trigger, options.dry_run, options.actor);
    return {number, started, std::move(killed)};
}

bool hold_run(Tx& tx, std::int64_t number) {
    return tx.maybe<std::int64_t>(lock_open_run, number).has_value();
}

bool finish_run(Tx& tx, std::int64_t number, const std::string& outcome, const std::string& result_json,
                const std::string& messages_json) {
    return tx.run(close_run, number, outcome, result_json, messages_json) == 1;
}

void empty_staging(Tx& tx) {
    tx.script(truncate_staging);
}

std::optional<LastRun> last_run(Reader& reader) {
    const auto row = reader.maybe<std::int64_t, bool>(find_last_run);
    if (!row)
        return std::nullopt;
    return LastRun{std::get<0>(*row), std::get<1>(*row)};
}

bool requested(Reader& reader) {
    return reader.one<bool>(ask_requested);
}

void prepare_session(Tx& tx) {
    tx.script(long_transaction);
}

void hash_joins_only(Tx& tx, bool on) {
    tx.script(on ? "SET LOCAL enable_nestloop = off" : "SET LOCAL enable_nestloop = on");
}

void lock_mirror(Tx& tx, const std::string& tenant) {
    tx.maybe<std::optional<std::string>>(take_mirror_lock, tenant);
}

std::int64_t next_walk(Tx& tx) {
    return tx.one<std::int64_t>(take_walk_number);
}

bool staging_intact(Tx& tx, const Walk& walk) {
    const auto [users, groups, members] =
        tx.one<std::int64_t, std::int64_t, std::int64_t>(count_staged, walk.number);
    return users == walk.users && groups == walk.groups && members == walk.members;
}

std::vector<Change> read_changes(Reader& reader, std::int64_t run, std::int64_t limit) {
    std::vector<Change> out;
    for (auto& [tenant, type, id, change, before, after] :
         reader.all<std::string, std::string, std::string, std::string, std::optional<std::string>,
                    std::optional<std::string>>(select_changes, run, limit)) {
        out.push_back({std::move(tenant), std::move(type), std::move(id), std::move(change),
                       parse_or_null(before), parse_or_null(after)});
    }
    return out;
}

} // namespace scaiflow::mirror::store
