// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/types.hpp"

#include "tests/support/scir_modules.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using scai::scir::fit_output;
using scai::scir::sample_output;
using scai::test::loose_json;

namespace {

std::string fitted(const char* type, const std::string& value) {
    const auto result = fit_output(Value::object({{"f", loose_json(value)}}), Value::object({{"f", type}}));
    return result ? result->get("f").dump() : result.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_types)

BOOST_AUTO_TEST_CASE(values_that_fit_are_kept) {
    for (const auto& [type, value] :
         std::vector<std::pair<const char*, std::string>>{{"string", "'x'"},
                                                          {"int", "3"},
                                                          {"float", "3"},
                                                          {"float", "0.5"},
                                                          {"bool", "false"},
                                                          {"object", "{'a': 1}"},
                                                          {"array", "[1]"},
                                                          {"any", "null"},
                                                          {"Ticket", "{'x': 1}"},
                                                          {"array[int]", "[1, 2]"},
                                                          {"array<string>", "['a']"},
                                                          {"map[string, int]", "{'a': 1}"},
                                                          {"map<string, array[int]>", "{'a': [1]}"},
                                                          {"enum[a, b c]", "'b c'"},
                                                          {"string?", "null"},
                                                          {"string?", "'x'"},
                                                          {"int | string", "'x'"},
                                                          {"money", "'3 EUR'"},
                                                          {"date", "'2026-01-01'"},
                                                          {"enum[]", "''"},
                                                          {"", "1"},
                                                          {"array[", "1"},
                                                          {"array[array[int]]", "[[1], []]"}})
        BOOST_TEST(fitted(type, value) == loose_json(value).dump(),
                   type << " of " << value << " gives " << fitted(type, value));
}

BOOST_AUTO_TEST_CASE(values_that_do_not_fit_are_named) {
    for (const auto& [type, value] :
         std::vector<std::pair<const char*, std::string>>{{"string", "1"},
                                                          {"int", "1.5"},
                                                          {"int", "'1'"},
                                                          {"float", "true"},
                                                          {"bool", "0"},
                                                          {"object", "[]"},
                                                          {"array", "{}"},
                                                          {"array[int]", "[1, 'a']"},
                                                          {"map[string, int]", "{'a': 'b'}"},
                                                          {"enum[a, b]", "'c'"},
                                                          {"enum[a, b]", "1"},
                                                          {"string", "null"},
                                                          {"int | bool", "'x'"},
                                                          {"string?", "1"},
                                                          {"array[array[int]]", "[[1], ['a']]"}})
        BOOST_TEST(fitted(type, value).find(std::string("field 'f' must be ") + type) != std::string::npos,
                   type << " of " << value << " gives " << fitted(type, value));
}

BOOST_AUTO_TEST_CASE(numbers_and_texts_are_made_to_fit) {
    BOOST_TEST(fitted("int", "3.0") == "3");
    BOOST_TEST(fitted("array[int]", "[1.0, 2]") == "[1,2]");
    const Value type = loose_json("{'a': 'int', 'b': {'c': 'string?'}}");
    BOOST_TEST(fit_output("{\"a\": 1.0, \"b\": {}, \"more\": true}", type)->dump() ==
               R"({"a":1,"b":{"c":null},"more":true})");
    BOOST_TEST(!fit_output("[1]", type));
    BOOST_TEST(fit_output("anything", Value::object())->dump() == "\"anything\"");
    BOOST_TEST(fit_output("anything", Value())->dump() == "\"anything\"");
}

BOOST_AUTO_TEST_CASE(quoted_alternatives_are_a_choice) {
    const Value type = Value::object({{"f", "\"a\" | \"b, c\""}});
    BOOST_TEST(static_cast<bool>(fit_output(Value::object({{"f", "b, c"}}), type)));
    BOOST_TEST(!fit_output(Value::object({{"f", "c"}}), type));
}

BOOST_AUTO_TEST_CASE(samples_fit_their_own_type) {
    const Value type =
        loose_json("{'a': 'string', 'b': 'int', 'c': 'float', 'd': 'bool', 'e': 'enum[x, y]', 'f': "
                   "'array[int]', 'g': 'map[string, int]',"
                   "'h': 'object', 'i': 'int?', 'j': 'Other', 'k': {'l': 'date'}, 'm': 'money', 'n': ''}");
    const Value sample = sample_output(type);
    BOOST_TEST(
        sample.dump() ==
        R"({"a":"text","b":0,"c":0.0,"d":false,"e":"x","f":[],"g":{},"h":{},"i":0,"j":"text","k":{"l":"text"},"m":0.0,"n":"text"})");
    BOOST_TEST(fit_output(sample, type)->dump() == sample.dump());
    BOOST_TEST(sample_output(Value::object()).dump() == "\"text\"");
}

BOOST_AUTO_TEST_SUITE_END()
