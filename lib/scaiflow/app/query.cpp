// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/query.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>

namespace scaiflow {

using scai::Result;
using scai::web::Request;

namespace {

constexpr std::int64_t default_limit = 100;
constexpr std::int64_t largest_limit = 500;
constexpr std::size_t longest_search = 200;

} // namespace

scai::Error bad_query(std::string_view name, std::string message) {
    return scai::Error{.kind = scai::ErrorKind::unprocessable,
                       .message = "invalid query",
                       .fields = {{.path = "query." + std::string(name), .message = std::move(message)}}};
}

Result<std::int64_t> limit_of(const Request& request) {
    return request.query_int("limit", default_limit, 1, largest_limit);
}

Result<std::string> choice_of(const Request& request, std::string_view name,
                              std::initializer_list<std::string_view> choices) {
    const auto given = request.query_text(name);
    if (!given)
        return std::string{};
    if (std::find(choices.begin(), choices.end(), *given) == choices.end())
        return bad_query(name, "must be one of " + scai::join({choices.begin(), choices.end()}, ", "));
    return *given;
}

Result<std::optional<std::string>> search_of(const Request& request) {
    auto search = request.query_text("search");
    if (search && search->size() > longest_search)
        return bad_query("search", "must be at most " + std::to_string(longest_search) + " bytes");
    if (search && search->empty())
        search.reset();
    return search;
}

} // namespace scaiflow
