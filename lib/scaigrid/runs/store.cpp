// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/store.hpp"

#include "lib/base/strings.hpp"

namespace scaigrid::runs::store {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr auto insert_execution = R"(
INSERT INTO scaigrid.executions (tenant_id, id, core_id, revision, trigger_name, input, instance_key, exclusive,
    caused_by, request_key, parent_id, parent_path, chain, lease_token, lease_until, started_at)
SELECT :p1, :p2, :p3, :p4::bigint, :p5, :p6::json, :p7, :p8::boolean, :p9, :p10, :p11, :p12, :p13::text[], :p14,
       clock_timestamp() + :p15::bigint * interval '1 millisecond',
       timestamptz 'epoch' + :p16::bigint * interval '1 microsecond'
WHERE EXISTS (SELECT FROM scaigrid.run_modules WHERE tenant_id = :p1 AND core_id = :p3 AND revision = :p4::bigint)
ON CONFLICT DO NOTHING
)";

constexpr auto insert_module = R"(
INSERT INTO scaigrid.run_modules (tenant_id, core_id, revision, module)
VALUES (:p1, :p2, :p3::bigint, :p4::json)
ON CONFLICT DO NOTHING
)";

constexpr auto select_by_request = R"(
SELECT id FROM scaigrid.executions WHERE tenant_id = :p1 AND core_id = :p2 AND request_key = :p3
)";

constexpr auto select_called = R"(
SELECT id, status, output::text, error::text
FROM scaigrid.executions WHERE tenant_id = :p1 AND parent_id = :p2 AND parent_path = :p3
FOR UPDATE
)";

constexpr auto occupy_instance = R"(
INSERT INTO scaigrid.busy_instances AS b (tenant_id, core_id, instance_key, execution_id)
VALUES (:p1, :p2, :p3, :p4)
ON CONFLICT (tenant_id, core_id, instance_key) DO UPDATE SET execution_id = b.execution_id
    WHERE b.execution_id = EXCLUDED.execution_id
RETURNING execution_id
)";

constexpr auto leave_instance = R"(
DELETE FROM scaigrid.busy_instances
WHERE tenant_id = :p1 AND core_id = :p2 AND instance_key = :p3 AND execution_id = :p4
)";

constexpr auto hold_execution = R"(
UPDATE scaigrid.executions
SET lease_until = clock_timestamp() + :p4::bigint * interval '1 millisecond', events_reported = :p5::bigint,
    updated_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2 AND lease_token = :p3 AND status = 'running'
)";

constexpr auto insert_answer = R"(
WITH progress AS (
    UPDATE scaigrid.executions SET attempts = 0 WHERE tenant_id = :p1 AND id = :p2 AND attempts > 0)
INSERT INTO scaigrid.execution_answers (tenant_id, execution_id, path, value, code, message)
VALUES (:p1, :p2, :p3, :p4::json, :p5, :p6)
ON CONFLICT DO NOTHING
)";

constexpr auto suspend_execution = R"(
UPDATE scaigrid.executions
SET status = 'suspended', woken = false, lease_token = NULL, lease_until = clock_timestamp(), attempts = 0,
    events_reported = :p4::bigint, steps = :p5::bigint, updated_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2 AND lease_token = :p3 AND status = 'running'
)";

constexpr auto hand_over_execution = R"(
UPDATE scaigrid.executions
SET lease_token = NULL, lease_until = clock_timestamp(), attempts = 0, events_reported = :p4::bigint,
    steps = :p5::bigint, updated_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2 AND lease_token = :p3 AND status = 'running'
)";

constexpr auto finish_execution = R"(
UPDATE scaigrid.executions
SET status = CASE WHEN :p7::json IS NULL THEN 'completed' ELSE 'failed' END, woken = false, lease_token = NULL,
    events_reported = :p4::bigint, steps = :p5::bigint, output = :p6::json, error = :p7::json,
    updated_at = clock_timestamp(), finished_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2 AND lease_token = :p3 AND status = 'running'
)";

constexpr auto wake_execution = R"(
UPDATE scaigrid.executions SET woken = true, lease_until = clock_timestamp(), updated_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2 AND status = 'suspended'
)";

constexpr auto lock_waiting = R"(
SELECT core_id, exclusive, instance_key
FROM scaigrid.executions
WHERE tenant_id = :p1 AND id = :p2
  AND (status = 'running' AND lease_until <= clock_timestamp() OR status = 'suspended' AND woken)
