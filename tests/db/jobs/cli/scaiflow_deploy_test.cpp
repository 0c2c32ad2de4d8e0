// scaiflow deploy, the real binary against a scripted ScaiGrid. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/deploy/fixture.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

struct Fixture {
    scai::test::ScriptedGrid grid;
    test::Environment environment = test::clean_environment();
    std::string content = test::deployable("flow_local").dump();

    Fixture() {
        environment["SCAIGRID_BASE_URL"] = grid.url();
        environment["SCAIGRID_API_KEY"] = "sgk_environment_1";
    }
    test::Finished run(std::vector<std::string> arguments) const {
        const char* folder = std::getenv("SCAI_BIN");
        arguments.insert(
            arguments.begin(),
            {std::string(folder && *folder ? folder : "build/bin") + "/scaiflow", "deploy", "-"});
        return test::run(arguments, environment, content);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_cli_scaiflow_deploy, Fixture)

BOOST_AUTO_TEST_CASE(it_prints_what_the_documentation_says) {
    const auto first = run({});
    BOOST_TEST(first.status == 0, first.all());
    BOOST_TEST(first.out ==
               "core_id=" + grid.cores().at(0).id + "\npublished_slug=scaicore/acme/invoice-triage\n");
    BOOST_TEST(first.err.empty());
    BOOST_TEST(grid.bearers().at(0) == "sgk_environment_1");
    const auto again = run({"--json"});
    BOOST_TEST(again.out == R"({"core_id":")" + grid.cores().at(0).id +
                                "\",\"published_slug\":\"scaicore/acme/invoice-triage\"}\n",
               again.all());
    BOOST_TEST(grid.cores().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_flag_goes_before_the_flow) {
    const auto finished = run({"--no-publish-as-model"});
    BOOST_TEST(finished.out == "core_id=" + grid.cores().at(0).id + "\n", finished.all());
    BOOST_TEST(!grid.cores().at(0).published);
    BOOST_TEST(run({"--publish-as-model", "--no-publish-as-model"}).status == 2);
}

BOOST_AUTO_TEST_CASE(the_key_need_not_be_an_argument) {
    const auto file = test::postgres().folder() + "/grid.key";
    std::ofstream(file) << "sgk_in_a_file_01\n";
    BOOST_TEST(run({"--api-key-file", file}).status == 0);
    BOOST_TEST(grid.bearers().back() == "sgk_in_a_file_01");
    BOOST_TEST(run({"--api-key", "sgk_argument_001"}).status == 0);
    BOOST_TEST(grid.bearers().back() == "sgk_argument_001");
    environment.erase("SCAIGRID_API_KEY");
    const auto none = run({});
    BOOST_TEST(none.status == 2);
    BOOST_TEST(none.err.find("SCAIGRID_API_KEY") != std::string::npos);
    BOOST_TEST(run({"--api-key-file", "-"}).status == 2); // that is the flow
    BOOST_TEST(run({"--api-key", "sgk_argument_001", "--base-url", "ftp://x"}).status == 2);
    std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(failures_are_named_and_exit_1) {
    grid.fail("POST /v1/modules/scaicore/cores", {.status = 422});
    const auto refused = run({});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(refused.err.find("scaicore_create_failed: it broke") != std::string::npos, refused.err);
    BOOST_TEST(refused.out.empty());
    grid.fail("POST /v1/modules/scaicore/cores/*", {.status = 403});
    const auto unpublished = scai::json::parse(run({"--json"}).out);
    BOOST_TEST(unpublished->member("error") == "scaicore_publish_failed");
    BOOST_TEST(unpublished->member("core_id") == grid.cores().at(0).id);
    content = R"({"id":"x","name":"x","version":"1.0.0","nodes":[],"edges":[]})";
    const auto broken = run({});
    BOOST_TEST(broken.status == 1);
    BOOST_TEST(broken.err.find("compile_error") != std::string::npos, broken.err);
    content = "{";
    BOOST_TEST(run({}).status == 1);
    environment["SCAIGRID_BASE_URL"] = "http://127.0.0.1:1";
    content = test::deployable("flow_local").dump();
    BOOST_TEST(run({}).status == 1);
}

BOOST_AUTO_TEST_SUITE_END()
