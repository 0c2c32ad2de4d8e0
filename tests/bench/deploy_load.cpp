// deploy_load: deployments of distinct flows to the embedded ScaiGrid in a stack of its own: queue, Core and
// model, each with its records. Prints a line a figure. usage: deploy_load   from the repository root
// SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "tests/support/bench.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/stack.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace {

using scai::json::Value;
using Clock = std::chrono::steady_clock;

constexpr int callers = 4, flows_each = 25;

std::string make_flow(const test::Stack& stack, const std::pair<std::string, std::string>& bearer,
                      int number) {
    using namespace scai::test; // NOLINT(google-build-using-namespace)
    auto content = flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                        {edge("node_in.out_request", "node_a")});
    const auto name = "Bench deploy " + std::to_string(number);
    content.set("name", name);
    content.set("config", copy(content.get("config"))
                              .set("scaiqueue", json(R"({"scope":"bench","queues":[{"slug":"review"}]})"))
                              .set("publish_as_model", true));
    const auto made =
        stack.post("/v1/flows", Value::object({{"name", name}, {"content", content}}), {bearer});
    const auto body = scai::json::parse(made.body);
    if (made.status != 201 || !body)
        throw std::runtime_error("POST /v1/flows: " + made.body);
    return body->member("id");
}

/// Every flow once, by as many callers; the times of the single deployments, sorted, and the whole time.
std::pair<std::vector<double>, double> deploy_all(const test::Stack& stack,
                                                  const std::pair<std::string, std::string>& bearer,
                                                  const std::vector<std::string>& flows) {
    std::vector<double> took(flows.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::vector<std::thread> threads;
    const auto began = Clock::now();
    for (int i = 0; i < callers; ++i)
        threads.emplace_back([&] {
            for (std::size_t n = next++; n < flows.size(); n = next++) {
                const auto start = Clock::now();
                const auto answer =
                    stack.post("/v1/flows/" + flows[n] + "/deploy", Value::object(), {bearer});
                took[n] = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
                if (answer.status != 200 && !failed.exchange(true))
                    std::cerr << "deploy: " << answer.status << " " << answer.body << "\n";
            }
        });
    for (auto& thread : threads)
        thread.join();
    if (failed)
        throw std::runtime_error("a deployment failed");
    const auto whole = std::chrono::duration<double>(Clock::now() - began).count();
    std::sort(took.begin(), took.end());
    return {took, whole};
}

} // namespace

int main() {
    try {
        const test::Stack stack(test::Environment{{"SCAIFLOW_LOG_LEVEL", "warn"}});
        const auto person = test::demo_member();
        const auto bearer = test::bearer(stack.sign_in(person.email, person.password).access_token);
        std::vector<std::string> flows;
        for (int i = 0; i < callers * flows_each; ++i)
            flows.push_back(make_flow(stack, bearer, i));
        for (const char* name :
             {"first deployments, queue, Core and model, 4 callers", "deployed again, 4 callers"}) {
            const auto [took, whole] = deploy_all(stack, bearer, flows);
            test::figure(name, test::fixed(static_cast<double>(took.size()) / whole, 1), "deploys/s");
            test::figure(
                "  p50, p99",
                test::fixed(took[took.size() / 2]) + ", " + test::fixed(took[took.size() * 99 / 100]), "ms");
        }
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
