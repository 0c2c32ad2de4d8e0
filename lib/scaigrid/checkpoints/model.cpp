// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/checkpoints/model.hpp"

#include "lib/scaiflow/graph/formats.hpp"

#include <algorithm>
#include <array>

namespace scaigrid::checkpoints {

Assignee assignee_of(std::optional<std::string> raw) {
    Assignee out{.raw = std::move(raw), .type = "unrouted", .name = ""};
    if (!out.raw)
        return out;
    for (const std::string type : {"user", "group", "role", "delegated_user"})
        if (out.raw->starts_with(type + ":") && out.raw->size() > type.size() + 1) {
            out.type = type;
            out.name = out.raw->substr(type.size() + 1);
        }
    return out;
}

Assignee Checkpoint::assignee() const {
    for (const auto& from :
         {request.get("assignee"), request.get("hitl_target").get("hitl_spec").get("assignee")})
        if (from.is_string() && !from.text()->empty())
            return assignee_of(*from.text());
    return assignee_of(std::nullopt);
}

std::string Checkpoint::priority() const {
    constexpr std::array known{"low", "normal", "high", "critical"};
    const std::string asked = request.get("priority").text_or("normal");
    return std::ranges::find(known, asked) == known.end() ? "normal" : asked;
}

std::optional<std::int64_t> Checkpoint::timeout_seconds() const {
    const auto timeout = request.get("timeout");
    if (timeout.is_string())
        return scaiflow::graph::duration_seconds(*timeout.text());
    if (const auto seconds = timeout.integer(); seconds && *seconds > 0)
        return seconds;
    const auto seconds = request.get("hitl_target").get("hitl_spec").get("timeout_s").integer();
    return seconds && *seconds > 0 ? seconds : std::nullopt;
}

} // namespace scaigrid::checkpoints
