// SPDX-License-Identifier: Apache-2.0
#include "lib/yaml/yaml.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

using namespace std::string_literals;
using scai::json::Value;
namespace yaml = scai::yaml;

namespace {

std::string round_trip(const Value& value) {
    const auto again = yaml::parse(yaml::dump(value));
    return again ? again->dump() : again.error().message;
}

std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> pieces = {"a",       "Z",          " ",
                                                    "  ",      "\n",         "\n\n",
                                                    "\t",      ":",          ": ",
                                                    "#",       " #",         "-",
                                                    "- ",      "'",          "\"",
                                                    "\\",      "\r",         "yes",
                                                    "null",    "~",          "0x1F",
                                                    "1e3",     "0.2",        "[",
                                                    "]",       "{",          "}",
                                                    ",",       "&a",         "*a",
                                                    "!t",      "|",          ">",
                                                    "%",       "@",          "`",
                                                    "?",       "? ",         "=",
                                                    "<<",      "...",        "---",
                                                    "\x01",    "\x7F",       "\xC2\x85",
                                                    "é",       "\u2028",     "日本",
                                                    "\uFEFF",  "\U0001F600", "\xEF\xBF\xBE",
                                                    "{{x.y}}", "2026-01-01", "12:30"};
    std::string out;
    for (auto n = random() % 6; n > 0; --n)
        out += pieces[random() % pieces.size()];
    return out;
}

