// POST /v1/flows/{id}/run-tests {test_ids?}: runs the tests of the current version in this process, with
// mocks (contract scaiflow-model.md 3.9). A flow that does not compile is a report with `diagnostics`, as a
// preview is. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/flows/store.hpp"
#include "lib/scaiflow/testing/testing.hpp"

#include <algorithm>

namespace scaiflow::flows_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

Result<testing::Options> options_of(const Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    testing::Options options;
    // Below what nginx waits for.
    options.limits.max_duration = std::chrono::seconds(5);
    options.max_total = std::chrono::seconds(20);
    scai::json::Fields fields(body, "body");
    options.test_ids = fields.optional_text_list("test_ids", {.max = 255}, 500);
    if (body.get("test_ids").is_array() && body.get("test_ids").size() == 0)
        fields.reject("test_ids", "must name at least one test; without it all run");
    if (auto error = fields.error())
        return *error;
    return options;
}

scai::Error busy() {
    return scai::Error{.kind = scai::ErrorKind::unavailable,
                       .code = "tests_busy",
                       .message = "as many tests are running as this process works at",
                       .fix = "try again in a few seconds",
                       .retry_after_seconds = 5};
}

/// The session is given back before the tests run.
Result<scai::json::Value> content_of(Context& context, const Request& request) {
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    SCAI_TRY(const auto head, flows::open_flow(reader, caller, request.param("id"), flows::Level::deploy));
    return scai::json::parse(flows::store::content(reader, head));
}

} // namespace

Result<Response> run_tests(Context& context, const Request& request) {
    SCAI_TRY(const auto options, options_of(request));
    SCAI_TRY(const auto content, content_of(context, request));
    const auto threads = static_cast<int>(context.settings.integer("FCGI_THREADS"));
    const auto place = context.flow_memory.test_runs.enter(std::max(1, threads / 2));
    if (!place)
        return busy();
    auto report = testing::run(content, options, *context.clock);
    if (!report) {
        scai::Error error = report.error();
        for (auto& field : error.fields)
            if (field.path.starts_with("test_ids"))
                field.path = "body." + field.path;
        return error;
    }
    return Response::json(testing::to_json(*report));
}

} // namespace scaiflow::flows_api
