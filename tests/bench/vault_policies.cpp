// Policy decisions: CPU microseconds a call as the number of policies grows, and what reading and compiling a
// changed set costs. One row a figure: name, value, unit, goal. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/document.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

namespace policies = scaivault::policies;

double cpu_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// Median over batches of `count` calls, for about half a second.
double median_us(int count, const std::function<void(int)>& call) {
    std::vector<double> times;
    const auto started = std::chrono::steady_clock::now();
    do {
        const double before = cpu_us();
        for (int i = 0; i < count; ++i)
            call(i);
        times.push_back((cpu_us() - before) / count);
    } while (times.size() < 5 || std::chrono::steady_clock::now() - started < std::chrono::milliseconds(400));
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

void row(const std::string& name, double value, const char* unit, const char* goal) {
    std::printf("%s\t%.3f\t%s\t%s\n", name.c_str(), value, unit, goal);
}

/// As stored: what a reload reads.
std::string rules_of(int i) {
    const auto n = std::to_string(i);
    return R"([{"path_pattern":"environments/prod/svc)" + n +
           R"(/**","permissions":["read","list"],"conditions":{}},)" + R"({"path_pattern":"shared/*/team)" +
           std::to_string(i % 97) + R"(/key-*","permissions":["read"],)" +
           R"("conditions":{"ip_ranges":["10.0.0.0/8"]}},)" + R"({"path_pattern":"environments/*/svc)" + n +
           R"(/config","permissions":["write"],"conditions":{"require_mfa":true}}])";
}

policies::PolicySet set_of(int count) {
    std::vector<policies::Policy> all;
    std::vector<policies::Binding> bindings;
    for (int i = 0; i < count; ++i) {
        const auto id = "pol_" + std::to_string(i);
        auto rules = policies::parse_rules(scai::json::parse(rules_of(i)).value(), "rules");
        all.push_back({.id = id, .name = id, .active = true, .rules = std::move(rules).value()});
        bindings.push_back({"bnd_" + id, id, "group:grp_" + std::to_string(i / 10), std::nullopt});
        bindings.push_back({"bnd_all_" + id, id, "sa:everything", std::nullopt});
    }
    return {std::move(all), std::move(bindings)};
}

policies::Query query_of(std::vector<std::string> who, int i) {
    return {.identities = std::move(who),
            .path = "environments/prod/svc" + std::to_string(i) + "/db/password",
            .permission = policies::Permission::read,
            .context = {.source_ip = "10.1.2.3",
                        .mfa_verified_at = std::nullopt,
                        .now = scai::from_unix_seconds(1'780'000'000)}};
}

void measure(int count) {
    const auto before = cpu_us();
    const auto set = set_of(count);
    const auto made = cpu_us() - before;
    const auto what = std::to_string(count) + " policies: ";
    std::vector<policies::Query> few;
    std::vector<policies::Query> everything;
    std::vector<policies::Query> denied;
    std::mt19937 random(7);
    for (int i = 0; i < 512; ++i) {
        const int policy = static_cast<int>(random() % static_cast<unsigned>(count));
        std::vector<std::string> who{"user:usr_1"};
        for (int g = 0; g < 20; ++g)
            who.push_back("group:grp_" + std::to_string((policy / 10 + g) % std::max(1, count / 10)));
        few.push_back(query_of(who, policy));
        everything.push_back(query_of({"sa:everything"}, policy));
        denied.push_back(query_of({"sa:everything"}, policy));
        denied.back().path = "infra/none/of/them";
    }
    int allowed = 0;
    const auto time = [&](const std::vector<policies::Query>& queries, int calls) {
        return median_us(calls, [&](int i) {
            allowed += set.decide(queries[static_cast<std::size_t>(i) % queries.size()]).allowed ? 1 : 0;
        });
    };
    row(what + "decision, caller in 20 groups (200 policies)", time(few, 512), "us", "20");
    row(what + "decision, caller bound to all of them", time(everything, 512), "us",
        count >= 10'000 ? "" : "20");
    row(what + "denial, caller bound to all of them", time(denied, 512), "us", "");
    row(what + "parse and compile after a change", made / 1e3, "ms", "");
    if (allowed == 0)
        std::fprintf(stderr, "nothing was allowed\n");
}

} // namespace

int main() {
    for (const int count : {100, 10'000})
        measure(count);
    return 0;
}
