// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/paging.hpp"

#include "lib/json/value.hpp"

#include <utility>

namespace scaikey {

using scai::web::Response;

scai::Result<Paging> read_paging(const scai::web::Request& request) {
    constexpr std::int64_t last_page = 1'000'000'000;
    Paging out;
    SCAI_TRY(out.page, request.query_int("page", 1, 1, last_page));
    SCAI_TRY(out.per_page, request.query_int("per_page", 100, 1, 1000));
    return out;
}

Response list_response(const Paging& paging, const ListPage& page) {
    const std::int64_t pages = (page.total + paging.per_page - 1) / paging.per_page;
    const auto pagination = scai::json::Value::object({{"page", paging.page},
                                                       {"per_page", paging.per_page},
                                                       {"total", page.total},
                                                       {"total_pages", pages}});
    return object_response(R"({"data":)" + page.rows + R"(,"pagination":)" + pagination.dump() +
                           R"(,"meta":{}})");
}

Response object_response(std::string text, int status) {
    return Response::text(std::move(text), "application/json", status);
}

Response data_response(const std::string& text, int status) {
    return object_response(R"({"data":)" + text + R"(,"meta":{}})", status);
}

} // namespace scaikey
