// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/deploy/store.hpp"

namespace scaiflow::deploy::store {

using scai::db::Executor;
using scai::db::Tx;
using scai::json::Value;

namespace {

using Text = std::optional<std::string>;

constexpr auto running_row = R"(
SELECT id, attempt, kind = :p3 AND version = :p4 AND publish = :p5::boolean AND grid_url = :p6
                    AND rollback_of IS NOT DISTINCT FROM :p7::text
  FROM scaiflow.flow_deployments WHERE tenant_id = :p1 AND flow_id = :p2 AND status = 'running' FOR UPDATE)";

constexpr auto id_of_running = R"(
SELECT id FROM scaiflow.flow_deployments WHERE tenant_id = :p1 AND flow_id = :p2 AND status = 'running')";

constexpr auto insert_deployment = R"(
INSERT INTO scaiflow.flow_deployments (tenant_id, id, flow_id, version, status, kind, rollback_of, publish, grid_url,
                                       credential_kind, deployed_by, request_id, idempotency_key, request_sha256)
VALUES (:p1, :p2, :p3, :p4, 'running', :p5, :p6, :p7::boolean, :p8, :p9, :p10, :p11, :p12, :p13))";

constexpr auto next_attempt = R"(
UPDATE scaiflow.flow_deployments
   SET attempt = attempt + 1, credential_kind = :p3, deployed_by = :p4, request_id = :p5,
       idempotency_key = CASE WHEN :p6::text IS NULL AND deployed_by = :p4 THEN idempotency_key ELSE :p6::text END,
       request_sha256 = CASE WHEN :p6::text IS NULL AND deployed_by = :p4 THEN request_sha256 ELSE :p7::text END
 WHERE tenant_id = :p1 AND id = :p2 RETURNING attempt)";

constexpr auto interrupt_steps = R"(
UPDATE scaiflow.flow_deployment_steps SET outcome = 'interrupted', finished_at = clock_timestamp()
 WHERE tenant_id = :p1 AND deployment_id = :p2 AND finished_at IS NULL)";

constexpr auto abandon_deployment = R"(
UPDATE scaiflow.flow_deployments
   SET status = 'failed', finished_at = clock_timestamp(),
       error = jsonb_build_object('error', 'deployment_interrupted', 'message',
                                  'the process that deployed ended before it was done', 'fix', 'deploy again')
 WHERE tenant_id = :p1 AND id = :p2 AND status = 'running')";

constexpr auto forget_old_key = R"(
UPDATE scaiflow.flow_deployments SET idempotency_key = NULL
 WHERE tenant_id = :p1 AND deployed_by = :p2 AND idempotency_key = :p3 AND status = 'succeeded'
   AND deployed_at < now() - interval '24 hours')";

constexpr auto by_key = R"(
SELECT id, status, coalesce(request_sha256, '') FROM scaiflow.flow_deployments
 WHERE tenant_id = :p1 AND deployed_by = :p2 AND idempotency_key = :p3 AND status <> 'failed')";

constexpr auto last_core = R"(
SELECT core_id FROM scaiflow.flow_deployments
 WHERE tenant_id = :p1 AND flow_id = :p2 AND grid_url = :p3 AND core_id IS NOT NULL ORDER BY number DESC LIMIT 1)";

constexpr auto lost_core = R"(
SELECT EXISTS (SELECT FROM scaiflow.flow_deployments d
                 JOIN scaiflow.flow_deployment_steps s ON s.tenant_id = d.tenant_id AND s.deployment_id = d.id
                WHERE d.tenant_id = :p1 AND d.flow_id = :p2 AND d.grid_url = :p3 AND d.core_id IS NULL
                  AND s.step = 'core_create' AND s.outcome IN ('interrupted', 'unknown')))";

constexpr auto slug_of_tenant = R"(SELECT coalesce(slug, '') FROM scaiflow.tenants WHERE id = :p1)";

constexpr auto target_row = R"(
SELECT version, status, publish FROM scaiflow.flow_deployments WHERE tenant_id = :p1 AND flow_id = :p2 AND id = :p3)";

constexpr auto insert_step = R"(
INSERT INTO scaiflow.flow_deployment_steps (tenant_id, deployment_id, ordinal, attempt, step, detail)
SELECT d.tenant_id, d.id,
       1 + coalesce((SELECT max(s.ordinal) FROM scaiflow.flow_deployment_steps s
                      WHERE s.tenant_id = d.tenant_id AND s.deployment_id = d.id), 0), d.attempt, :p4, :p5::jsonb
  FROM scaiflow.flow_deployments d
 WHERE d.tenant_id = :p1 AND d.id = :p2 AND d.attempt = :p3::integer AND d.status = 'running')";

constexpr auto end_step = R"(
UPDATE scaiflow.flow_deployment_steps SET outcome = :p4, detail = :p5::jsonb, finished_at = clock_timestamp()
 WHERE tenant_id = :p1 AND deployment_id = :p2 AND attempt = :p3::integer AND finished_at IS NULL)";

