// POST /v1/dev/deploy (contract scaiflow-api.md 2.11; deprecated): deploys a flow that is stored nowhere, for
// whoever has SCAIFLOW_API_TOKEN. There is no tenant in such a token: the key is that of SCAIKEY_TENANT_ID or
// SCAIFLOW_HOME_TENANT, else SCAIGRID_API_KEY. Nothing is recorded; the Core is found again by the flow's id.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/dev/handlers.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaiflow/deploy/pipeline.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/grid/credentials.hpp"

namespace scaiflow::dev_api {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

scai::Status check_token(const Context& context, const Request& request) {
    const auto expected = context.settings.secret("SCAIFLOW_API_TOKEN");
    if (expected.empty())
        return Error{.kind = ErrorKind::unavailable,
                     .message = "dev deploy not configured on the server: SCAIFLOW_API_TOKEN is not set"};
    constexpr std::string_view scheme = "bearer ";
    const auto header = request.header("authorization");
    if (header.size() <= scheme.size() || !scai::iequals(header.substr(0, scheme.size()), scheme))
        return Error{.kind = ErrorKind::unauthenticated, .message = "missing bearer token"};
    // Of digests, so that not even the length shows.
    if (!scai::crypto::constant_time_equal(scai::crypto::sha256(scai::trim(header.substr(scheme.size()))),
                                           scai::crypto::sha256(expected.reveal())))
        return Error{.kind = ErrorKind::unauthenticated, .message = "invalid token: not the dev token"};
    return scai::Done{};
}

} // namespace

Result<Response> deploy_content(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto allowed, check_token(context, request));
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const Value content = fields.object("content");
    const auto publish = fields.optional_boolean("publish_as_model");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY([[maybe_unused]] const auto size, flows::read_content(body, request.body));
    SCAI_TRY(const auto artefact, deploy::compile(content, publish));
    auto tenant = context.settings.text("SCAIKEY_TENANT_ID");
    if (tenant.empty())
        tenant = context.settings.text("SCAIFLOW_HOME_TENANT");
    SCAI_TRY(const auto credential, grid::choose_for_tenant(context, tenant, "missing_scaigrid_credentials"));
    grid::Client client(*context.http, credential, request.request_id);
    deploy::NoJournal journal;
    const deploy::Known known{.core_id = {}, .search = !artefact.flow_id.empty(), .tenant_slug = {}};
    SCAI_TRY(const auto done, deploy::run(client, artefact, known, journal,
                                          std::chrono::steady_clock::now() + deploy::deploy_limit));
    return Response::json(
        Value::object({{"core_id", done.core_id}, {"published_slug", done.published_slug}}));
}

} // namespace scaiflow::dev_api
