// A pause of a run that somebody ends (contract scaigrid.md 3.3, 5.2). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::checkpoints {

/// "user:<e-mail or id>", "group:<id>", "role:<role>"; anything else is unrouted.
struct Assignee {
    std::optional<std::string> raw;
    std::string type = "unrouted";
    std::string name; ///< what follows the prefix
};
Assignee assignee_of(std::optional<std::string> raw);

struct Checkpoint {
    std::string id, core_id, execution_id, path, node_id, flow_name;
    int block_index = 0;
    std::optional<std::string> instance_key;
    scai::json::Value request; ///< the effect's: what the block said, rendered
    std::string status = "pending";

    std::string type() const { return request.get("checkpoint_type").text_or("approval"); }
    Assignee assignee() const; ///< of the block, else of its form
    std::string priority() const;
    std::optional<std::int64_t> timeout_seconds() const; ///< of the block, else of its form
};

} // namespace scaigrid::checkpoints