FOR UPDATE SKIP LOCKED
)";

constexpr auto take_execution = R"(
UPDATE scaigrid.executions
SET status = 'running', woken = false, lease_token = :p3,
    lease_until = clock_timestamp() + :p4::bigint * interval '1 millisecond', attempts = attempts + 1,
    updated_at = clock_timestamp()
WHERE tenant_id = :p1 AND id = :p2
RETURNING revision, trigger_name, input::text, caused_by, parent_id, parent_path, array_to_string(chain, ','),
    attempts, events_reported, (extract(epoch FROM started_at) * 1000000)::bigint
)";

constexpr auto select_waiting = R"(
SELECT tenant_id, id FROM scaigrid.executions
WHERE (status = 'running' OR woken) AND lease_until <= clock_timestamp()
ORDER BY lease_until LIMIT :p1::bigint
)";

constexpr auto select_answers = R"(
SELECT path, value::text, code, message FROM scaigrid.execution_answers
WHERE tenant_id = :p1 AND execution_id = :p2
)";

constexpr auto select_module = R"(
SELECT module::text FROM scaigrid.run_modules WHERE tenant_id = :p1 AND core_id = :p2 AND revision = :p3::bigint
)";

constexpr auto select_state = R"(
WITH RECURSIVE below AS (
    SELECT id FROM scaigrid.executions WHERE tenant_id = :p1 AND id = :p2
    UNION ALL
    SELECT e.id FROM scaigrid.executions e JOIN below b ON e.tenant_id = :p1 AND e.parent_id = b.id)
SELECT e.status, e.output::text, e.error::text,
       (extract(epoch FROM coalesce(e.finished_at, e.updated_at) - e.started_at) * 1000)::bigint,
       (SELECT c.id FROM scaigrid.checkpoints c JOIN below b ON c.execution_id = b.id
        WHERE c.tenant_id = :p1 AND c.status = 'pending' ORDER BY c.created_at LIMIT 1)
FROM scaigrid.executions e WHERE e.tenant_id = :p1 AND e.id = :p2
)";

constexpr auto select_core = R"(
SELECT c.id, (SELECT split_part(p.slug, '/', 2) FROM scaigrid.publications p WHERE p.tenant_id = :p1 LIMIT 1)
FROM scaigrid.cores c WHERE c.tenant_id = :p1 AND c.slug = :p2
)";

constexpr auto list_executions = R"(
SELECT json_build_object('execution_id', id, 'core_id', core_id, 'revision', revision, 'trigger', trigger_name,
           'status', upper(status), 'instance_key', instance_key, 'caused_by', caused_by, 'parent_id', parent_id,
           'steps', steps, 'error', error,
           'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'finished_at', to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text,
       (extract(epoch FROM started_at) * 1000000)::bigint::text, id
FROM scaigrid.executions
WHERE tenant_id = :p1 AND (:p2 = '' OR core_id = :p2) AND (:p3 = '' OR status = lower(:p3))
  AND (:p4 = '' OR (started_at, id) <
       (timestamptz 'epoch' + coalesce(nullif(:p4, ''), '0')::bigint * interval '1 microsecond', :p5))
ORDER BY started_at DESC, id DESC LIMIT :p6::bigint
)";

constexpr auto select_json = R"(
SELECT json_build_object('execution_id', id, 'core_id', core_id, 'revision', revision, 'trigger', trigger_name,
           'status', upper(status), 'input', input, 'output', output, 'instance_key', instance_key,
           'caused_by', caused_by, 'parent_id', parent_id, 'steps', steps, 'error', error,
           'checkpoint_id', (SELECT c.id FROM scaigrid.checkpoints c WHERE c.tenant_id = :p1
                             AND c.execution_id = e.id AND c.status = 'pending' LIMIT 1),
           'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'finished_at', to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
FROM scaigrid.executions e WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto prune_executions = R"(
WITH gone AS (
    DELETE FROM scaigrid.executions WHERE finished_at < clock_timestamp() - :p1::bigint * interval '1 day' RETURNING 1)
SELECT count(*) FROM gone
)";

