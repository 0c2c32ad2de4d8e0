// What a compiled set is made of, read in one snapshot. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/policies/rules.hpp"

#include <string>
#include <vector>

namespace scaivault::policies::store {

struct SetRows {
    std::int64_t generation = 0;
    /// As stored; only policies with a binding, for nobody holds the others.
    struct Policy {
        std::string id, name, rules;
        bool active;
    };
    std::vector<Policy> policies; ///< by name
    std::vector<Binding> bindings;
};
SetRows set_rows(scai::db::Executor& reader, const std::string& owner);

} // namespace scaivault::policies::store
