// The tests of a flow (contract scaiflow-model.md 3.9), run on the compiled IR with mocks: no call leaves the
// process. Same flow, same report but for durations.
//
// Test       {id, name?, input?, trigger? (name or entry node), mocks?, checkpoints?, assertions?}
// mocks      node id | "plugin.method" | "core://..." -> answer. {"sequence": [answers]} gives one a call and
// fails
//            when used up, {"error": text | {code, message}} makes the call fail.
// checkpoints node id -> resolution text or object, {"sequence"}, {"error"}, or {"timeout": true}.
// Without a mock: an LLM call gets an answer made from its output_type; queue publish and escalate, sandbox
// create, write_file and destroy, and an async sub-flow get a neutral one (the result lists these nodes as
// `generated`); any other call fails the test and names the missing key. A checkpoint without an answer
// suspends the run; breakpoints never pause. Assertion  {kind, path, value}: equals, not_equals, contains
// (part of a text, item of a list, members of an
//            object), matches (glob), gt, gte, lt, lte; {kind "exists", path, value? (false: must not be
//            there)}; {kind "visited"|"not_visited", node}; {kind "status", value completed|failed|suspended}
// Path       output, scope, input or error{code, message, node_id}, then .name, [index], ["key"]
// A run must complete unless an assertion is about status or error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"
#include "lib/scir/interpreter.hpp"

#include <string>
#include <vector>

namespace scaiflow::testing {

struct Options {
    std::vector<std::string> test_ids = {}; ///< empty: all
    scai::scir::RunLimits limits = {};
    std::chrono::milliseconds max_total{60'000}; ///< tests that start later fail
};

inline constexpr std::size_t max_visited = 1'000; ///< nodes of a way that a report shows

struct Failure {
    scai::json::Value assertion;
    scai::json::Value actual; ///< a text with the beginning when it is large
    std::string message;
};
struct TestResult {
    std::string id, name;
    bool passed = false;
    std::int64_t duration_ms = 0;
    std::string status; ///< completed, failed, suspended
    std::vector<Failure> failures;
    std::vector<std::string> visited;   ///< at most max_visited
    std::vector<std::string> generated; ///< nodes whose call was answered without a mock
    scai::json::Value output;           ///< absent when larger than 64 KB
    scai::json::Value error;            ///< {code, message, node_id} of a failed run, else absent
};
struct Report {
    std::vector<TestResult> results;
    graph::Diagnostics diagnostics; ///< compile errors: then no test ran
    std::int64_t passed() const;
    std::int64_t failed() const;
};

/// unprocessable naming "content.tests[2].assertions[0].kind" when the tests are malformed, "test_ids[0]"
/// when an id of `options.test_ids` is unknown.
scai::Result<Report> run(const scai::json::Value& content, const Options& options, const scai::Clock& clock);
/// {total, passed, failed, results [{id, name, passed, message|null, duration_ms, status, failures, visited,
/// generated, output, error?}], diagnostics?}
scai::json::Value to_json(const Report& report);

} // namespace scaiflow::testing
