// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/query.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaikey/app/errors.hpp"

#include <algorithm>

namespace scaikey {

scai::Result<std::string> query_choice(const scai::web::Request& request, std::string_view name,
                                       const std::vector<std::string>& choices) {
    auto text = request.query_text(name);
    if (!text || text->empty())
        return std::string();
    if (std::find(choices.begin(), choices.end(), *text) == choices.end())
        return bad_field("query." + std::string(name), "must be one of: " + scai::join(choices, ", "));
    return std::move(*text);
}

scai::Result<std::int64_t> path_number(const scai::web::Request& request, std::string_view name,
                                       const std::string& what) {
    const auto number = scai::parse_int(request.param(name));
    if (!number || *number < 1)
        return not_found(what);
    return *number;
}

} // namespace scaikey
