// SPDX-License-Identifier: Apache-2.0
#include "lib/json/raw.hpp"

#include "lib/json/value.hpp"

#include <boost/test/unit_test.hpp>

namespace json = scai::json;

BOOST_AUTO_TEST_SUITE(lib_json_raw)

BOOST_AUTO_TEST_CASE(white_space_between_tokens_goes_and_nothing_else) {
    BOOST_TEST(json::compact(" { \"a b\" :\t[ 1 , 2.50 ,\r\n \"x \\\" y\" ] } ") ==
               R"({"a b":[1,2.50,"x \" y"]})");
    for (const auto* same : {R"({"t":0.7,"u":1e3,"v":"\u00e9 é","w":[],"x":{}})", R"("\\")", "[]", "-0.0"})
        BOOST_TEST(json::compact(same) == same);
}

BOOST_AUTO_TEST_CASE(compact_text_reads_as_the_same_value) {
    const auto* text = "{\n  \"a\": [true, false, null, {\"b\": \"\\\\\"}],\n  \"c\": \"} ] , \\\" :\"\n}";
    BOOST_TEST(json::parse(json::compact(text))->dump(true) == json::parse(text)->dump(true));
}

BOOST_AUTO_TEST_CASE(member_is_found_as_it_was_written) {
    const std::string text =
        " { \"x\" : {\"id\": 1}, \"list\":[ \"id\" , {\"id\":2} ], \"id\" : \"a}\\\"b\" , "
        "\"n\":-1.50e2 ,\"t\":true}";
    BOOST_TEST(json::raw_member(text, "id").value() == R"("a}\"b")");
    BOOST_TEST(json::raw_member(text, "x").value() == R"({"id": 1})");
    BOOST_TEST(json::raw_member(text, "n").value() == "-1.50e2");
    BOOST_TEST(json::raw_member(text, "t").value() == "true");
    BOOST_TEST(json::raw_member(text, "list").value() == R"([ "id" , {"id":2} ])");
}

BOOST_AUTO_TEST_CASE(escaped_key_is_the_same_key) {
    BOOST_TEST(json::raw_member(R"({"\u0069d":7})", "id").value() == "7");
    BOOST_TEST(!json::raw_member(R"({"i\\d":7})", "id"));
}

BOOST_AUTO_TEST_CASE(absent_member_is_absent) {
    for (const auto* text : {"{}", "[]", "1", "", " ", R"({"a":{"id":1}})", R"({"ID":1})", R"(["id",1])"})
        BOOST_TEST(!json::raw_member(text, "id"));
}

BOOST_AUTO_TEST_CASE(items_come_as_they_were_written) {
    const auto items = [](std::string_view text) {
        std::string out;
        json::each_raw_item(text, [&](std::string_view item) { out.append(item).append("|"); });
        return out;
    };
    BOOST_TEST(items(" [ {\"a\": [1,2]} , \"x]\\\"\",1.50,[ ],null ] ") ==
               R"({"a": [1,2]}|"x]\""|1.50|[ ]|null|)");
    for (const auto* text : {"[]", "[ ]", "{}", "1", "", "{\"a\":[1]}"})
        BOOST_TEST(items(text) == "", text);
    for (const auto* text : {"[", "[1", "[,", "[}", "[\"", "[1,", "[[", "[1 2"})
        (void)items(text);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_ends) {
    for (const auto* text : {"{", "{\"", "{\"id", "{\"id\"", "{\"id\":", "{\"id\":[", "\"\\", "{\"a\\"}) {
        (void)json::raw_member(text, "id");
        (void)json::compact(text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
