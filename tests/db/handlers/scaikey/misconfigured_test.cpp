// A passphrase that does not open the signing keys: the client learns that settings are wrong, the log which.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

std::string program(const std::string& name) {
    const char* folder = std::getenv("SCAI_BIN"); // NOLINT(concurrency-mt-unsafe)
    return std::string(folder != nullptr && *folder != '\0' ? folder : "build/bin") + "/" + name;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaikey_misconfigured)

BOOST_AUTO_TEST_CASE(the_log_names_the_setting_that_does_not_fit_the_keys) {
    const auto db = test::migrated_database("scaikey");
    auto environment = test::clean_environment();
    environment["DATABASE_URL"] = db.url;
    environment["SCAIKEY_ENV_FILE"] = "/dev/null";
    environment["SCAIKEY_ISSUER"] = "http://127.0.0.1:1";
    environment["SCAIKEY_KEY_PASSPHRASE"] = "open-sesame";
    const auto made = test::run({program("scaikey-job-rotate-keys")}, environment);
    BOOST_TEST_REQUIRE(made.status == 0, made.all());

    environment["REQUEST_METHOD"] = "GET"; // as CGI: one request, its log on standard error
    environment["REQUEST_URI"] = "/api/v1/platform/.well-known/jwks.json";
    BOOST_TEST(test::run({program("scaikey")}, environment).out.starts_with("Status: 200"));
    environment["SCAIKEY_KEY_PASSPHRASE"] = "close-sesame";
    const auto refused = test::run({program("scaikey")}, environment);
    BOOST_TEST(refused.out.starts_with("Status: 503"), refused.all());
    BOOST_TEST(refused.out.find("the server's settings are wrong; its log says which") != std::string::npos);
    BOOST_TEST(refused.out.find("PASSPHRASE") == std::string::npos);
    BOOST_TEST(refused.err.find(R"("event":"misconfigured")") != std::string::npos, refused.all());
    BOOST_TEST(refused.err.find("SCAIKEY_KEY_PASSPHRASE does not open the signing keys") !=
               std::string::npos);
    BOOST_TEST(refused.all().find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
