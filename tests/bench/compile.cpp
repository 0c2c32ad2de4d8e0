// Compile and validate: CPU milliseconds a call and nanoseconds a node, for the shapes flows have. One row a
// figure: name, value, unit, goal. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/import.hpp"
#include "lib/scaiflow/graph/validate.hpp"
#include "tests/support/flow_generator.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace {

using scai::json::Value;
using scaiflow::compiler::Format;

/// Median CPU time of single calls, over at least 20 and about half a second.
double median_ms(const std::function<void()>& call) {
    const auto cpu = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    };
    using clock = std::chrono::steady_clock;
    std::vector<double> times;
    const auto started = clock::now();
    do {
        const double before = cpu();
        call();
        times.push_back(cpu() - before);
    } while (times.size() < 20 || clock::now() - started < std::chrono::milliseconds(500));
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

void row(const std::string& name, double value, const char* unit, const char* goal) {
    std::printf("%s\t%.3f\t%s\t%s\n", name.c_str(), value, unit, goal);
}

void measure(const char* shape, const Value& made, const char* goal) {
    // As a server has it: parsed in one go, not pieced together.
    const Value flow = scai::json::parse(made.dump()).value();
    const auto nodes = flow.get("nodes").size();
    const std::string what = std::string(shape) + " flow, " + std::to_string(nodes) + " nodes: ";
    const auto figure = [&](const char* name, const std::function<void()>& call) {
        const double ms = median_ms(call);
        row(what + name, ms, "ms", goal);
        row(what + name + ", per node", ms * 1e6 / static_cast<double>(nodes), "ns", "");
    };
    const auto compile = [&](Format format) {
        if (!scaiflow::compiler::compile(flow, format).body)
            std::fprintf(stderr, "the %s flow does not compile\n", shape);
    };
    figure("compile to yaml", [&] { compile(Format::yaml); });
    figure("compile to ir, verified", [&] { compile(Format::ir); });
    figure("compile to scai", [&] { compile(Format::scai); });
    figure("validate", [&] { scaiflow::graph::validate(flow); });
    const std::string manifest = scaiflow::compiler::compile(flow, Format::yaml).body.value_or("");
    figure("import of its manifest", [&] {
        if (!scaiflow::compiler::import_yaml(manifest))
            std::fprintf(stderr, "the manifest does not import\n");
    });
}

} // namespace

int main() {
    measure("mixed", scai::test::generate_flow(1, 50), "< 1");
    measure("mixed", scai::test::generate_flow(1, 2'000), "< 50");
    measure("straight", scai::test::chain_flow(2'000), "< 50");
    measure("laddered", scai::test::ladder_flow(2'000), "< 50");
    return 0;
}