constexpr auto prune_modules = R"(
DELETE FROM scaigrid.run_modules m
WHERE NOT EXISTS (SELECT FROM scaigrid.executions e
                  WHERE e.tenant_id = m.tenant_id AND e.core_id = m.core_id AND e.revision = m.revision)
  AND NOT EXISTS (SELECT FROM scaigrid.cores c
                  WHERE c.tenant_id = m.tenant_id AND c.id = m.core_id AND c.revision = m.revision)
)";

/// What PostgreSQL hands back is JSON that went in as JSON.
Value stored(const std::optional<std::string>& text) {
    if (!text)
        return {};
    auto value = scai::json::parse("[" + *text + "]");
    return value ? value->at(0) : Value();
}

std::optional<std::string> dumped(const Value& value) {
    if (!value.present())
        return std::nullopt;
    if (value.is_object() || value.is_array())
        return value.dump();
    const std::string list = Value::array({value}).dump();
    return list.substr(1, list.size() - 2);
}

} // namespace

void leave(db::Tx& tx, const Execution& execution) {
    if (execution.exclusive)
        tx.run(leave_instance, execution.tenant_id, execution.core_id, execution.instance_key, execution.id);
}

bool create(db::Tx& tx, Execution& e, std::chrono::milliseconds lease) {
    const auto token = e.lease_token.empty() ? std::optional<std::string>() : e.lease_token;
    return tx.run(insert_execution, e.tenant_id, e.id, e.core_id, e.revision, e.trigger, e.input.dump(),
                  e.instance_key, e.exclusive, e.caused_by, e.request_key, e.parent_id, e.parent_path,
                  e.chain, token, token ? lease.count() : 0, e.started_at.time_since_epoch().count()) == 1;
}

void keep_module(db::Tx& tx, const Execution& execution, const Value& module) {
    tx.run(insert_module, execution.tenant_id, execution.core_id, execution.revision, module.dump());
}

std::optional<std::string> find_by_request(db::Reader& reader, const Execution& execution) {
    return reader.maybe<std::string>(select_by_request, execution.tenant_id, execution.core_id,
                                     execution.request_key);
}

std::optional<Called> find_called(db::Tx& tx, const Execution& parent, std::string_view path) {
    const auto row =
        tx.maybe<std::string, std::string, std::optional<std::string>, std::optional<std::string>>(
            select_called, parent.tenant_id, parent.id, path);
    if (!row)
        return std::nullopt;
    const auto& [id, status, output, error] = *row;
    return Called{id, status, stored(output), stored(error)};
}

bool occupy(db::Tx& tx, const Execution& execution) {
    return tx
        .maybe<std::string>(occupy_instance, execution.tenant_id, execution.core_id, execution.instance_key,
                            execution.id)
        .has_value();
}

bool hold(db::Tx& tx, const Execution& execution, std::chrono::milliseconds lease) {
    return tx.run(hold_execution, execution.tenant_id, execution.id, execution.lease_token, lease.count(),
                  execution.events_reported) == 1;
}

void add_answer(db::Tx& tx, const std::string& tenant_id, const std::string& execution_id,
                const std::string& path, const scai::scir::Outcome& outcome) {
    const bool failed = outcome.kind == scai::scir::Outcome::Kind::failed;
    const auto text = [&](const std::string& part) { return failed ? std::optional(part) : std::nullopt; };
    tx.run(insert_answer, tenant_id, execution_id, path, failed ? std::nullopt : dumped(outcome.value),
           text(outcome.code), text(outcome.message));
}

bool suspend(db::Tx& tx, const Execution& execution, const Progress& progress) {
    if (tx.run(suspend_execution, execution.tenant_id, execution.id, execution.lease_token, progress.events,
               progress.steps) != 1)
        return false;
    leave(tx, execution);
    return true;
}

bool hand_over(db::Tx& tx, const Execution& execution, const Progress& progress) {
    return tx.run(hand_over_execution, execution.tenant_id, execution.id, execution.lease_token,
                  progress.events, progress.steps) == 1;
}

bool finish(db::Tx& tx, const Execution& execution, const Progress& progress, const Value& output,
            const Value& error) {
    if (tx.run(finish_execution, execution.tenant_id, execution.id, execution.lease_token, progress.events,
               progress.steps, dumped(output), dumped(error)) != 1)
        return false;
    leave(tx, execution);
    if (execution.parent_id)
        wake(tx, execution.tenant_id, *execution.parent_id);
    return true;
}

