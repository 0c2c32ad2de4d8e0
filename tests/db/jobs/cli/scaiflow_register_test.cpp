// scaikey-register looks at the database before it changes anything at ScaiKey. SPDX-License-Identifier:
// Apache-2.0
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

/// ScaiKey does not answer here: whoever asks it first ends with 69 and its address.
test::Finished register_with(const std::string& database_url) {
    std::string folder = (std::filesystem::temp_directory_path() / "scai-register-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(folder.data()) != nullptr);
    const std::string file = folder + "/scaiflow.env", token = folder + "/token";
    std::ofstream(file) << "DATABASE_URL=" << database_url << "\n";
    std::ofstream(token) << "t\n";
    const char* programs = std::getenv("SCAI_BIN"); // NOLINT(concurrency-mt-unsafe)
    const auto finished = test::run(
        {std::string(programs != nullptr && *programs != '\0' ? programs : "build/bin") + "/scaiflow",
         "scaikey-register", "--env-file", file, "--scaikey-url", "http://127.0.0.1:1", "--url",
         "http://127.0.0.1:2", "--admin-token-file", token},
        test::clean_environment());
    std::filesystem::remove_all(folder);
    return finished;
}

} // namespace

BOOST_AUTO_TEST_SUITE(jobs_cli_scaiflow_register)

BOOST_AUTO_TEST_CASE(a_database_that_is_not_migrated_is_said_before_scaikey_is_asked) {
    const auto database = test::empty_database();
    const auto refused = register_with(database.url);
    BOOST_TEST(refused.status == 78);
    BOOST_TEST(refused.err.find("run scaiflow-admin migrate") != std::string::npos, refused.all());
    BOOST_TEST(refused.err.find("127.0.0.1:1") == std::string::npos, refused.all());
}

BOOST_AUTO_TEST_CASE(a_database_that_is_down_is_said_before_scaikey_is_asked) {
    const auto refused = register_with("postgresql://nobody@127.0.0.1:1/none");
    BOOST_TEST(refused.status == 69);
    BOOST_TEST(refused.err.find("does DATABASE_URL say where?") != std::string::npos, refused.all());
}

BOOST_AUTO_TEST_SUITE_END()
