// Assertions against a finished run. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/testing/decode.hpp"
#include "lib/scaiflow/testing/testing.hpp"

namespace scaiflow::testing {

/// What assertions look at.
struct Facts {
    scai::json::Value output, scope, input, error; ///< error: {code, message, node_id} or absent
    std::string status;
    const std::vector<std::string>& visited;
};

/// nullopt when it holds.
std::optional<Failure> check(const Assertion& assertion, const Facts& facts);

/// The value itself, or the beginning of its text when it is large.
scai::json::Value shown(const scai::json::Value& value);

} // namespace scaiflow::testing
