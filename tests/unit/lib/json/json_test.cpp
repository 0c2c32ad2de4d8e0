// SPDX-License-Identifier: Apache-2.0
#include "lib/json/decode.hpp"
#include "lib/json/value.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <jansson.h>
#include <optional>
#include <string>

using namespace std::string_literals;
using scai::json::Fields;
using scai::json::parse;
using scai::json::Value;

BOOST_AUTO_TEST_SUITE(lib_json)

BOOST_AUTO_TEST_CASE(strict_parser_refuses_what_parsers_disagree_on) {
    for (const auto& text : {""s, "{"s, "{\"a\":1,\"a\":2}"s, "{\"a\":1} x"s, "\"\\u0000\""s, "\"\xFF\""s,
                             "{'a':1}"s, "[1,]"s, "NaN"s, "\0"s, "123456789012345678901234567890"s,
                             "{\"a\":\"\x01\"}"s, std::string(100000, '['), "{\"a\0b\":1}"s})
        BOOST_TEST(!parse(text), text.substr(0, 40));
}

BOOST_AUTO_TEST_CASE(parse_errors_tell_the_place_and_never_the_input) {
    const auto result = parse("{\"password\": hunter2}");
    BOOST_TEST_REQUIRE(!result);
    BOOST_TEST(result.error().message.find("hunter2") == std::string::npos);
    BOOST_TEST(result.error().message.find("line 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(parse_errors_say_what_is_wrong_where_it_is_no_matter_of_signs) {
    const auto said = [](std::string_view text) { return parse(text).error().message; };
    BOOST_TEST(said("{") == "the body is not valid JSON (line 1, column 1): it ends too early");
    BOOST_TEST(said("").ends_with("it ends too early"));
    BOOST_TEST(said(R"({"a":1,"a":2})").ends_with(": the object has a member of this name already"));
    BOOST_TEST(said("\"\xFF\"").ends_with(": the bytes are not UTF-8"));
    BOOST_TEST(said("{} x").ends_with(": there is text after the value"));
    BOOST_TEST(said(std::string(3000, '[')).ends_with(": it is nested too deeply"));
    BOOST_TEST(said("123456789012345678901234567890").ends_with(": the number is too large"));
    BOOST_TEST(said(R"("\u0000")").ends_with(": texts must not hold the character NUL"));
    BOOST_TEST(said("{'a':1}").ends_with("column 2)"));
}

BOOST_AUTO_TEST_CASE(values_round_trip) {
    const Value value = Value::object({{"text", "a\"b"},
                                       {"none", std::optional<std::string>{}},
                                       {"some", std::optional<int>{3}},
                                       {"list", Value::array_of(std::vector<std::string>{"x", "y"})},
                                       {"flag", true}});
    const auto again = parse(value.dump());
    BOOST_TEST_REQUIRE(static_cast<bool>(again));
    BOOST_TEST(again->member("text") == "a\"b");
    BOOST_TEST(again->get("none").is_null());
    BOOST_TEST(again->get("some").integer().value() == 3);
    BOOST_TEST(again->get("list").at(1).text().value() == "y");
    BOOST_TEST(again->get("flag").boolean().value());
    BOOST_TEST(!again->get("missing").present());
    BOOST_TEST(!again->get("list").at(2).present());
    BOOST_TEST(Value::object({{"b", 1}, {"a", 2}}).dump(true) == R"({"a":2,"b":1})");
}

BOOST_AUTO_TEST_CASE(a_number_has_no_more_digits_than_it_needs) {
    for (const char* text : {"0.1", "2.5", "-1e-07", "1e+300", "3.0", "-0.0", "0.30000000000000004",
                             "9007199254740993", "-9223372036854775808"})
        BOOST_TEST(parse(text)->dump() == text);
}

BOOST_AUTO_TEST_CASE(texts_are_written_as_jansson_writes_them) {
    std::string all;
    for (int c = 1; c < 128; ++c)
        all += static_cast<char>(c);
    for (const auto& text : {all, std::string("caf\xC3\xA9 \xF0\x9F\x8C\x8D"), std::string()}) {
        const Value value =
            Value::object({{"k", text}, {"list", Value::array({Value::array(), Value::object(), nullptr})}});
        for (const auto flags : {JSON_COMPACT | JSON_SORT_KEYS, JSON_INDENT(2)}) {
            char* expected = json_dumps(value.raw(), static_cast<std::size_t>(flags));
            BOOST_TEST(((flags & JSON_COMPACT) != 0 ? value.dump(true) : value.dump_pretty()) == expected);
            std::free(expected); // NOLINT(cppcoreguidelines-no-malloc): jansson's allocator
        }
    }
}

BOOST_AUTO_TEST_CASE(invalid_utf8_goes_out_as_replacement_characters) {
    BOOST_TEST(Value("a\xFF\xC3\xA9"s).text().value() == "a\xEF\xBF\xBD\xC3\xA9");
    BOOST_TEST(Value("\xE2\x82"s).text().value() == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(integers_may_come_as_whole_reals) {
    BOOST_TEST(parse("3.0")->integer().value() == 3);
    BOOST_TEST(!parse("3.5")->integer().has_value());
    BOOST_TEST(!parse("1e300")->integer().has_value());
}

BOOST_AUTO_TEST_CASE(all_field_errors_come_in_one_answer) {
    Fields fields(*parse(R"({"role":"boss","dry_run":"yes","limit":0,"tags":["a",1],"email":""})"), "body");
    static_cast<void>(fields.text("role", {.one_of = {"tenant_admin", "super_admin"}}));
    static_cast<void>(fields.text("name"));
    static_cast<void>(fields.optional_boolean("dry_run"));
    static_cast<void>(fields.optional_integer("limit", {.min = 1, .max = 5}));
    static_cast<void>(fields.optional_text_list("tags"));
    static_cast<void>(fields.optional_text_list("tags", {.one_of = {"b", "c"}}));
    static_cast<void>(fields.text("email"));
    const auto error = fields.error();
    BOOST_TEST_REQUIRE(error.has_value());
    BOOST_TEST((error->kind == scai::ErrorKind::unprocessable));
    std::string paths;
    for (const auto& field : error->fields)
        paths += field.path + " ";
    BOOST_TEST(
        paths ==
        "body.role body.name body.dry_run body.limit body.tags[1] body.tags[0] body.tags[1] body.email ");
}

BOOST_AUTO_TEST_CASE(good_fields_decode_and_null_means_absent) {
    Fields fields(*parse(R"({"role":"super_admin","note":null,"limit":5,"unknown":1})"), "body");
    BOOST_TEST(fields.text("role", {.one_of = {"tenant_admin", "super_admin"}}) == "super_admin");
    BOOST_TEST(!fields.optional_text("note").has_value());
    BOOST_TEST(fields.optional_integer("limit", {.min = 1, .max = 5}).value() == 5);
    BOOST_TEST(!fields.error().has_value());
}

BOOST_AUTO_TEST_CASE(something_that_is_no_object_is_one_error) {
    Fields fields(*parse("[1]"), "body");
    static_cast<void>(fields.text("role"));
    BOOST_TEST_REQUIRE(fields.error().has_value());
    BOOST_TEST(fields.error()->fields.size() == 1U);
    BOOST_TEST(fields.error()->fields[0].path == "body");
}

BOOST_AUTO_TEST_SUITE_END()