Value random_value(std::mt19937& random, int depth) {
    switch (random() % (depth > 0 ? 9 : 6)) {
    case 0:
        return Value(static_cast<std::int64_t>(random()) * (random() % 2 == 0 ? 1 : -2'000'000'000));
    case 1:
        return Value(std::ldexp(static_cast<double>(random()) - 2e9, static_cast<int>(random() % 200) - 100));
    case 2:
        return random() % 2 == 0 ? Value(nullptr) : Value(random() % 2 == 0);
    case 6:
    case 7: {
        Value object = Value::object();
        for (auto n = random() % 5; n > 0; --n)
            object.set(random_text(random), random_value(random, depth - 1));
        return object;
    }
    case 8: {
        Value list = Value::array();
        for (auto n = random() % 5; n > 0; --n)
            list.push(random_value(random, depth - 1));
        return list;
    }
    default:
        return Value(random_text(random));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_yaml)

BOOST_AUTO_TEST_CASE(what_is_dumped_reads_back_the_same) {
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        const Value value = random_value(random, 5);
        const std::string text = yaml::dump(value);
        const auto again = yaml::parse(text);
        BOOST_REQUIRE_MESSAGE(again, (again ? "" : again.error().message) + "\n" + text);
        BOOST_REQUIRE_MESSAGE(again->dump() == value.dump(),
                              value.dump() + "\n" + again->dump() + "\n" + text);
        BOOST_REQUIRE(yaml::dump(*again) == text);
    }
}

BOOST_AUTO_TEST_CASE(a_text_that_could_be_something_else_is_quoted) {
    for (const auto& text : {"0.2"s,  "1"s,     "-3"s,         "1e3"s,          "0x1"s,   "0o7"s,    "yes"s,
                             "No"s,   "on"s,    "y"s,          "null"s,         "Null"s,  "~"s,      ""s,
                             "true"s, "FALSE"s, "2026-01-01"s, "12:30"s,        " lead"s, "trail "s, "a: b"s,
                             "a #b"s, "end:"s,  "- x"s,        "? x"s,          "@x"s,    "`x"s,     "*x"s,
                             "&x"s,   "!x"s,    "%x"s,         "[x"s,           "{x"s,    "'x"s,     "\"x"s,
                             "|"s,    ">"s,     "="s,          "<<"s,           ".inf"s,  ".nan"s,   "a\tb"s,
                             "a\rb"s, "\x01"s,  "\xC2\x85"s,   "\xEF\xBB\xBFx"s}) {
        const std::string out = yaml::dump(Value::object({{"k", text}}));
        BOOST_TEST(out.substr(0, 4) == "k: \"", out);
        BOOST_TEST(round_trip(Value(text)) == Value(text).dump());
        const Value as_key = Value::object().set(text, 1);
        BOOST_TEST(round_trip(as_key) == as_key.dump());
    }
}

BOOST_AUTO_TEST_CASE(a_plain_text_stays_plain) {
    for (const auto& text : {"stateless"s, "Sort the claim, by cause."s, "/tariffs/"s, "tariff.length > 0"s,
                             "http://x/y#z"s, "x's"s, "été"s, "nullable"s, "yes, please"s, "enum[a, b]"s})
        BOOST_TEST(yaml::dump(Value::object({{"k", text}})) == "k: " + text + "\n");
}

BOOST_AUTO_TEST_CASE(lines_become_a_literal_block_where_that_is_exact) {
    BOOST_TEST(yaml::dump(Value::object({{"k", "a\n  b # c\n\nd: e"}})) ==
               "k: |-\n  a\n    b # c\n\n  d: e\n");
    BOOST_TEST(yaml::dump(Value::object({{"k", "a\nb\n"}})) == "k: |\n  a\n  b\n");
    for (const auto& text : {"\na"s, " a\nb"s, "a\n\n"s, "a\n  \nb"s, "a\r\nb"s, "a\n\tb"s, "\n"s})
        BOOST_TEST(yaml::dump(Value(text))[0] == '"');
}

BOOST_AUTO_TEST_CASE(the_layout_is_block_style_with_two_spaces) {
    const Value value =
        Value::object({{"b", Value::array({1, Value::object({{"x", 1.5}, {"z", Value::array()}}),
                                           Value::array({"p", Value::object()})})},
                       {"a", Value::object({{"e", nullptr}, {"r", 2.0}, {"t", true}})}});
    BOOST_TEST(yaml::dump(value) ==
               "b:\n  - 1\n  - x: 1.5\n    z: []\n  - - p\n    - {}\na:\n  e: null\n  r: 2.0\n  t: true\n");
}

BOOST_AUTO_TEST_CASE(long_keys_and_deep_values_read_back) {
    for (const std::size_t size : {900U, 1024U, 5000U}) {
        const Value value =
            Value::object().set(std::string(size, 'k'), Value::object({{"a", Value::array({1})}}));
        BOOST_TEST(round_trip(value) == value.dump());
    }
    Value deep = 1;
    for (int i = 0; i < 199; ++i)
        deep = i % 2 == 0 ? Value::array({deep}) : Value::object({{"k", deep}});
    BOOST_TEST(round_trip(deep) == deep.dump());
}

BOOST_AUTO_TEST_CASE(plain_scalars_are_what_the_core_schema_says) {
    const auto read = [](const std::string& text) {
        const auto value = yaml::parse(text);
        return value ? value->dump() : "refused: " + value.error().message;
    };
    BOOST_TEST(read("[true, FALSE, null, ~, 12, -7, +3, 0o17, 0x1F, 007]") ==
               "[true,false,null,null,12,-7,3,15,31,7]");
    BOOST_TEST(read("[1.5, -.5, 2., 1e3, 6.02E+2]") == "[1.5,-0.5,2.0,1000.0,602.0]");
    BOOST_TEST(read("[yes, no, off, 1_000, 12:30, 2026-01-01, 0x, .., 1.2.3, e3, 0b1]") ==
               R"(["yes","no","off","1_000","12:30","2026-01-01","0x","..","1.2.3","e3","0b1"])");
    BOOST_TEST(read("['1', \"null\", '']") == R"(["1","null",""])");
    BOOST_TEST(read("a: |\n  x\n  y\nb: >-\n  p\n  q\n") == R"({"a":"x\ny\n","b":"p q"})");
    BOOST_TEST(read("{1: a, null: b}") == R"({"1":"a","null":"b"})");
}

BOOST_AUTO_TEST_CASE(what_a_manifest_does_not_need_is_refused_with_its_place) {
    const auto expect = [](const std::string& text, const std::string& what) {
        const auto value = yaml::parse(text);
        BOOST_TEST_REQUIRE(!value, text.substr(0, 60));
        BOOST_TEST(value.error().message.find(what) != std::string::npos, value.error().message);
        BOOST_TEST(value.error().message.find("(line ") != std::string::npos);
        BOOST_TEST((value.error().kind == scai::ErrorKind::bad_request));
    };
    expect("a: &x [1]\nb: *x\n", "anchors");
    expect("a: *x\n", "anchors");
    expect("a: &x 1\n", "anchors");
    expect("&k a: 1\n", "anchors");
    expect("a: !!int 3\n", "tags");
    expect("a: !x {b: 1}\n", "tags");
    expect("a: ! b\n", "tags");
    expect("a: 1\na: 2\n", "line 2, column 1): a key comes twice");
    expect("{a: 1, 'a': 2}", "a key comes twice");
    expect("? [1, 2]\n: 3\n", "a key is no scalar");
    expect("? {a: 1}\n: 3\n", "a key is no scalar");
    expect("a: 1\n---\nb: 2\n", "a second document");
    expect("", "no document");
    expect("# only a comment\n", "no document");
    expect("a: \"x\\0y\"", "NUL");
    expect("a: \xFF\n", "UTF-8");
    expect("a: \x01\n", "UTF-8, or control");
    expect("a: \"\\uD800\"\n", "");
    expect("a: 99999999999999999999\n", "out of range");
    expect("a: 1e999\n", "out of range");
    expect("a: .inf\n", "out of range");
    expect("a: -.nan\n", "out of range");
    expect("a: [1, 2\n", "");
    expect("a: 'x\n", "");
    expect("a:\n\t- 1\n", "");
    expect(std::string(201, '[') + std::string(201, ']'), "nested too deeply");
    expect(std::string(1'000'000, '['), "nested too deeply");
}

BOOST_AUTO_TEST_CASE(an_alias_bomb_is_refused_at_its_first_anchor) {
    std::string bomb = "a0: &a0 [x, x, x]\n";
    for (int i = 1; i < 40; ++i)
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
                ", *a" + std::to_string(i - 1) + "]\n";
    const auto value = yaml::parse(bomb);
    BOOST_TEST_REQUIRE(!value);
    BOOST_TEST(value.error().message.find("line 1,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_error_never_repeats_the_input) {
    for (const auto& text : {"password: hunter2: x"s, "hunter2"s + ": [", "a: &hunter2 1"s, "a: !hunter2 1"s,
                             "a: *hunter2"s, "%hunter2 x\n---\n"s, "a: \"\\hunter2\""s}) {
        const auto value = yaml::parse(text);
        BOOST_TEST_REQUIRE(!value, text);
        BOOST_TEST(value.error().message.find("hunter2") == std::string::npos, value.error().message);
    }
}

BOOST_AUTO_TEST_SUITE_END()
