// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/deployments.hpp"

#include "lib/db/sql.hpp"

namespace scaiflow::flows {

namespace {

using Text = std::optional<std::string>;

constexpr char columns[] = R"(
SELECT d.number, d.id, d.flow_id, d.version, d.status, d.kind, d.rollback_of, d.publish, d.attempt, d.core_id,
       d.published_slug, d.credential_kind, d.grid_url, d.request_id, d.deployed_by,
       coalesce(nullif(u.display_name, ''), nullif(u.email, '')),
       (extract(epoch FROM d.deployed_at) * 1000000)::bigint, (extract(epoch FROM d.finished_at) * 1000000)::bigint,
       coalesce(d.error::text, 'null')
  FROM scaiflow.flow_deployments d
  LEFT JOIN scaiflow.users u ON u.tenant_id = d.tenant_id AND u.id = d.deployed_by
 WHERE d.tenant_id = :p1 AND d.flow_id = :p2)";

constexpr char page[] = R"( AND (:p3::bigint = 0 OR d.number < :p3::bigint)
 ORDER BY d.number DESC LIMIT :p4::bigint)";
constexpr char one[] = R"( AND d.id = :p3)";

constexpr auto page_of_deployments = scai::db::joined<columns, page>;
constexpr auto one_deployment = scai::db::joined<columns, one>;

constexpr auto count_of_flow = R"(
SELECT count(*) FROM scaiflow.flow_deployments WHERE tenant_id = :p1 AND flow_id = :p2)";

constexpr auto steps_of = R"(
SELECT ordinal, attempt, step, (extract(epoch FROM intent_at) * 1000000)::bigint,
       (extract(epoch FROM finished_at) * 1000000)::bigint, outcome, detail::text
  FROM scaiflow.flow_deployment_steps WHERE tenant_id = :p1 AND deployment_id = :p2 ORDER BY ordinal)";

scai::UtcTime time_of(std::int64_t micros) {
    return scai::UtcTime(std::chrono::microseconds(micros));
}
std::optional<scai::UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return micros ? std::optional(time_of(*micros)) : std::nullopt;
}

using Row = std::tuple<std::int64_t, std::string, std::string, std::string, std::string, std::string, Text,
                       bool, int, Text, Text, Text, Text, Text, std::string, Text, std::int64_t,
                       std::optional<std::int64_t>, std::string>;

template<class... Columns>
struct Query;
template<class... Columns>
struct Query<std::tuple<Columns...>> {
    template<class... Args>
    static auto all(scai::db::Executor& reader, const char* sql, const Args&... args) {
        return reader.all<Columns...>(sql, args...);
    }
    template<class... Args>
    static auto maybe(scai::db::Executor& reader, const char* sql, const Args&... args) {
        return reader.maybe<Columns...>(sql, args...);
    }
};

Deployment deployment_of(Row& row) {
    auto& [number, id, flow, version, status, kind, rollback_of, publish, attempt, core, slug, credential,
           grid, request, by, by_name, at, finished, error] = row;
    return {.number = number,
            .id = std::move(id),
            .flow_id = std::move(flow),
            .version = std::move(version),
            .status = std::move(status),
            .kind = std::move(kind),
            .rollback_of = std::move(rollback_of),
            .publish = publish,
            .attempt = attempt,
            .core_id = std::move(core),
            .published_slug = std::move(slug),
            .credential_kind = std::move(credential),
            .grid_url = std::move(grid),
            .request_id = std::move(request),
            .deployed_by = std::move(by),
            .deployed_by_name = std::move(by_name),
            .deployed_at = time_of(at),
            .finished_at = time_of(finished),
            .error = std::move(error)};
}

/// Our own stored JSON; a row that is none (it cannot be) shows as null rather than failing the answer.
scai::json::Value stored_json(const std::string& text) {
    if (text == "null")
        return nullptr;
    auto value = scai::json::parse(text);
    return value ? std::move(value).value() : scai::json::Value(nullptr);
}

scai::json::Value time_json(const std::optional<scai::UtcTime>& time) {
    return time ? scai::json::Value(scai::to_iso8601(*time)) : scai::json::Value(nullptr);
}

} // namespace

scai::Result<DeploymentPage> list_deployments(scai::db::Pool& pool, const Caller& caller,
                                              std::string_view flow_id, std::int64_t before,
                                              std::int64_t limit) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    DeploymentPage out;
    out.total = reader.one<std::int64_t>(count_of_flow, flow.tenant_id, flow.id);
    for (auto& row : Query<Row>::all(reader, page_of_deployments, flow.tenant_id, flow.id, before, limit + 1))
        out.items.push_back(deployment_of(row));
    if (static_cast<std::int64_t>(out.items.size()) > limit) {
        out.items.pop_back();
        out.next = out.items.back().number;
    }
    return out;
}

std::optional<Deployment> find_deployment(scai::db::Executor& reader, const std::string& tenant_id,
                                          const std::string& flow_id, std::string_view id) {
    auto row = Query<Row>::maybe(reader, one_deployment, tenant_id, flow_id, id);
    return row ? std::optional(deployment_of(*row)) : std::nullopt;
}

scai::Result<DeploymentDetail> read_deployment(scai::db::Pool& pool, const Caller& caller,
                                               std::string_view flow_id, std::string_view id) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    auto found = find_deployment(reader, flow.tenant_id, flow.id, id);
    if (!found)
        return scai::Error{.kind = scai::ErrorKind::not_found,
                           .code = "deployment_not_found",
                           .message = "the flow has no such deployment"};
    DeploymentDetail out{.deployment = std::move(*found), .steps = {}};
    for (auto& [ordinal, attempt, step, intent, finished, outcome, detail] :
         reader.all<int, int, std::string, std::int64_t, std::optional<std::int64_t>, Text, std::string>(
             steps_of, flow.tenant_id, id))
        out.steps.push_back({.ordinal = ordinal,
                             .attempt = attempt,
                             .step = std::move(step),
                             .intent_at = time_of(intent),
                             .finished_at = time_of(finished),
                             .outcome = std::move(outcome),
                             .detail = std::move(detail)});
    return out;
}

scai::json::Value to_json(const Deployment& row) {
    return scai::json::Value::object({{"id", row.id},
                                      {"flow_id", row.flow_id},
                                      {"version", row.version},
                                      {"status", row.status},
                                      {"kind", row.kind},
                                      {"rollback_of", row.rollback_of},
                                      {"publish_as_model", row.publish},
                                      {"attempt", row.attempt},
                                      {"core_id", row.core_id},
                                      {"published_slug", row.published_slug},
                                      {"credential_kind", row.credential_kind},
                                      {"grid_url", row.grid_url},
                                      {"deployed_by", row.deployed_by},
                                      {"deployed_by_name", row.deployed_by_name},
                                      {"deployed_at", scai::to_iso8601(row.deployed_at)},
                                      {"finished_at", time_json(row.finished_at)},
                                      {"request_id", row.request_id},
                                      {"error", stored_json(row.error)}});
}

scai::json::Value to_json(const DeploymentStep& row) {
    return scai::json::Value::object({{"ordinal", row.ordinal},
                                      {"attempt", row.attempt},
                                      {"step", row.step},
                                      {"intent_at", scai::to_iso8601(row.intent_at)},
                                      {"finished_at", time_json(row.finished_at)},
                                      {"outcome", row.outcome},
                                      {"detail", stored_json(row.detail)}});
}

} // namespace scaiflow::flows
