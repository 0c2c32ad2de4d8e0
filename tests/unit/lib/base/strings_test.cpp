// SPDX-License-Identifier: Apache-2.0
#include "lib/base/secret.hpp"
#include "lib/base/strings.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(lib_base_strings)

BOOST_AUTO_TEST_CASE(lists_drop_blanks_and_empty_parts) {
    const std::vector<std::string> expected{"a", "b c", "d"};
    BOOST_TEST(scai::split_list(" a, b c ,,d,") == expected, boost::test_tools::per_element());
    BOOST_TEST(scai::split_list("").empty());
    BOOST_TEST(scai::split_list(" , ").empty());
}

BOOST_AUTO_TEST_CASE(integers_are_whole_or_nothing) {
    BOOST_TEST(scai::parse_int("-42").value() == -42);
    for (const char* text : {"", "4x", " 4", "4 ", "+4", "0x10", "9223372036854775808", "1.0"})
        BOOST_TEST(!scai::parse_int(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(utf8_is_judged_by_rfc_3629) {
    for (const auto& text :
         {""s, "plain"s, "\xC3\xA9"s, "\xE2\x82\xAC"s, "\xF0\x9F\x98\x80"s, "\xF4\x8F\xBF\xBF"s})
        BOOST_TEST(scai::valid_utf8(text));
    for (const auto& text :
         {"\x80"s, "\xC3"s, "\xC0\xAF"s, "\xE0\x80\xAF"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s,
          "\xF5\x80\x80\x80"s, "\xFF"s, "a\xE2\x82"s, "\xE2\x28\xA1"s})
        BOOST_TEST(!scai::valid_utf8(text));
}

BOOST_AUTO_TEST_CASE(percent_escapes_decode_or_are_refused) {
    BOOST_TEST(scai::percent_decode("a%20b+c", true).value() == "a b c");
    BOOST_TEST(scai::percent_decode("a%20b+c", false).value() == "a b+c");
    BOOST_TEST(scai::percent_decode("%41%62", false).value() == "Ab");
    for (const char* text : {"%", "%4", "%4g", "%%41", "abc%"})
        BOOST_TEST(!scai::percent_decode(text, true).has_value(), text);
    BOOST_TEST(scai::percent_encode("a b/\xC3\xA9~") == "a%20b%2F%C3%A9~");
}

BOOST_AUTO_TEST_CASE(blank_is_trimmed_and_case_folded) {
    BOOST_TEST(scai::trim(" \t x y\r\n") == "x y");
    BOOST_TEST(scai::trim("  ") == "");
    BOOST_TEST(scai::iequals("AbC", "aBc"));
    BOOST_TEST(!scai::iequals("abc", "abcd"));
}

BOOST_AUTO_TEST_CASE(a_moved_secret_leaves_nothing_behind) {
    scai::SecretText first("hunter2");
    scai::SecretText second(std::move(first));
    BOOST_TEST(first.empty()); // NOLINT(bugprone-use-after-move): that is the claim
    BOOST_TEST(second.reveal() == "hunter2");
    second = scai::SecretText("other");
    BOOST_TEST(second.duplicate().reveal() == "other");
}

BOOST_AUTO_TEST_SUITE_END()
