// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/json/decode.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> create_binding(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto type =
        fields.optional_text("identity_type", {.one_of = {"user", "service_account", "group", "system"}});
    const auto text = fields.text("identity_id", {.max = 512});
    const auto until = fields.optional_text("expires_at", {.max = 64});
    const auto expires_at = until ? scai::parse_iso8601(*until) : std::nullopt;
    if (until && !expires_at)
        fields.reject("expires_at", "must be an RFC 3339 time such as 2026-06-01T08:00:00Z");
    if (expires_at && *expires_at <= context.clock->now())
        fields.reject("expires_at", "must be in the future");
    if (auto error = fields.error())
        return std::move(*error);
    SCAI_TRY(const auto name,
             identity::parse_name(text, type ? identity::type_of(*type) : std::nullopt, "body.identity_id"));
    const auto change = change_of(context, request);
    SCAI_TRY(const auto bound, policies::bind(context.pool, change, request.param("id"), name, expires_at));
    recorded(request);
    return scai::web::Response::json(binding_view(bound.binding, change.now), bound.created ? 201 : 200);
}

} // namespace scaivault::policies_api
