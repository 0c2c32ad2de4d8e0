// tests[] of a flow as values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <set>
#include <string>
#include <variant>
#include <vector>

namespace scaiflow::testing {

enum class AssertionKind {
    equals,
    not_equals,
    contains,
    matches,
    exists,
    gt,
    gte,
    lt,
    lte,
    visited,
    not_visited,
    status,
};

/// "output.a[0]": a root, then member names and indices.
struct Path {
    std::string root;
    std::vector<std::variant<std::string, std::int64_t>> steps;
};

struct Assertion {
    AssertionKind kind;
    Path path;               ///< of those that look at a value
    std::string node;        ///< visited, not_visited
    scai::json::Value value; ///< absent for none
    scai::json::Value source;
};

struct Test {
    std::string id, name, trigger;
    scai::json::Value input, mocks, checkpoints; ///< objects, but for input
    std::vector<Assertion> assertions;
};

inline constexpr std::size_t max_tests = 500;

/// All mistakes at once, each with its path: unprocessable.
scai::Result<std::vector<Test>> decode(const scai::json::Value& content);

} // namespace scaiflow::testing
