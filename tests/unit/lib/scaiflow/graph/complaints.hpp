// Diagnostics as lines to compare. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/validate.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace scai::test {

/// "error CODE path (node) [edge]: message"
inline std::string complaint(const scaiflow::graph::Diagnostic& each) {
    std::string out = each.severity == scaiflow::graph::Severity::error ? "error " : "warning ";
    out += each.code + " " + each.path;
    if (!each.node_id.empty())
        out += " (" + each.node_id + ")";
    if (!each.edge_id.empty())
        out += " [" + each.edge_id + "]";
    return out + ": " + each.message;
}

inline void expect_complaints(const json::Value& content, const std::vector<std::string>& expected) {
    std::vector<std::string> found;
    for (const auto& each : scaiflow::graph::validate(content))
        found.push_back(complaint(each));
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

} // namespace scai::test