constexpr auto core_of_deployment = R"(
UPDATE scaiflow.flow_deployments SET core_id = :p4
 WHERE tenant_id = :p1 AND id = :p2 AND attempt = :p3::integer AND status = 'running')";

constexpr auto finish_deployment = R"(
UPDATE scaiflow.flow_deployments
   SET status = CASE WHEN :p5::jsonb IS NULL THEN 'succeeded' ELSE 'failed' END, published_slug = :p4,
       error = :p5::jsonb, finished_at = clock_timestamp()
 WHERE tenant_id = :p1 AND id = :p2 AND attempt = :p3::integer AND status = 'running')";

constexpr auto all_running = R"(
SELECT tenant_id, flow_id, id FROM scaiflow.flow_deployments WHERE status = 'running' ORDER BY tenant_id, number)";

} // namespace

std::optional<Running> find_running(Tx& tx, const Work& work) {
    auto row = tx.maybe<std::string, int, bool>(running_row, work.tenant_id, work.flow_id, work.kind,
                                                work.version, work.publish, work.grid_url, work.rollback_of);
    if (!row)
        return std::nullopt;
    return Running{
        .id = std::move(std::get<0>(*row)), .attempt = std::get<1>(*row), .same_work = std::get<2>(*row)};
}

std::optional<std::string> running_id(Executor& reader, const std::string& tenant_id,
                                      const std::string& flow_id) {
    return reader.maybe<std::string>(id_of_running, tenant_id, flow_id);
}

void insert(Tx& tx, const std::string& id, const Work& work, const By& by) {
    tx.run(insert_deployment, work.tenant_id, id, work.flow_id, work.version, work.kind, work.rollback_of,
           work.publish, work.grid_url, by.credential_kind, by.subject, by.request_id, by.key,
           by.request_sha256);
}

int take_over(Tx& tx, const std::string& tenant_id, const std::string& id, const By& by) {
    tx.run(interrupt_steps, tenant_id, id);
    return tx.one<int>(next_attempt, tenant_id, id, by.credential_kind, by.subject, by.request_id, by.key,
                       by.request_sha256);
}

void abandon(Tx& tx, const std::string& tenant_id, const std::string& id) {
    tx.run(interrupt_steps, tenant_id, id);
    tx.run(abandon_deployment, tenant_id, id);
}

std::optional<Keyed> find_key(Tx& tx, const std::string& tenant_id, const std::string& subject,
                              const std::string& key) {
    tx.run(forget_old_key, tenant_id, subject, key);
    auto row = tx.maybe<std::string, std::string, std::string>(by_key, tenant_id, subject, key);
    if (!row)
        return std::nullopt;
    auto& [id, status, sha256] = *row;
    return Keyed{.id = std::move(id), .status = std::move(status), .request_sha256 = std::move(sha256)};
}

Known known(Executor& reader, const Work& work) {
    Known out;
    out.core_id = reader.maybe<std::string>(last_core, work.tenant_id, work.flow_id, work.grid_url);
    if (!out.core_id)
        out.search = reader.one<bool>(lost_core, work.tenant_id, work.flow_id, work.grid_url);
    if (work.publish)
        out.tenant_slug = reader.maybe<std::string>(slug_of_tenant, work.tenant_id).value_or("");
    return out;
}

std::optional<Target> find_target(Executor& reader, const std::string& tenant_id, const std::string& flow_id,
                                  const std::string& id) {
    auto row = reader.maybe<std::string, std::string, bool>(target_row, tenant_id, flow_id, id);
    if (!row)
        return std::nullopt;
    return Target{.version = std::move(std::get<0>(*row)),
                  .status = std::move(std::get<1>(*row)),
                  .publish = std::get<2>(*row)};
}

bool step_begins(Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
                 std::string_view step, const Value& detail) {
    return tx.run(insert_step, tenant_id, id, attempt, step, detail.dump()) == 1;
}

void step_ends(Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
               std::string_view outcome, const Value& detail) {
    tx.run(end_step, tenant_id, id, attempt, outcome, detail.dump());
}

bool set_core(Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
              const std::string& core_id) {
    return tx.run(core_of_deployment, tenant_id, id, attempt, core_id) == 1;
}

bool finish(Tx& tx, const std::string& tenant_id, const std::string& id, int attempt,
            const std::optional<std::string>& published_slug, const Value& error) {
    const auto text = error.present() ? std::optional(error.dump()) : std::nullopt;
    return tx.run(finish_deployment, tenant_id, id, attempt, published_slug, text) == 1;
}

std::vector<Left> left_running(Executor& reader) {
    std::vector<Left> out;
    for (auto& [tenant, flow, id] : reader.all<std::string, std::string, std::string>(all_running))
        out.push_back({.tenant_id = std::move(tenant), .flow_id = std::move(flow), .id = std::move(id)});
    return out;
}

} // namespace scaiflow::deploy::store
