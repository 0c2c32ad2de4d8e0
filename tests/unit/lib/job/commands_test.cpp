// SPDX-License-Identifier: Apache-2.0
#include "lib/job/commands.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

BOOST_AUTO_TEST_SUITE(lib_job_commands)

BOOST_AUTO_TEST_CASE(a_mistyped_command_is_named_with_those_there_are) {
    CLI::App app("what it is", "tool");
    auto* keys = app.add_subcommand("keys");
    keys->add_subcommand("list");
    keys->add_subcommand("rotate");
    app.add_subcommand("show");
    std::string file;
    bool quiet = false;
    app.add_option("--file,-f", file);
    app.add_flag("--quiet", quiet);
    const auto said = [&](std::vector<const char*> words) {
        words.insert(words.begin(), "tool");
        return scai::job::unknown_command(app, static_cast<int>(words.size()), words.data()).value_or("");
    };
    BOOST_TEST(said({"kes"}) == "tool: there is no command 'kes': keys, show");
    BOOST_TEST(said({"keys", "lst"}) == "tool keys: there is no command 'lst': list, rotate");
    BOOST_TEST(said({"\033[2J"}) == "tool: there is no command '?[2J': keys, show");
    BOOST_TEST(said({"--file", "x", "--quiet", "kes"}) == "tool: there is no command 'kes': keys, show");
    BOOST_TEST(said({"-f", "x", "show"}) == "");
    BOOST_TEST(said({"--none", "kes"}) == "");
    BOOST_TEST(said({"keys", "list", "anything"}) == "");
    BOOST_TEST(said({"show", "kes"}) == "");
    BOOST_TEST(said({}) == "");
    BOOST_TEST(said({"--help"}) == "");
    BOOST_TEST(said({"keys", "--help"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
