// SPDX-License-Identifier: Apache-2.0
#include "lib/job/command_line.hpp"
#include "lib/job/job.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace job = scai::job;

namespace {

const job::Product& product() {
    static const job::Product it{.name = "demo",
                                 .settings = {},
                                 .source = {"demo", "DEMO_ENV_FILE"},
                                 .log_level = "DEMO_LOG_LEVEL",
                                 .pool_settings = nullptr,
                                 .schema_version = 1,
                                 .migrate_command = "demo-job-migrate"};
    return it;
}

struct Line {
    job::Options options;
    job::Watch watch;
    std::string algorithm;
    bool once = false;
    int parallel = 8;
    std::int64_t target = -1;
    std::string out, err;

    std::optional<int> parse(std::vector<std::string> words) {
        job::CommandLine command("Does it.", "demo-job-do", options, product());
        command.watch(watch);
        command.flag("--once", once, "once only");
        command.text("--algorithm", algorithm, "how", {"RS256", "ES256"});
        command.number("--parallel", parallel, "at the same time", {1, 64});
        command.number("--target", target, "where to", {0, 9999});
        command.footer("That is all.");
        words.insert(words.begin(), "demo-job-do");
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        std::ostringstream said, complained;
        auto* const was_out = std::cout.rdbuf(said.rdbuf());
        auto* const was_err = std::cerr.rdbuf(complained.rdbuf());
        const auto code = command.parse(static_cast<int>(argv.size()), argv.data());
        std::cout.rdbuf(was_out);
        std::cerr.rdbuf(was_err);
        out = said.str();
        err = complained.str();
        return code;
    }
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_job_command_line)

BOOST_AUTO_TEST_CASE(what_is_given_is_read_and_the_rest_stays) {
    Line line;
    BOOST_TEST(!line.parse({"--json", "--env-file", "x.env", "--watch", "2", "--for", "55", "--algorithm",
                            "ES256", "--target", "0", "--once"}));
    BOOST_TEST(line.options.json);
    BOOST_TEST(!line.options.dry_run);
    BOOST_TEST(line.options.env_file == "x.env");
    BOOST_TEST(line.watch.every_seconds == 2);
    BOOST_TEST(line.watch.for_seconds == 55);
    BOOST_TEST(line.watch.trigger() == "watch");
    BOOST_TEST(line.algorithm == "ES256");
    BOOST_TEST(line.target == 0);
    BOOST_TEST(line.parallel == 8);
    BOOST_TEST(line.once);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_and_ends_with_64) {
    for (const auto& [words, named] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--parallel", "0"}, "--parallel: Value 0 not in range 1 to 64"},
             {{"--parallel", "many"}, "--parallel"},
             {{"--watch", "0"}, "--watch"},
             {{"--algorithm", "none"}, "--algorithm: none not in {RS256,ES256}"},
             {{"--env-file", ""}, "--env-file: must not be empty"},
             {{"--paralel", "2"}, "--paralel"}}) {
        Line line;
        BOOST_TEST((line.parse(words) == job::exit_usage));
        BOOST_TEST(contains(line.err, named), line.err);
    }
}

BOOST_AUTO_TEST_CASE(help_shows_defaults_that_can_be_given_and_the_footer) {
    Line line;
    BOOST_TEST((line.parse({"--help"}) == job::exit_ok));
    BOOST_TEST(contains(line.out, "INT:INT in [1 - 64]=8"), line.out);
    BOOST_TEST(contains(line.out, "INT in [0 - 9999]"), line.out);
    BOOST_TEST(!contains(line.out, "=-1"), line.out);
    BOOST_TEST(contains(line.out, "$DEMO_ENV_FILE, /etc/scai/demo.env"), line.out);
    BOOST_TEST(contains(line.out, "That is all."), line.out);
}

BOOST_AUTO_TEST_SUITE_END()
