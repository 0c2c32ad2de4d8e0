// The forms of ScaiGrid's answers (contract scaigrid.md 2.1-2.3). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/app/refusal.hpp"
#include "lib/web/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid {

/// {"status":"ok","data":...,"meta":{"request_id"}}
scai::web::Response ok(const scai::web::Request& request, scai::json::Value data, int status = 200);
/// {"status":"ok","data":[...],"has_more":bool,"next_cursor":text|null,"meta":{...}}; `next` is the cursor of
/// the page that follows, "" when there is none.
scai::web::Response ok_page(const scai::web::Request& request, scai::json::Value rows,
                            const std::string& next);

/// ?limit= and ?cursor= of a list. `key` holds the last row of the page before; empty at the first page.
struct Paging {
    std::int64_t limit = 50;
    std::vector<std::string> key;
};
/// 422 naming query.limit; 400 VALIDATION_ERROR for a cursor that is none of this list with this many parts.
scai::Result<Paging> read_paging(const scai::web::Request& request, std::string_view list, std::size_t parts,
                                 std::int64_t fallback = 50, std::int64_t most = 200);
/// Cuts rows read with limit + 1 to the limit; the cursor of the next page, "" when there is none.
/// `key_of` gives a row's key.
template<class Row, class KeyOf>
std::string cut_page(std::vector<Row>& rows, const Paging& paging, std::string_view list, KeyOf key_of);
std::string make_cursor(std::string_view list, const std::vector<std::string>& key);

/// 404 NOT_FOUND: "Core not found".
inline scai::Error not_found(const std::string& what) {
    return refusal(scai::ErrorKind::not_found, "NOT_FOUND", what + " not found");
}
/// 422 VALIDATION_ERROR for one field; `path` as in "body.name".
scai::Error bad_field(std::string path, std::string message);

/// ?name= with one of `choices`; "" when absent, 422 otherwise.
scai::Result<std::string> query_choice(const scai::web::Request& request, std::string_view name,
                                       const std::vector<std::string>& choices);

template<class Row, class KeyOf>
std::string cut_page(std::vector<Row>& rows, const Paging& paging, std::string_view list, KeyOf key_of) {
    if (static_cast<std::int64_t>(rows.size()) <= paging.limit)
        return "";
    rows.resize(static_cast<std::size_t>(paging.limit));
    return make_cursor(list, key_of(rows.back()));
}

} // namespace scaigrid
