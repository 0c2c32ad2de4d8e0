// page/per_page of a list and the envelope of its answer (contract scaikey.md 10.3).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <cstdint>
#include <string>

namespace scaikey {

struct Paging {
    std::int64_t page = 1;
    std::int64_t per_page = 100;
    std::int64_t offset() const { return (page - 1) * per_page; }
};

/// 422 naming query.page or query.per_page; at most 1,000 rows a page.
scai::Result<Paging> read_paging(const scai::web::Request& request);

/// Rows as the database aggregated them: a JSON array as text.
struct ListPage {
    std::int64_t total = 0;
    std::string rows = "[]";
};

scai::web::Response list_response(const Paging& paging, const ListPage& page);
/// A JSON object as text.
scai::web::Response object_response(std::string text, int status = 200);
/// {"data": <text>, "meta": {}}: the form of the tenant routes.
scai::web::Response data_response(const std::string& text, int status = 200);

} // namespace scaikey
