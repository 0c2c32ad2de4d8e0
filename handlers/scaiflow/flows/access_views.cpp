// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/app/cursor.hpp"
#include "lib/scaiflow/flows/rules.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

Value to_json(const flows::Acl& row) {
    return Value::object({{"id", row.id},
                          {"flow_id", row.flow_id},
                          {"principal_type", row.principal_type},
                          {"principal_id", row.principal_id},
                          {"principal_name", row.principal_name},
                          {"level", flows::name_of(row.level)},
                          {"granted_by", row.granted_by},
                          {"granted_at", scai::to_iso8601(row.granted_at)}});
}

Value level_json(flows::Level level) {
    return level == flows::Level::none ? Value(nullptr) : Value(flows::name_of(level));
}

Result<std::int64_t> number_cursor(const Request& request, std::string_view list) {
    const auto cursor = request.query_text("cursor");
    if (!cursor)
        return std::int64_t{0};
    return read_number_cursor(list, *cursor);
}

Value next_cursor(std::string_view list, std::optional<std::int64_t> next) {
    return next ? Value(make_cursor(list, {std::to_string(*next)})) : Value(nullptr);
}

Response immutable_response(const Request& request, std::string body) {
    constexpr std::size_t digits = 32;
    const std::string tag = scai::crypto::to_hex(scai::crypto::sha256(body)).substr(0, digits);
    Response response;
    if (flows::if_none_match_hits(request.header("if-none-match"), tag))
        response.status = 304;
    else
        response = Response::text(std::move(body), "application/json");
    response.header("ETag", '"' + tag + '"').header("Cache-Control", "private, max-age=3600");
    return response;
}

Result<flows::Level> read_level(const std::string& name) {
    if (const auto level = flows::level_of(name))
        return *level;
    return scai::Error{.kind = scai::ErrorKind::bad_request,
                       .message = "invalid level",
                       .fields = {{.path = "body.level",
                                   .message = "must be one of: view, edit, deploy, admin",
                                   .type = "value_error.enum"}}};
}

} // namespace scaiflow::flows_api
