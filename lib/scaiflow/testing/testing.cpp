// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/testing/testing.hpp"

#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/testing/check.hpp"
#include "lib/scaiflow/testing/decode.hpp"
#include "lib/scaiflow/testing/mock_host.hpp"
#include "lib/scir/codec.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>

namespace scaiflow::testing {

using scai::json::Value;
using scai::scir::RunResult;

namespace {

constexpr std::size_t max_output = 64U << 10U;

std::string name_of(RunResult::Status status) {
    switch (status) {
    case RunResult::Status::completed:
        return "completed";
    case RunResult::Status::failed:
        return "failed";
    case RunResult::Status::suspended:
        break;
    }
    return "suspended";
}

std::int64_t milliseconds(scai::UtcTime from, scai::UtcTime to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

/// Triggers may be named by their node.
std::string trigger_name(const Value& module, const std::string& wanted) {
    std::string name = wanted;
    module.get("triggers").each_item([&](const Value& trigger) {
        if (!wanted.empty() && trigger.member("node_id") == wanted)
            name = trigger.member("name");
    });
    return name;
}

/// A run must complete unless the test is about how it ends.
bool must_complete(const Test& test) {
    return std::ranges::none_of(test.assertions, [](const Assertion& assertion) {
        return assertion.kind == AssertionKind::status || assertion.path.root == "error";
    });
}

void check_completion(const RunResult& run, const MockHost& host, TestResult& result) {
    if (run.status == RunResult::Status::completed)
        return;
    std::string message = "the run failed";
    if (run.status == RunResult::Status::suspended)
        message =
            "the run waits at " + host.waiting() + ": give it an answer in checkpoints." + host.waiting();
    else if (!run.error_node_id.empty())
        message += " at " + run.error_node_id;
    if (!run.error_message.empty())
        message += " (" + run.error_code + "): " + run.error_message;
    if (std::ranges::find(host.generated(), run.error_node_id) != host.generated().end())
        message += "; its answer was made up, mocks." + run.error_node_id + " gives another";
    result.failures.push_back(
        {Value::object({{"kind", "status"}, {"value", "completed"}}), result.status, message});
}

TestResult run_test(const Value& module, const Test& test, const Options& options, const scai::Clock& clock) {
    const scai::UtcTime started = clock.now();
    MockHost host(test);
    const Value input = test.input.present() ? test.input : Value::object();
    const RunResult run =
        scai::scir::run(module, trigger_name(module, test.trigger), input, host, options.limits, clock);
    TestResult result;
    result.id = test.id;
    result.name = test.name;
    result.status = name_of(run.status);
    if (run.status == RunResult::Status::failed)
        result.error = Value::object(
            {{"code", run.error_code}, {"message", run.error_message}, {"node_id", run.error_node_id}});
    for (const auto& complaint : host.complaints())
        result.failures.push_back({Value::object({{"kind", "mock"}, {"node", complaint.node}}), nullptr,
                                   complaint.node + ": " + complaint.message});
    // A missing mock explains itself: no need to say that the run failed too.
    if (must_complete(test) && host.complaints().empty())
        check_completion(run, host, result);
    const Facts facts{run.output, run.scope, input, result.error, result.status, run.visited};
    for (const Assertion& assertion : test.assertions)
        if (auto failure = check(assertion, facts))
            result.failures.push_back(std::move(*failure));
    result.passed = result.failures.empty();
    result.visited = run.visited;
    result.visited.resize(std::min(result.visited.size(), max_visited));
    result.generated = host.generated();
    if (scai::scir::measure(run.output, max_output).bytes <= max_output)
        result.output = run.output;
    result.duration_ms = milliseconds(started, clock.now());
    return result;
}

TestResult out_of_time(const Test& test, const Options& options) {
    TestResult result;
    result.id = test.id;
    result.name = test.name;
    result.status = "failed";
    result.failures.push_back(
        {nullptr, nullptr,
         "not started: all tests together may take " + std::to_string(options.max_total.count()) + " ms"});
    return result;
}

/// The tests that were asked for, in the order of the flow.
scai::Result<std::vector<Test>> chosen(std::vector<Test> tests, const std::vector<std::string>& ids) {
    if (ids.empty())
        return tests;
    std::vector<scai::FieldError> unknown;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (std::ranges::find(tests, ids[i], &Test::id) == tests.end())
            unknown.push_back({"test_ids[" + std::to_string(i) + "]", "the flow has no test of this id"});
    if (!unknown.empty())
        return scai::Error{.kind = scai::ErrorKind::unprocessable, .fields = std::move(unknown)};
    std::erase_if(tests, [&](const Test& test) { return std::ranges::find(ids, test.id) == ids.end(); });
    return tests;
}

Value to_json(const Failure& failure) {
    return Value::object(
        {{"assertion", failure.assertion}, {"actual", failure.actual}, {"message", failure.message}});
}

Value to_json(const TestResult& result) {
    Value failures = Value::array();
    for (const Failure& failure : result.failures)
        failures.push(to_json(failure));
    Value out = Value::object(
        {{"id", result.id},
         {"name", result.name},
         {"passed", result.passed},
         {"message", result.failures.empty() ? Value(nullptr) : Value(result.failures.front().message)},
         {"duration_ms", result.duration_ms},
         {"status", result.status},
         {"failures", failures},
         {"visited", Value::array_of(result.visited)},
         {"generated", Value::array_of(result.generated)},
         {"output", result.output}});
    if (result.error.present())
        out.set("error", result.error);
    return out;
}

} // namespace

std::int64_t Report::passed() const {
    return std::ranges::count(results, true, &TestResult::passed);
}
std::int64_t Report::failed() const {
    return std::ranges::count(results, false, &TestResult::passed);
}

scai::Result<Report> run(const Value& content, const Options& options, const scai::Clock& clock) {
    SCAI_TRY(auto all, decode(content));
    SCAI_TRY(const auto tests, chosen(std::move(all), options.test_ids));
    Report report;
    const compiler::Compiled compiled = compiler::compile(content, compiler::Format::ir);
    report.diagnostics = compiled.diagnostics;
    if (!compiled.body)
        return report;
    // The very bytes that would be deployed.
    SCAI_TRY(const Value module, scai::scir::decode(*compiled.body));
    const scai::UtcTime started = clock.now();
    for (const Test& test : tests)
        report.results.push_back(clock.now() - started > options.max_total
                                     ? out_of_time(test, options)
                                     : run_test(module, test, options, clock));
    return report;
}

Value to_json(const Report& report) {
    Value results = Value::array();
    for (const TestResult& result : report.results)
        results.push(to_json(result));
    Value out = Value::object({{"total", static_cast<std::int64_t>(report.results.size())},
                               {"passed", report.passed()},
                               {"failed", report.failed()},
                               {"results", results}});
    if (graph::has_errors(report.diagnostics))
        out.set("diagnostics", graph::to_json(report.diagnostics));
    return out;
}

} // namespace scaiflow::testing
