// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/answers.hpp"

#include "lib/base/strings.hpp"
#include "lib/web/cursor.hpp"

#include <algorithm>

namespace scaigrid {

using scai::ErrorKind;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

Value meta_of(const Request& request) {
    return Value::object({{"request_id", request.request_id}});
}

} // namespace

Response ok(const Request& request, Value data, int status) {
    return Response::json(
        Value::object({{"status", "ok"}, {"data", std::move(data)}, {"meta", meta_of(request)}}), status);
}

Response ok_page(const Request& request, Value rows, const std::string& next) {
    return Response::json(Value::object({{"status", "ok"},
                                         {"data", std::move(rows)},
                                         {"has_more", !next.empty()},
                                         {"next_cursor", next.empty() ? Value(nullptr) : Value(next)},
                                         {"meta", meta_of(request)}}));
}

scai::Result<Paging> read_paging(const Request& request, std::string_view list, std::size_t parts,
                                 std::int64_t fallback, std::int64_t most) {
    Paging out;
    SCAI_TRY(out.limit, request.query_int("limit", fallback, 1, most));
    const auto text = request.query_text("cursor");
    if (!text || text->empty())
        return out;
    auto key = scai::web::read_cursor(list, *text, parts);
    if (!key) {
        auto error = bad_field("query.cursor", "must be the cursor of an earlier page of this list");
        error.kind = ErrorKind::bad_request;
        error.message = "the cursor is not one of this list";
        return error;
    }
    out.key = std::move(*key);
    return out;
}

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    return scai::web::make_cursor(list, key);
}

scai::Error bad_field(std::string path, std::string message) {
    scai::Error error{
        .kind = ErrorKind::unprocessable, .code = "VALIDATION_ERROR", .message = path + ": " + message};
    error.fields.push_back({std::move(path), std::move(message)});
    return error;
}

scai::Result<std::string> query_choice(const Request& request, std::string_view name,
                                       const std::vector<std::string>& choices) {
    auto text = request.query_text(name);
    if (!text || text->empty())
        return std::string();
    if (std::find(choices.begin(), choices.end(), *text) == choices.end())
        return bad_field("query." + std::string(name), "must be one of: " + scai::join(choices, ", "));
    return std::move(*text);
}

} // namespace scaigrid
