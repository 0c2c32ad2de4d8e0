// GET /v1/catalog: a bare array (contract scaiflow-api.md 2.6 C1). There is no room in it for a cursor: that
// goes into headers, Link (RFC 8288) and X-Next-Cursor. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/cursor.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/catalog/store.hpp"

namespace scaiflow::catalog_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::string_view list_name = "catalog";
/// The contract of this list knows no pages: nobody who does not ask for them should meet one soon.
constexpr std::int64_t largest_limit = 500;

Result<std::optional<catalog::Key>> key_of(const Request& request) {
    const auto cursor = request.query_text("cursor");
    if (!cursor)
        return std::optional<catalog::Key>{};
    SCAI_TRY(auto parts, read_cursor(list_name, *cursor, 3));
    const auto micros = scai::parse_int(parts[0]);
    if (!micros || *micros < 0 || *micros > catalog::end_of_time)
        return refused_cursor();
    return std::optional(catalog::Key{*micros, std::move(parts[1]), std::move(parts[2])});
}

std::string next_page(const Request& request, std::int64_t limit, const std::string& cursor) {
    std::string out = "/api/v1/catalog?limit=" + std::to_string(limit) + "&cursor=" + cursor;
    for (const auto* name : {"search", "tenant_id"})
        if (const auto value = request.query_text(name))
            out += std::string("&") + name + "=" + scai::percent_encode(*value);
    return "<" + out + ">; rel=\"next\"";
}

} // namespace

Result<Response> list_packages(Context& context, const Request& request) {
    SCAI_TRY(const auto limit, request.query_int("limit", largest_limit, 1, largest_limit));
    SCAI_TRY(const auto after, key_of(request));
    SCAI_TRY(auto search, search_of(request));
    const catalog::Filter filter{.tenant_id = request.query_text("tenant_id"), .search = std::move(search)};
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    const auto page = catalog::store::list(reader, caller, filter, after, limit);
    auto body = Value::array();
    for (const auto& listing : page.listings)
        body.push(to_json(listing));
    auto response = Response::json(body);
    if (page.next) {
        const auto cursor = make_cursor(
            list_name, {std::to_string(page.next->updated_at), page.next->tenant_id, page.next->package_id});
        response.header("X-Next-Cursor", cursor).header("Link", next_page(request, limit, cursor));
    }
    return response;
}

} // namespace scaiflow::catalog_api
