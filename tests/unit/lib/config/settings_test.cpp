// SPDX-License-Identifier: Apache-2.0
#include "lib/config/settings.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

using scai::config::parse_env_file;
using scai::config::Setting;
using scai::config::Settings;
using scai::config::Type;

namespace {
constexpr std::array table{
    Setting{"T_URL", Type::url, "", "a url"},          Setting{"T_SIZE", Type::integer, "8", "a size", 1, 64},
    Setting{"T_FLAG", Type::boolean, "false", "flag"}, Setting{"T_LIST", Type::list, "", "list"},
    Setting{"T_SECRET", Type::secret, "", "secret"},
};
constexpr scai::config::Source source{"scai-settings-test", "T_ENV_FILE"};
} // namespace

BOOST_AUTO_TEST_SUITE(lib_config_settings)

BOOST_AUTO_TEST_CASE(a_name_that_is_none_is_said_to_be_the_problem_and_not_repeated) {
    for (const char* line : {"my.key=2", "1A=x", "a-b=c", "MIIEvQIBADANBgkq/hk==", "\xc3\xa9=1"}) {
        const auto values = parse_env_file(std::string("GOOD=1\n") + line + "\n");
        BOOST_TEST_REQUIRE(!values);
        BOOST_TEST(values.error().message ==
                   "line 2: the name before = has to be of letters, digits and _, without a digit first");
    }
    BOOST_TEST(parse_env_file("GOOD").error().message == "line 1 is not NAME=VALUE");
    BOOST_TEST(parse_env_file("=x").error().message == "line 1 is not NAME=VALUE");
}

BOOST_AUTO_TEST_CASE(env_files_are_read_like_a_shell_would) {
    const auto values =
        parse_env_file("# comment\n\nexport A=1\nB = two words \nC='x # y'\nD=\"\"\nE=a=b\r\n");
    BOOST_TEST_REQUIRE(static_cast<bool>(values));
    BOOST_TEST(values->at("A") == "1");
    BOOST_TEST(values->at("B") == "two words");
    BOOST_TEST(values->at("C") == "x # y");
    BOOST_TEST(values->at("D") == "");
    BOOST_TEST(values->at("E") == "a=b");
}

BOOST_AUTO_TEST_CASE(a_broken_line_is_named_by_number_only) {
    for (const char* text : {"A=1\nsecretvalue\n", "A=1\n1X=secretvalue", "A=1\nB='secretvalue"}) {
        const auto values = parse_env_file(text);
        BOOST_TEST_REQUIRE(!values);
        BOOST_TEST(values.error().message.find("line 2") != std::string::npos);
        BOOST_TEST(values.error().message.find("secretvalue") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(defaults_apply_and_every_bad_value_is_listed) {
    const auto good = Settings::from_values(table, {{"T_LIST", "a, b"}});
    BOOST_TEST_REQUIRE(static_cast<bool>(good));
    BOOST_TEST(good->integer("T_SIZE") == 8);
    BOOST_TEST(!good->flag("T_FLAG"));
    BOOST_TEST(good->list("T_LIST").size() == 2U);
    BOOST_TEST(!good->has("T_URL"));
    BOOST_CHECK_THROW(static_cast<void>(good->text("T_UNDECLARED")), std::logic_error);

    const auto bad =
        Settings::from_values(table, {{"T_URL", "ftp://x"}, {"T_SIZE", "65"}, {"T_FLAG", "maybe"}});
    BOOST_TEST_REQUIRE(!bad);
    for (const char* name : {"T_URL", "T_SIZE", "T_FLAG"})
        BOOST_TEST(bad.error().message.find(name) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_environment_beats_the_file_and_a_missing_named_file_is_an_error) {
    const std::string path = "/tmp/scai_settings_test_" + std::to_string(std::rand()) + ".env";
    std::ofstream(path) << "T_SIZE=3\nT_SECRET=from-file\n";
    setenv("T_SIZE", "5", 1);
    const auto settings = Settings::load(table, source, path);
    unsetenv("T_SIZE");
    std::remove(path.c_str());
    BOOST_TEST_REQUIRE(static_cast<bool>(settings));
    BOOST_TEST(settings->integer("T_SIZE") == 5);
    BOOST_TEST(settings->secret("T_SECRET").reveal() == "from-file");
    BOOST_TEST(settings->file() == path);
    BOOST_TEST(!Settings::load(table, source, path));
}

BOOST_AUTO_TEST_SUITE_END()