void wake(db::Tx& tx, const std::string& tenant_id, const std::string& execution_id) {
    tx.run(wake_execution, tenant_id, execution_id);
}

std::optional<Execution> take(db::Tx& tx, const std::string& tenant_id, const std::string& id,
                              const std::string& token, std::chrono::milliseconds lease) {
    const auto found = tx.maybe<std::string, bool, std::optional<std::string>>(lock_waiting, tenant_id, id);
    if (!found)
        return std::nullopt;
    Execution e;
    e.tenant_id = tenant_id;
    e.id = id;
    e.lease_token = token;
    std::tie(e.core_id, e.exclusive, e.instance_key) = *found;
    if (e.exclusive && !occupy(tx, e))
        return std::nullopt;
    const auto row = tx.one<std::int64_t, std::string, std::string, std::string, std::optional<std::string>,
                            std::optional<std::string>, std::string, int, std::int64_t, std::int64_t>(
        take_execution, tenant_id, id, token, lease.count());
    std::string input, chain;
    std::int64_t started = 0;
    std::tie(e.revision, e.trigger, input, e.caused_by, e.parent_id, e.parent_path, chain, e.attempts,
             e.events_reported, started) = row;
    e.input = stored(input);
    e.chain = scai::split_list(chain);
    e.started_at = scai::UtcTime{std::chrono::microseconds{started}};
    return e;
}

std::vector<Waiting> waiting(db::Reader& reader, std::int64_t limit) {
    std::vector<Waiting> out;
    for (auto& [tenant, id] : reader.all<std::string, std::string>(select_waiting, limit))
        out.push_back({std::move(tenant), std::move(id)});
    return out;
}

Answers answers_of(db::Reader& reader, const Execution& execution) {
    Answers out;
    for (const auto& [path, value, code, message] :
         reader.all<std::string, std::optional<std::string>, std::optional<std::string>,
                    std::optional<std::string>>(select_answers, execution.tenant_id, execution.id)) {
        scai::scir::Outcome outcome;
        outcome.kind = code ? scai::scir::Outcome::Kind::failed : scai::scir::Outcome::Kind::value;
        outcome.value = stored(value);
        outcome.code = code.value_or("");
        outcome.message = message.value_or("");
        out.emplace(path, std::move(outcome));
    }
    return out;
}

std::string module_text(db::Reader& reader, const Execution& execution) {
    return reader.one<std::string>(select_module, execution.tenant_id, execution.core_id, execution.revision);
}

std::optional<State> find_state(db::Reader& reader, const std::string& tenant_id, const std::string& id) {
    const auto row = reader.maybe<std::string, std::optional<std::string>, std::optional<std::string>,
                                  std::int64_t, std::optional<std::string>>(select_state, tenant_id, id);
    if (!row)
        return std::nullopt;
    State state;
    state.execution_id = id;
    std::optional<std::string> output, error;
    std::tie(state.status, output, error, state.duration_ms, state.checkpoint_id) = *row;
    state.output = stored(output);
    state.error = stored(error);
    return state;
}

std::optional<Named> find_core(db::Reader& reader, const std::string& tenant_id, const std::string& slug) {
    const auto row = reader.maybe<std::string, std::optional<std::string>>(select_core, tenant_id, slug);
    if (!row)
        return std::nullopt;
    return Named{std::get<0>(*row), std::get<1>(*row)};
}

std::vector<Listed> list(db::Reader& reader, const std::string& tenant_id, const ListQuery& query) {
    const bool first = query.after.size() != 2;
    std::vector<Listed> out;
    for (auto& [json, micros, id] : reader.all<std::string, std::string, std::string>(
             list_executions, tenant_id, query.core_id, query.status, first ? "" : query.after[0],
             first ? "" : query.after[1], query.limit))
        out.push_back({std::move(json), std::move(micros), std::move(id)});
    return out;
}

std::optional<std::string> find_json(db::Reader& reader, const std::string& tenant_id,
                                     const std::string& id) {
    return reader.maybe<std::string>(select_json, tenant_id, id);
}

std::int64_t prune(db::Tx& tx, std::int64_t days) {
    const auto gone = tx.one<std::int64_t>(prune_executions, days);
    tx.run(prune_modules);
    return gone;
}

} // namespace scaigrid::runs::store
