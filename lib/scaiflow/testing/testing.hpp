// The tests of a flow (contract scaiflow-model.md 3.9), run on the compiled IR with mocks: no call leaves the
// process. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"
#include "lib/scir/interpreter.hpp"

#include <string>
#include <vector>

namespace scaiflow::testing {

struct Options {
    std::vector<std::string> test_ids; ///< empty: all
    scai::scir::RunLimits limits;
    std::chrono::milliseconds max_total{60'000};
};

struct Failure {
    scai::json::Value assertion;
    scai::json::Value actual;
    std::string message;
};
struct TestResult {
    std::string id, name;
    bool passed;
    std::int64_t duration_ms;
    std::string status; ///< completed, failed, suspended
    std::vector<Failure> failures;
    std::vector<std::string> visited;
    scai::json::Value output;
};
struct Report {
    std::vector<TestResult> results;
    graph::Diagnostics diagnostics; ///< compile errors: then no test ran
    std::int64_t passed() const;
    std::int64_t failed() const;
};

/// unprocessable naming "content.tests[2].assertions[0].kind" when the tests are malformed or an id of
/// `options.test_ids` is unknown.
scai::Result<Report> run(const scai::json::Value& content, const Options& options, const scai::Clock& clock);
/// {total, passed, failed, results, diagnostics?}
scai::json::Value to_json(const Report& report);

} // namespace scaiflow::testing
