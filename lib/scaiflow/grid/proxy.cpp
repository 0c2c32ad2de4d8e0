// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/proxy.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/raw.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/grid/circuit_breaker.hpp"
#include "lib/scaiflow/grid/lookups.hpp"

#include <algorithm>

namespace scaiflow::grid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::size_t longest_text = 1024;
constexpr std::int64_t default_limit = 50;
constexpr std::int64_t largest_limit = 500;

Result<std::string> opaque(const Request& request, std::string_view name) {
    const auto given = request.query_text(name).value_or("");
    if (given.size() > longest_text ||
        std::any_of(given.begin(), given.end(), [](char c) { return c <= 0x20 || c == 0x7f; }))
        return bad_query(name, "must be at most " + std::to_string(longest_text) +
                                   " visible characters, as ScaiGrid gave it");
    return given;
}

bool is_list(std::string_view raw) {
    return raw.starts_with('[');
}

scai::Error no_list(std::string_view name) {
    return {.kind = scai::ErrorKind::upstream,
            .code = "upstream_invalid_answer",
            .message = "ScaiGrid's answer holds no list of " + std::string(name)};
}

/// One call that a caller waits for.
Result<Answer> ask(Context& context, const Request& request, const Call& call) {
    SCAI_TRY(const auto credential, choose(context, request, missing_credentials));
    const auto circuit = circuit_of(request, credential);
    SCAI_TRY(const auto place, context.grid_calls->enter(circuit));
    if (auto refused = context.grid_calls->refusal(circuit, context.clock->now()))
        return *std::move(refused);
    auto answer = Client(*context.http, credential, request.request_id).send(call);
    // A run that takes its time says nothing about the grid.
    const bool long_run = !answer && answer.error().kind == scai::ErrorKind::timeout && call.method != "GET";
    if (!long_run)
        context.grid_calls->note(circuit, context.clock->now(), answer ? nullptr : &answer.error());
    return answer;
}

std::string next_of(std::string_view object) {
    return std::string(scai::json::raw_member(object, "next_cursor").value_or("null"));
}

} // namespace

std::string FeedQuery::text() const {
    std::string out = "limit=" + std::to_string(limit);
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty())
            out.append("&").append(name).append("=").append(scai::percent_encode(value));
    };
    add("core_id", core_id);
    add("cursor", cursor);
    add("status", status);
    return out;
}

Result<FeedQuery> events_query(const Request& request) {
    FeedQuery out;
    SCAI_TRY(out.core_id, opaque(request, "core_id"));
    SCAI_TRY(out.cursor, opaque(request, "cursor"));
    SCAI_TRY(out.limit, request.query_int("limit", default_limit, 1, largest_limit));
    return out;
}

bool wants_stream(const Request& request) {
    const auto kinds = scai::split_list(scai::to_lower(request.header("accept")));
    return std::any_of(kinds.begin(), kinds.end(), [](const std::string& kind) {
        return scai::trim(std::string_view(kind).substr(0, kind.find(';'))) == "text/event-stream";
    });
}

Result<std::string> list_text(std::string_view answer, std::string_view name) {
    const auto data = scai::json::raw_member(answer, "data");
    if (!data)
        return no_list(name);
    const auto frame = [&](std::string_view list, const std::string& next) {
        std::string out;
        out.reserve(list.size() + next.size() + 64);
        out.append("{\"data\":{\"").append(name).append("\":").append(list);
        return out.append(",\"next_cursor\":").append(next).append("}}");
    };
    if (is_list(*data))
        return frame(*data, next_of(answer));
    const auto named = scai::json::raw_member(*data, name);
    if (named && is_list(*named)) {
        std::string out = "{\"data\":";
        return out.append(*data).append("}");
    }
    const auto items = scai::json::raw_member(*data, "items");
    if (!items || !is_list(*items))
        return no_list(name);
    const auto inner = next_of(*data);
    return frame(*items, inner == "null" ? next_of(answer) : inner);
}

std::chrono::milliseconds run_limit(const Context& context) {
    return std::chrono::seconds(context.settings.integer("SCAIGRID_INVOKE_TIMEOUT_SECONDS"));
}

Result<Response> forward_list(Context& context, const Request& request, std::string_view path,
                              const std::string& query, std::string_view name) {
    const std::chrono::seconds limit(context.settings.integer("SCAIGRID_TIMEOUT_SECONDS"));
    SCAI_TRY(const auto answer,
             ask(context, request,
                 {.path = std::string(path), .query = query, .timeout = limit, .keep_text = true}));
    if (!answer.ok())
        return refusal(answer);
    SCAI_TRY(auto text, list_text(answer.text, name));
    return Response::text(std::move(text), "application/json");
}

Result<Response> forward(Context& context, const Request& request, const Call& call) {
    Call once = call;
    once.retries = 0;
    once.keep_text = true;
    SCAI_TRY(auto answer, ask(context, request, once));
    if (!answer.ok())
        return refusal(answer);
    return answer.text.empty() ? Response::no_content()
                               : Response::text(std::move(answer.text), "application/json", answer.status);
}

} // namespace scaiflow::grid
