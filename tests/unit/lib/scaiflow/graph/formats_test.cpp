// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/formats.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace scaiflow::graph;

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_formats)

BOOST_AUTO_TEST_CASE(cron_lines_have_five_fields_within_their_bounds) {
    for (const char* good :
         {"* * * * *", "0 * * * *", "*/15 8-17 * * 1-5", "0,30 0 1,15 jan-mar,DEC mon", "59 23 31 12 7",
          "0 0 * * SUN", "10-50/10 * * * *", "  5   4 * * *  ", "0 0 1 */3 *"})
        BOOST_TEST(!cron_problem(good).has_value(), good);
    const std::vector<std::pair<const char*, const char*>> bad{
        {"", "it has 0 fields instead of 5"},
        {"* * * *", "it has 4 fields instead of 5"},
        {"0 * * * * *", "it has 6 fields instead of 5"},
        {"@daily", "it has 1 fields instead of 5"},
        {"60 * * * *", "minute: '60' is not between 0 and 59"},
        {"* 24 * * *", "hour: '24' is not between 0 and 23"},
        {"* * 0 * *", "day of month: '0' is not between 1 and 31"},
        {"* * * 13 *", "month: '13' is not between 1 and 12"},
        {"* * * * 8", "day of week: '8' is not between 0 and 7"},
        {"* * * foo *", "month: 'foo' is not between 1 and 12"},
        {"mon * * * *", "minute: 'mon' is not between 0 and 59"},
        {"-1 * * * *", "minute: '' is not between 0 and 59"},
        {"1,,2 * * * *", "minute: '' is not between 0 and 59"},
        {"9-5 * * * *", "minute: '9-5' runs backwards"},
        {"1-99 * * * *", "minute: '99' is not between 0 and 59"},
        {"*/0 * * * *", "minute: '0' is not a step"},
        {"*/x * * * *", "minute: 'x' is not a step"},
        {"*/ * * * *", "minute: '' is not a step"},
        {"*/60 * * * *", "minute: '60' is not a step"},
        {"5/10 * * * *", "minute: '5' has a step but is no range"},
        {"99999999999999999999 * * * *", "minute: '99999999999999999999' is not between 0 and 59"},
        {"*\t* * * *", "it has 4 fields instead of 5"}};
    for (const auto& [line, problem] : bad)
        BOOST_TEST(cron_problem(line).value_or("none") == problem, line);
}

BOOST_AUTO_TEST_CASE(durations_are_a_number_and_a_unit) {
    BOOST_TEST(duration_seconds("30s").value() == 30);
    BOOST_TEST(duration_seconds("5m").value() == 300);
    BOOST_TEST(duration_seconds("1h").value() == 3'600);
    BOOST_TEST(duration_seconds("7d").value() == 604'800);
    BOOST_TEST(duration_seconds("2w").value() == 1'209'600);
    for (const char* bad : {"", "s", "0s", "30", "1.5h", "-1s", "1 h", "1H", "30sec", "1h30m", "123456789s"})
        BOOST_TEST(!duration_seconds(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(core_addresses_name_a_tenant_and_a_core) {
    for (const char* good : {"core://acme/refunds", "core://a/b", "core://acme-2/refund_flow.v2"})
        BOOST_TEST(valid_core_uri(good), good);
    for (const char* bad : {"", "acme/refunds", "core://", "core://acme", "core://acme/", "core:///x",
                            "core://a/b/c", "http://a/b", "core://a b/c", "core://../x", "core://{{t}}/x"})
        BOOST_TEST(!valid_core_uri(bad), bad);
}

BOOST_AUTO_TEST_CASE(names_and_roles_have_their_letters) {
    for (const char* good : {"a", "_", "aB9_"})
        BOOST_TEST(valid_name(good), good);
    for (const char* bad : {"", "9a", "a-b", "a b", "\xC3\xA9"})
        BOOST_TEST(!valid_name(bad), bad);
    for (const char* good : {"a", "primary", "fast_2"})
        BOOST_TEST(valid_role(good), good);
    for (const char* bad : {"", "A", "_a", "2a", "a-b", "aB"})
        BOOST_TEST(!valid_role(bad), bad);
}

BOOST_AUTO_TEST_CASE(time_zones_are_files_of_the_system) {
    char name[] = "/tmp/scai-zones-XXXXXX";
    BOOST_TEST_REQUIRE(mkdtemp(name) != nullptr);
    const std::string folder = name;
    std::filesystem::create_directory(folder + "/Europe");
    std::ofstream(folder + "/Europe/Amsterdam") << "TZif2 and so on";
    std::ofstream(folder + "/leapseconds") << "no zone";
    BOOST_TEST(valid_timezone("Europe/Amsterdam", folder));
    for (const char* bad : {"", "Europe", "Europe/", "Europe/Berlin", "leapseconds", "/Europe/Amsterdam",
                            "../zones", "Europe//Amsterdam", "europe/../Europe/Amsterdam", "UTC"})
        BOOST_TEST(!valid_timezone(bad, folder), bad);
    std::filesystem::remove_all(folder);
    // without the files the form has to do
    BOOST_TEST(valid_timezone("Europe/Berlin", folder));
    BOOST_TEST(valid_timezone("Etc/GMT+3", folder));
    BOOST_TEST(!valid_timezone("../passwd", folder));
    BOOST_TEST(!valid_timezone("Mars Base", folder));
}

BOOST_AUTO_TEST_SUITE_END()
