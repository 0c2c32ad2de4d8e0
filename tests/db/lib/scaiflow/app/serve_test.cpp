// How a handler starts, or refuses to. Each case runs serve_group in a process of its own.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

struct Ended {
    int code = -1;
    std::string out, err;
};

std::string read_all(int descriptor) {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(descriptor, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    ::close(descriptor);
    return text;
}

Ended run(const std::vector<std::pair<std::string, std::string>>& environment,
          std::vector<std::string> arguments) {
    int out[2];
    int err[2];
    BOOST_REQUIRE(::pipe(out) == 0 && ::pipe(err) == 0);
    std::cout.flush(); // what the runner has not printed yet would come out of the child, too
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(0);
        ::dup2(out[1], 1);
        ::dup2(err[1], 2);
        ::clearenv();
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        arguments.insert(arguments.begin(), "scaiflow-health");
        std::vector<char*> raw;
        for (auto& argument : arguments)
            raw.push_back(argument.data());
        const int code = scaiflow::serve_group("health", scaiflow::health_api::routes(),
                                               static_cast<int>(raw.size()), raw.data());
        std::fflush(nullptr);
        ::_exit(code);
    }
    ::close(out[1]);
    ::close(err[1]);
    Ended ended{.out = read_all(out[0]), .err = read_all(err[0])};
    int status = 0;
    ::waitpid(child, &status, 0);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

struct Serve {
    test::Database database = test::migrated_database("scaiflow");
    const std::vector<std::pair<std::string, std::string>> get_health{
        {"DATABASE_URL", database.url}, {"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/v1/health"}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(scaiflow_app_serve, Serve)

BOOST_AUTO_TEST_CASE(cgi_request_is_answered) {
    const auto ended = run(get_health, {});
    BOOST_TEST(ended.code == 0);
    BOOST_TEST(ended.out.starts_with("Status: 200 OK\r\n"));
}

BOOST_AUTO_TEST_CASE(database_ahead_is_refused_with_both_numbers) {
    database.sql(
        "INSERT INTO scaiflow.schema_migrations (number, name, checksum) VALUES (99, '0099_x', 'x')");
    const auto ended = run(get_health, {});
    BOOST_TEST(ended.code == 78);
    BOOST_TEST(ended.out.empty());
    BOOST_TEST(ended.err.find("at version 99") != std::string::npos);
    BOOST_TEST(ended.err.find("knows version " + std::to_string(scaiflow::expected_schema_version())) !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(database_that_is_down_or_behind_does_not_stop_it) {
    auto environment = get_health;
    environment[0].second = "postgresql:///nothing?host=/nonexistent";
    BOOST_TEST(run(environment, {}).code == 0);
    database.sql("DELETE FROM scaiflow.schema_migrations");
    const auto behind = run(get_health, {});
    BOOST_TEST(behind.code == 0);
    BOOST_TEST(behind.err.find("schema_behind") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_settings_are_78_and_name_the_setting) {
    const auto none = run({}, {});
    BOOST_TEST(none.code == 78);
    BOOST_TEST(none.err.find("DATABASE_URL") != std::string::npos);
    const auto bad = run({{"DATABASE_URL", database.url}, {"FCGI_THREADS", "many"}}, {});
    BOOST_TEST(bad.code == 78);
    BOOST_TEST(bad.err.find("FCGI_THREADS") != std::string::npos);
    BOOST_TEST(run(get_health, {"--env-file", "/nonexistent/file"}).code == 78);
    const auto url = run({{"DATABASE_URL", "postgresql://user:pa%%ss@host/db"}}, {});
    BOOST_TEST(url.code == 78);
    BOOST_TEST(url.err.find("pa%%ss") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(options_are_checked_and_ignored_when_a_web_server_passes_them) {
    BOOST_TEST(run(get_health, {"--nonsense"}).code == 64);
    BOOST_TEST(run({}, {"--version"}).code == 0);
    const auto help = run({}, {"--help"});
    BOOST_TEST(help.code == 0);
    BOOST_TEST(help.out.find("SCAIFLOW_SYNC_INTERVAL_MINUTES") != std::string::npos);
    auto environment = get_health;
    environment.emplace_back("GATEWAY_INTERFACE", "CGI/1.1");
    BOOST_TEST(run(environment, {"--env-file", "/etc/passwd"}).code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
