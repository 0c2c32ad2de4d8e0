// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/group_ids.hpp"

#include "lib/json/decode.hpp"

namespace scaigrid {

Result<std::optional<std::vector<std::string>>> read_group_ids(const Request& request) {
    SCAI_TRY(const auto body, request.json_object(/*empty_allowed=*/true));
    scai::json::Fields fields(body, "body");
    auto ids = fields.optional_text_list("group_ids", {.max = 200}, 100);
    if (auto error = fields.error())
        return *error;
    if (!body.get("group_ids").is_array() || !may(request.principal, "models:manage"))
        return std::optional<std::vector<std::string>>();
    return std::optional(std::move(ids));
}

} // namespace scaigrid
