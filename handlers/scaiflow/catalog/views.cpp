// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/views.hpp"

#include <algorithm>

namespace scaiflow::catalog_api {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;
using scai::web::Request;

namespace {

constexpr std::size_t max_groups = 100;

} // namespace

catalog::Ref ref_of(const Request& request) {
    return {.package_id = request.param("package_id"), .tenant_id = request.query_text("tenant_id")};
}

std::optional<catalog::Visibility> visibility_of(scai::json::Fields& fields, bool required) {
    const scai::json::TextLimits choices{.max = 16, .one_of = {"tenant", "groups"}};
    auto groups = fields.optional_text_list("visibility_group_ids", {.max = 255}, max_groups);
    const auto name = required ? std::optional(fields.text("visibility", choices))
                               : fields.optional_text("visibility", choices);
    if (!name) {
        if (!groups.empty())
            fields.reject("visibility", "must be given with visibility_group_ids");
        return std::nullopt;
    }
    catalog::Visibility out{.name = *name, .group_ids = {}};
    if (out.name == "groups")
        for (auto& group : groups)
            if (std::find(out.group_ids.begin(), out.group_ids.end(), group) == out.group_ids.end())
                out.group_ids.push_back(std::move(group));
    return out;
}

scai::Status check_visibility(const catalog::Visibility& visibility) {
    if (visibility.name == "groups" && visibility.group_ids.empty())
        return Error{.kind = ErrorKind::bad_request,
                     .code = "groups_required",
                     .message = "visibility groups needs at least one id in visibility_group_ids"};
    return scai::Done{};
}

Value to_json(const catalog::Listing& listing) {
    return Value::object({{"package_id", listing.package_id},
                          {"name", listing.name},
                          {"description", listing.description},
                          {"version", listing.version},
                          {"author_id", listing.author_id},
                          {"author_email", listing.author_email},
                          {"visibility", listing.visibility},
                          {"visibility_group_ids", Value::array_of(listing.group_ids)},
                          {"created_at", scai::to_iso8601(listing.created_at)},
                          {"updated_at", scai::to_iso8601(listing.updated_at)}});
}

} // namespace scaiflow::catalog_api
