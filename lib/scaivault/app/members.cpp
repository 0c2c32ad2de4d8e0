// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/members.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/app/errors.hpp"

#include <algorithm>

namespace scaivault {

scai::Status check_members(std::string_view body, std::string_view known) {
    constexpr std::size_t most = 20, longest = 128;
    const auto object =
        body.empty() ? scai::Result<scai::json::Value>(scai::json::Value()) : scai::json::parse(body);
    if (!object || !object->is_object())
        return scai::Done{};
    const auto names = scai::split_list(std::string(known), ' ');
    const auto fault = names.empty() ? std::string("is unknown: this body has no members")
                                     : "is unknown: there are " + scai::join(names, ", ");
    std::vector<scai::FieldError> unknown;
    object->each_member([&](std::string_view name, const scai::json::Value&) {
        if (unknown.size() < most && std::find(names.begin(), names.end(), name) == names.end())
            unknown.push_back({.path = std::string(name.substr(0, longest)), .message = fault});
    });
    if (unknown.empty())
        return scai::Done{};
    auto out = validation_error(unknown.front().path, unknown.front().message);
    out.fields = std::move(unknown);
    return out;
}

} // namespace scaivault
