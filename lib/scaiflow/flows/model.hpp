// What is written into a flow and read out of it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

#include <optional>
#include <string>

namespace scaiflow::flows {

/// A graph as its client wrote it, without white space; never parsed again. The places of its id and version
/// are known, because the server rewrites them.
struct Content {
    std::string text;
    struct Place {
        std::size_t at = 0, size = 0; ///< of the value; size 0: there is no such member
    };
    Place id, version;
    std::string given_version; ///< "" when it is no text
};

/// A new flow.
struct Draft {
    std::string name;
    std::optional<std::string> description;
    Content content;
};

/// What a PUT changes; absent stays.
struct Change {
    std::optional<std::string> name;
    std::optional<std::optional<std::string>> description; ///< a null takes it away
    std::optional<Content> content;
};

struct Detail {
    Head head;
    std::string content; ///< JSON text, as stored and as served
};

} // namespace scaiflow::flows
