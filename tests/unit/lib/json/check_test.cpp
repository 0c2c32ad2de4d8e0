// SPDX-License-Identifier: Apache-2.0
#include "lib/json/check.hpp"

#include "lib/json/value.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace json = scai::json;

BOOST_AUTO_TEST_SUITE(lib_json_check)

BOOST_AUTO_TEST_CASE(good_text_is_good) {
    for (const auto* text :
         {"{}", "[]", " { \"a\" : [ 1 , -0.5e+10 , 0, 1E5, true , false , null , \"\" ] } ",
          R"({"a":{"a":1}})", R"(["\"\\\/\b\f\n\r\té€😀", "é€😀"])", R"({"a":1,"A":2})",
          R"({"n":123456789012345678901234567890123456789,"r":1e999})", R"({"":0})"})
        BOOST_TEST(static_cast<bool>(json::check(text)), text);
}

BOOST_AUTO_TEST_CASE(bad_text_is_refused) {
    for (const auto* text : {"",
                             " ",
                             "1",
                             "\"a\"",
                             "null",
                             "{",
                             "[",
                             "{]",
                             "[}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "[1,]",
                             "{,}",
                             "{a:1}",
                             "{'a':1}",
                             "[01]",
                             "[1.]",
                             "[.5]",
                             "[+1]",
                             "[1e]",
                             "[-]",
                             "[tru]",
                             "[nulls]",
                             "[\"\\x\"]",
                             "[\"\\u12\"]",
                             "[\"\\u000g\"]",
                             "[\"\\u0000\"]",
                             "[\"\\ud800\"]",
                             "[\"\\udc00\"]",
                             "[\"\\ud800\\u0041\"]",
                             "[\"\n\"]",
                             "[\"",
                             "[\"\\",
                             "[\"\\u",
                             "{}{}",
                             "{} x",
                             "[1 2]",
                             "{\"a\" 1}",
                             "[\"\x80\"]",
                             "[\"\xed\xa0\x80\"]",
                             "{\"a\":1,\"a\":2}",
                             "{\"a\":1,\"b\":2,\"\\u0061\":3}",
                             "{\"\\u00e9\":1,\"\xc3\xa9\":2}",
                             "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
                             "{\"\\u20ac\":1,\"\xe2\x82\xac\":2}"})
        BOOST_TEST(!json::check(text), text);
    BOOST_TEST(!json::check(std::string_view("[\"a\0\"]", 6)));
}

BOOST_AUTO_TEST_CASE(nesting_has_a_limit) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    BOOST_TEST(static_cast<bool>(json::check(nested(500))));
    BOOST_TEST(!json::check(nested(600)));
    BOOST_TEST(!json::check(std::string(1'000'000, '[')));
}

BOOST_AUTO_TEST_CASE(error_does_not_repeat_the_text) {
    const auto checked = json::check(R"({"password":"hunter2",})");
    BOOST_REQUIRE(!checked);
    BOOST_TEST(checked.error().message.find("hunter2") == std::string::npos);
    BOOST_TEST(checked.error().message.find("position 22") != std::string::npos);
}

/// Whatever check() accepts, parse() accepts too, but for the size of numbers; and the other way round.
BOOST_AUTO_TEST_CASE(check_agrees_with_the_parser) {
    const std::string alphabet = "{}[]\",:\\u0a19.-+eE tfn";
    std::uint64_t state = 88172645463325252ULL;
    const auto next = [&] {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        return state;
    };
    const std::string seed = R"({"a":[1,2.5e1,"x\u00e9"],"b":{"c":null,"d":true}})";
    for (int i = 0; i < 100'000; ++i) {
        auto text = seed;
        for (auto edits = next() % 4; edits > 0; --edits)
            text[next() % text.size()] = alphabet[next() % alphabet.size()];
        const bool mine = static_cast<bool>(json::check(text));
        const auto theirs = json::parse(text);
        if (mine != static_cast<bool>(theirs))
            BOOST_TEST(mine == static_cast<bool>(theirs), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
