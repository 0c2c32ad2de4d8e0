// make up, make down, make status as a user meets them. SPDX-License-Identifier: Apache-2.0
#include "tests/support/files.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;

bool alive(int pid) {
    return pid > 0 && ::kill(pid, 0) == 0 &&
           test::slurp("/proc/" + std::to_string(pid) + "/stat").find(") Z ") == std::string::npos;
}

/// Everything below the stack's folder that a process has in its command line, environment or working folder.
std::vector<std::string> processes_of(const test::Stack& stack) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(::getpid()))
            continue;
        std::error_code ignored;
        const auto text = test::slurp(entry.path() / "cmdline") + test::slurp(entry.path() / "environ") +
                          fs::read_symlink(entry.path() / "cwd", ignored).string();
        if (text.find(stack.folder() + "/var") != std::string::npos)
            found.push_back(name + " " + test::slurp(entry.path() / "comm"));
    }
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_stack_lifecycle)

BOOST_AUTO_TEST_CASE(two_stacks_run_side_by_side_and_down_leaves_nothing_of_one) {
    auto& first = test::stack();
    test::Stack second;
    BOOST_TEST(first.get("/v1/health").status == 200);
    BOOST_TEST(second.get("/v1/health").status == 200);
    BOOST_TEST(first.flow_url() != second.flow_url());
    BOOST_TEST(second.make("status").status == 0);

    BOOST_TEST(second.make("down").status == 0);
    const auto left = processes_of(second);
    BOOST_TEST(left.empty(), "still there: " << (left.empty() ? "" : left.front()));
    BOOST_TEST(second.get("/v1/health").status == 0);
    BOOST_TEST(second.make("status").status == 3);
    BOOST_TEST(second.make("down").status == 0, "down twice is harmless");
    BOOST_TEST(first.get("/v1/health").status == 200, "the neighbour was taken down too");

    // The data stayed: up again knows its registration.
    const auto client = second.setting("SCAIFLOW_SCAIKEY_CLIENT_ID");
    const auto up = second.make("up");
    BOOST_TEST(up.status == 0, up.all());
    BOOST_TEST(second.setting("SCAIFLOW_SCAIKEY_CLIENT_ID") == client);
    BOOST_TEST(second.get("/v1/health").status == 200);
}

BOOST_AUTO_TEST_CASE(up_twice_restarts_nothing) {
    auto& stack = test::stack();
    const std::vector<std::string> services{"postgres", "nginx", "scaikey", "scaiflow-auth",
                                            "scaiflow-admin"};
    std::vector<int> before;
    for (const auto& service : services)
        before.push_back(stack.pid_of(service));
    const auto settings = test::slurp(stack.folder() + "/var/scaiflow.env");
    const auto up = stack.make("up");
    BOOST_TEST(up.status == 0, up.all());
    for (std::size_t i = 0; i < services.size(); ++i) {
        BOOST_TEST(before[i] > 0, services[i]);
        BOOST_TEST(stack.pid_of(services[i]) == before[i], services[i] + " was restarted");
    }
    BOOST_TEST(test::slurp(stack.folder() + "/var/scaiflow.env") == settings);
}

BOOST_AUTO_TEST_CASE(settings_files_are_private_and_no_secret_is_in_an_argument) {
    auto& stack = test::stack();
    for (const char* name : {"scaiflow.env", "scaikey.env"}) {
        struct stat status {};
        BOOST_TEST_REQUIRE(::stat((stack.folder() + "/var/" + name).c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 0777U) == 0600U, name);
    }
    const auto secret = stack.setting("SCAIFLOW_SCAIKEY_CLIENT_SECRET");
    const auto webhook_secret = stack.setting("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    BOOST_TEST_REQUIRE(secret.size() >= 16U);
    BOOST_TEST_REQUIRE(webhook_secret.size() >= 16U);
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto line = test::slurp(entry.path() / "cmdline");
        BOOST_TEST(line.find(secret) == std::string::npos);
        BOOST_TEST(line.find(webhook_secret) == std::string::npos);
    }
    for (const char* service : {"scaiflow-auth", "scaiflow-admin", "scaikey", "nginx"}) {
        BOOST_TEST(stack.log(service).find(secret) == std::string::npos, service);
        BOOST_TEST(stack.log(service).find(webhook_secret) == std::string::npos, service);
    }
}

BOOST_AUTO_TEST_CASE(a_killed_handler_comes_back) {
    auto& stack = test::stack();
    const int pid = stack.pid_of("scaiflow-health");
    BOOST_TEST_REQUIRE(pid > 0);
    ::kill(pid, SIGKILL);
    BOOST_TEST(test::eventually(
        [&] { return stack.pid_of("scaiflow-health") != pid && stack.get("/v1/health").status == 200; }));
}

BOOST_AUTO_TEST_CASE(down_finds_what_lost_its_supervisor) {
    test::Stack stack;
    std::vector<int> pids;
    for (const char* service : {"postgres", "nginx", "scaikey", "scaiflow-auth"})
        pids.push_back(stack.pid_of(service));
    // runsvdir first, then every runsv: the services are orphans now.
    ::kill(std::stoi(test::slurp(stack.folder() + "/var/runsvdir.pid")), SIGKILL);
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto comm = test::slurp(entry.path() / "comm");
        if (comm == "runsv\n" &&
            test::slurp(entry.path() / "environ").find("SCAI_STACK=" + stack.folder() + "/var") !=
                std::string::npos)
            ::kill(std::stoi(entry.path().filename().string()), SIGKILL);
    }
    for (const int pid : pids)
        BOOST_TEST(alive(pid));
    const auto down = stack.make("down");
    BOOST_TEST(down.status == 0, down.all());
    const auto left = processes_of(stack);
    BOOST_TEST(left.empty(), "still there: " << (left.empty() ? "" : left.front()));
    for (const int pid : pids)
        BOOST_TEST(!alive(pid));
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_is_named_before_anything_starts) {
    auto& stack = test::stack();
    auto environment = test::clean_environment();
    const auto folder = stack.folder() + "/second";
    environment["STACK_DIR"] = folder;
    environment["FLOW_PORT"] = stack.flow_url().substr(stack.flow_url().rfind(':') + 1);
    environment["KEY_PORT"] = std::to_string(test::free_port());
    if (const char* bin = std::getenv("SCAI_BIN"))
        environment["SCAI_BIN"] = fs::absolute(bin).string();
    const auto up = test::run({"sh", "lib/stack/stack.sh", "up"}, environment);
    BOOST_TEST(up.status == 1);
    BOOST_TEST(up.err.find("port " + environment["FLOW_PORT"] + " is taken") != std::string::npos, up.all());
    BOOST_TEST(!fs::exists(folder + "/data"));
}

BOOST_AUTO_TEST_SUITE_END()
