// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/expression.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using scai::json::Value;
using scai::scir::Dialect;
using scai::scir::Expression;
using scai::scir::truthy;

namespace {

Value json(const char* text) {
    return scai::json::parse(text).value();
}

Value scope() {
    return json(R"({"n": 7, "half": 0.5, "name": "Ada", "empty": "", "none": null, "yes": true,
        "list": [3, 1, 2], "names": ["b", "a", "b"], "deep": {"a": {"b": [10, {"c": "x"}]}, "length": 9},
        "umlaut": "Grüße", "in_list": [[1, 2], {"a": 1.0}], "big": 9223372036854775807})");
}

scai::Result<Value> evaluate(std::string_view text, Dialect dialect = Dialect::flow) {
    const auto expression = Expression::parse(text, dialect);
    if (!expression)
        return expression.error();
    return expression->evaluate([values = scope()](std::string_view name) { return values.get(name); });
}

std::string result(std::string_view text) {
    const auto value = evaluate(text);
    return value ? value->dump() : "error: " + value.error().message;
}

std::string canonical(std::string_view text, Dialect dialect = Dialect::flow) {
    const auto expression = Expression::parse(text, Dialect::flow);
    return expression ? expression->text(dialect) : "error: " + expression.error().message;
}

struct Case {
    const char* text;
    const char* result;
};

void check(const std::vector<Case>& cases) {
    for (const Case& one : cases)
        BOOST_TEST(result(one.text) == one.result,
                   one.text << " is " << result(one.text) << ", expected " << one.result);
}

void refuse(const std::vector<Case>& cases) {
    for (const Case& one : cases)
        BOOST_TEST(result(one.text).find(one.result) != std::string::npos,
                   one.text << " is " << result(one.text) << ", expected " << one.result);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_expression)

BOOST_AUTO_TEST_CASE(literals_and_names_give_their_value) {
    check({{"1", "1"},
           {"1_000", "1000"},
           {"2.5", "2.5"},
           {"1e3", "1000.0"},
           {"'it''s'", "error: column 5: expected an operator or the end, found a text"},
           {"'a\\'b\\n\\u00e9\\ud83d\\ude00'", "\"a'b\\né😀\""},
           {"\"x\"", "\"x\""},
           {"true", "true"},
           {"null", "null"},
           {"[1, 'a', [true]]", "[1,\"a\",[true]]"},
           {"[]", "[]"},
           {"unknown", "null"},
           {"unknown.member[3].more", "null"},
           {"n", "7"},
           {" \t\r\n n ", "7"},
           {"big", "9223372036854775807"}});
}

BOOST_AUTO_TEST_CASE(operators_bind_as_documented) {
    check({{"1 + 2 * 3", "7"},
           {"(1 + 2) * 3", "9"},
           {"10 - 4 - 3", "3"},
           {"2 * 3 % 4", "2"},
           {"-n + 1", "-6"},
           {"!yes || true", "true"},
           {"!none", "true"},
           {"1 < 2 == true", "true"},
           {"1 in list && 'z' in name", "false"},
           {"1 + 1 in list", "true"},
           {"false || n", "7"},
           {"none || 'friend'", "\"friend\""},
           {"yes && empty", "\"\""},
           {"- -3", "3"},
           {"!!n", "true"}});
}

BOOST_AUTO_TEST_CASE(numbers_stay_exact_or_fail) {
    check({{"7 / 2", "3.5"},
           {"6 / 2", "3"},
           {"7 % 3", "1"},
           {"-7 % 3", "-1"},
           {"7.5 % 2", "1.5"},
           {"1 == 1.0", "true"},
           {"0.5 + half", "1.0"},
           {"(-big - 1) / 1", "-9223372036854775808"},
           {"(-big - 1) % -1", "0"}});
    refuse({{"big + 1", "number out of range"},
            {"big * 2", "number out of range"},
            {"(-big - 1) / -1", "number out of range"},
            {"-(-big - 1)", "number out of range"},
            {"1 / 0", "division by zero"},
            {"1 % 0", "division by zero"},
            {"1.0 / 0", "division by zero"},
            {"1e308 * 10", "number out of range"},
            {"9223372036854775808", "number out of range"},
            {"1e999", "number out of range"}});
}

BOOST_AUTO_TEST_CASE(null_equals_null_only_and_orders_with_nothing) {
    check({{"none == null", "true"},
           {"unknown == null", "true"},
           {"null == false", "false"},
           {"null == 0", "false"},
           {"null != ''", "true"},
           {"unknown > 0", "false"},
           {"unknown < 0", "false"},
           {"null <= null", "false"},
           {"unknown.length > 0", "false"},
           {"1 in unknown", "false"}});
}

BOOST_AUTO_TEST_CASE(equality_is_deep_and_strict_about_types) {
    check({{"[1, 2] == in_list[0]", "true"},
           {"[1, 3] == in_list[0]", "false"},
           {"'1' == 1", "false"},
           {"true == 1", "false"},
           {"deep.a == deep.a", "true"},
           {"[1, 2] in in_list", "true"},
           {"deep != deep.a", "true"},
           {"'a' < 'b'", "true"},
           {"'B' < 'a'", "true"}});
}

BOOST_AUTO_TEST_CASE(wrong_operands_are_named) {
    refuse({{"'a' < 1", "'<' does not work on text and number"},
            {"name - 1", "'-' does not work on text and number"},
            {"list * 2", "'*' does not work on list and number"},
            {"null + 1", "'+' does not work on null and number"},
            {"-name", "'-' does not work on text"},
            {"1 in n", "'in' does not work on number and number"},
            {"list['a']", "no index text in list"},
            {"list[0.5]", "no index number in list"},
            {"n[0]", "no index number in number"},
            {"deep[0]", "no index number in object"},
            {"unknown.lower()", "null has no method 'lower'"},
            {"n.lower()", "number has no method 'lower'"},
            {"list.lower()", "list has no method 'lower'"},
            {"name.first()", "text has no method 'first'"},
            {"deep.first()", "object has no method 'first'"},
            {"yes.trim()", "boolean has no method 'trim'"}});
}

BOOST_AUTO_TEST_CASE(members_and_indices_reach_inside) {
    check({{"deep.a.b[1].c", "\"x\""},
           {"deep['a'].b[0]", "10"},
           {"list[-1]", "2"},
           {"list[3]", "null"},
           {"list[-4]", "null"},
           {"umlaut[2]", "\"ü\""},
           {"name.missing", "null"},
           {"deep['zz']", "null"},
           {"list.length", "3"},
           {"umlaut.length", "5"},
           {"deep.length", "9"},
           {"deep.a.length", "1"},
           {"n.length", "null"},
           {"deep.in", "null"},
           {"deep.true", "null"}});
}

BOOST_AUTO_TEST_CASE(plus_joins_texts_with_anything) {
    check({{"'n=' + n", "\"n=7\""},
           {"n + ''", "\"7\""},
           {"'' + null", "\"\""},
           {"'' + [1, 'a']", "\"[1,\\\"a\\\"]\""},
           {"'' + 0.1", "\"0.1\""},
           {"[1] + [2]", "[1,2]"},
           {"'' + true", "\"true\""}});
}

BOOST_AUTO_TEST_CASE(text_methods_work) {
    check({{"' x '.trim()", "\"x\""},
           {"name.lower()", "\"ada\""},
           {"name.upper()", "\"ADA\""},
           {"name.contains('d')", "true"},
           {"name.starts_with('A')", "true"},
           {"name.ends_with('x')", "false"},
           {"'a-b-c'.replace('-', '+')", "\"a+b+c\""},
           {"'aaa'.replace('aa', 'b')", "\"ba\""},
           {"'a,b,,c'.split(',')", "[\"a\",\"b\",\"\",\"c\"]"},
           {"umlaut.split('')", "[\"G\",\"r\",\"ü\",\"ß\",\"e\"]"},
           {"umlaut.slice(2, 4)", "\"üß\""},
           {"umlaut.slice(-2)", "\"ße\""},
           {"name.slice(2, 1)", "\"\""},
           {"umlaut.index_of('ß')", "3"},
           {"name.index_of('z')", "-1"},
           {"'7'.pad_start(3, '0')", "\"007\""},
           {"'7'.pad_end(3)", "\"7  \""},
           {"name.pad_start(1)", "\"Ada\""},
           {"'ab'.repeat(3)", "\"ababab\""},
           {"'ab'.repeat(0)", "\"\""},
           {"''.repeat(9000000000)", "\"\""},
           {"name.matches('A*')", "true"},
           {"empty.is_empty()", "true"},
           {"name.is_empty()", "false"},
           {"none.is_empty()", "true"},
           {"(0).is_empty()", "false"},
           {"false.is_empty()", "false"}});
    refuse({{"name.contains(1)", "'contains' takes a text, not a number"},
            {"name.repeat('3')", "takes a whole number"},
            {"name.repeat(-1)", "takes 0 or more"},
            {"name.replace('', 'x')", "needs a text to look for"},
            {"name.pad_start(9, 'ab')", "fills with one character"},
            {"name.slice('a')", "takes a whole number"}});
}

BOOST_AUTO_TEST_CASE(list_and_object_methods_work) {
    check({{"list.first()", "3"},
           {"list.last()", "2"},
           {"[].first()", "null"},
           {"[].last()", "null"},
           {"list.sum()", "6"},
           {"[].sum()", "0"},
           {"[1, 0.5].sum()", "1.5"},
           {"list.min()", "1"},
           {"list.max()", "3"},
           {"names.min()", "\"a\""},
           {"[].max()", "null"},
           {"[1, ''].all()", "false"},
           {"[].all()", "true"},
           {"[0, 'x'].any()", "true"},
           {"[].any()", "false"},
           {"list.contains(2.0)", "true"},
           {"list.index_of(1)", "1"},
           {"list.join('-')", "\"3-1-2\""},
           {"list.join()", "\"312\""},
           {"list.slice(1)", "[1,2]"},
           {"list.slice(0, -1)", "[3,1]"},
           {"list.reverse()", "[2,1,3]"},
           {"names.unique()", "[\"b\",\"a\"]"},
           {"[].is_empty()", "true"},
           {"deep.a.keys()", "[\"b\"]"},
           {"deep.a.values()[0][0]", "10"},
           {"deep.contains('a')", "true"},
           {"deep.contains('z')", "false"},
           {"'a' in deep", "true"}});
    refuse({{"['a'].sum()", "list of numbers"},
            {"[1, 'a'].min()", "list of numbers or of texts"},
            {"list.join(1)", "takes a text"},
            {"deep.contains(1)", "takes a text"}});
}

BOOST_AUTO_TEST_CASE(syntax_errors_tell_column_and_expectation) {
    refuse({{"", "column 1: expected a value, found the end"},
            {"a b", "column 3: expected an operator or the end, found 'b'"},
            {"a = b", "column 3: unexpected '=': compare with =="},
            {"'abc", "column 1: text without an end"},
            {"a.", "column 3: expected a name after '.'"},
            {"a[1", "column 4: expected ',' or ']'"},
            {"a[]", "an index is one expression"},
            {"a[1, 2]", "an index is one expression"},
            {"(1, 2)", "parentheses hold one"},
            {"()", "parentheses hold one"},
            {"f(1)", "column 2: only methods can be called"},
            {"a.eval('x')", "unknown method 'eval'"},
            {"a.trim(1)", "method 'trim' takes 0 arguments"},
            {"a.slice()", "takes 1 to 2 arguments"},
            {"a in b in c", "put 'in' inside 'in' into parentheses"},
            {"in", "expected a value"},
            {"'\\x'", "column 2: unknown escape"},
            {"'\\u12'", "\\u needs four"},
            {"'\\ud800'", "\\u needs four"},
            {"'\\u0000'", "\\u needs four"},
            {"1abc", "unexpected character in a number"},
            {"a ? b : c", "column 3: unexpected character"},
            {"ü + 1", "column 1: unexpected character"},
            {"'üü' +", "column 7: expected a value"},
            {"a && ", "expected a value"},
            {"{}", "unexpected character"},
            {"a.trim()()", "only methods can be called"},
            {"a => a", "unexpected '='"},
            {"\xff", "UTF-8"}});
    BOOST_TEST(!Expression::parse(std::string_view("a\0b", 3), Dialect::flow));
    BOOST_TEST(!Expression::parse(std::string_view("'\0'", 3), Dialect::flow));
    BOOST_TEST(!Expression::parse("'single'", Dialect::scaicore));
    BOOST_TEST(!Expression::parse("\"a ${b}\"", Dialect::scaicore));
    BOOST_TEST(Expression::parse("\"a \\${b}\"", Dialect::scaicore)->text(Dialect::flow) == "'a ${b}'");
}

BOOST_AUTO_TEST_CASE(hostile_sizes_are_refused_without_recursion) {
    BOOST_TEST(result(std::string(9000, ' ')).find("at most 8192 bytes") != std::string::npos);
    for (const char* const open : {"(", "[", "!", "-", "a[", "a.split("}) {
        std::string deep;
        for (int i = 0; i < 200; ++i)
            deep += open;
        BOOST_TEST(result(deep + "a").find("nested too deeply") != std::string::npos, open);
    }
    std::string flat = "n";
    while (flat.size() < 8000)
        flat += "+n";
    BOOST_TEST(result(flat) == std::to_string(7 * ((flat.size() + 1) / 2)));
    std::string chain = "unknown";
    while (chain.size() < 8000)
        chain += ".a";
    BOOST_TEST(result(chain) == "null");
    std::string nested(99, '(');
    BOOST_TEST(result(nested + "n" + std::string(99, ')')) == "7");
}

BOOST_AUTO_TEST_CASE(results_cannot_explode) {
    refuse({{"'a'.repeat(2000000)", "longer than 1 MB"},
            {"'a'.repeat(9223372036854775807)", "longer than 1 MB"},
            {"'a'.pad_start(2000000)", "longer than 1 MB"},
            {"'a'.pad_end(9223372036854775807, 'ü')", "longer than 1 MB"},
            {"'a'.repeat(1000000).replace('a', 'bbbbbbbb')", "longer than 1 MB"},
            {"'a'.repeat(1000000).split('')", "too much work"},
            {"'a'.repeat(700000) + 'a'.repeat(700000)", "longer than 1 MB"},
            {"['a'.repeat(600000), 'b'.repeat(600000)].join()", "longer than 1 MB"}});
    std::string doubling = "'x'";
    for (int i = 0; i < 60; ++i)
        doubling = "[" + doubling + "," + (i < 9 ? doubling : "1") + "]";
    BOOST_TEST(result("'' + " + doubling).substr(0, 3) == "\"[[");
    std::string work = "'a'.repeat(1000000).length";
    for (int i = 0; i < 20; ++i)
        work += " + 'a'.repeat(1000000).length";
    BOOST_TEST(result(work).find("too much work") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(canonical_text_is_minimal) {
    const std::vector<Case> cases{{"((a))", "a"},
                                  {"(a+b)+c", "a + b + c"},
                                  {"a+(b+c)", "a + (b + c)"},
                                  {"(a*b)+c", "a * b + c"},
                                  {"a*(b+c)", "a * (b + c)"},
                                  {"(a&&b)||c", "a && b || c"},
                                  {"a&&(b||c)", "a && (b || c)"},
                                  {"!(a)", "!a"},
                                  {"!(a==b)", "!(a == b)"},
                                  {"(!a).x", "(!a).x"},
                                  {"(a.b).c", "a.b.c"},
                                  {"\"a'b\"", "'a\\'b'"},
                                  {"[ 1,2 ]", "[1, 2]"},
                                  {"a [ 0 ] . b( )", "error: column 12: unknown method 'b'"},
                                  {"a [ 0 ] . trim( )", "a[0].trim()"},
                                  {"(a in b) in c", "(a in b) in c"},
                                  {"1.0", "1.0"},
                                  {"1e400", "error: column 1: number out of range"},
                                  {"1e100", "1e+100"},
                                  {"(a<b)==c", "a < b == c"},
                                  {"-(-a)", "--a"},
                                  {"'\\u0001'", "'\\u0001'"}};
    for (const Case& one : cases)
        BOOST_TEST(canonical(one.text) == one.result);
    BOOST_TEST(canonical("'a' + \"b\\\"\"", Dialect::scaicore) == "\"a\" + \"b\\\"\"");
    BOOST_TEST(canonical("'${x}'", Dialect::scaicore) == "\"\\${x}\"");
}

BOOST_AUTO_TEST_CASE(roots_are_sorted_and_unique_and_can_be_renamed) {
    const auto expression =
        Expression::parse("node_b.x + a[node_b].slice(c) == [d, !e].first()", Dialect::flow).value();
    BOOST_TEST(expression.roots() == (std::vector<std::string>{"a", "c", "d", "e", "node_b"}),
               boost::test_tools::per_element());
    const auto renamed = expression.renamed(
        [](const std::string& name) { return name.starts_with("node_") ? name.substr(5) : name; });
    BOOST_TEST(renamed.text(Dialect::flow) == "b.x + a[b].slice(c) == [d, !e].first()");
    BOOST_TEST(expression.text(Dialect::flow).starts_with("node_b"));
}

BOOST_AUTO_TEST_CASE(truth_is_as_documented) {
    for (const char* const text : {"false", "null", "0", "0.0", "\"\"", "[]", "{}"})
        BOOST_TEST(!truthy(json(text)), text);
    for (const char* const text : {"true", "1", "-0.5", "\"0\"", "[0]", "{\"a\":null}"})
        BOOST_TEST(truthy(json(text)), text);
    BOOST_TEST(!truthy(Value()));
}

namespace {

/// Expressions from a grammar, always the same ones.
std::string generate(std::minstd_rand& random, int depth) {
    const auto pick = [&](auto... options) {
        const std::vector<std::string> all{options...};
        return all[random() % all.size()];
    };
    if (depth == 0)
        return pick("a", "n", "list", "name", "1", "2.5", "'x'", "null", "true", "'q\\'\\\\${'", "node_k",
                    "1e300");
    const auto sub = [&] {
        return generate(random, depth - 1 - static_cast<int>(random() % 2) * (depth > 1));
    };
    switch (random() % 7) {
    case 0:
        return "(" + sub() + ")";
    case 1:
        return "[" + sub() + "," + sub() + "]";
    case 2:
        return pick("!", "-") + sub();
    case 3:
        return "(" + sub() + ")" + pick(".m", ".length", ".trim()", ".first()");
    case 4:
        return "(" + sub() + ")[" + sub() + "]";
    default:
        return "(" + sub() + ")" + pick("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", " in ") +
               "(" + sub() + ")";
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(canonical_text_reads_back_as_the_same_expression) {
    std::minstd_rand random(7);
    const auto lookup = [values = scope()](std::string_view name) { return values.get(name); };
    for (int i = 0; i < 2000; ++i) {
        const std::string text = generate(random, 5);
        const auto expression = Expression::parse(text, Dialect::flow);
        BOOST_TEST_REQUIRE(static_cast<bool>(expression), text);
        const auto first = expression->evaluate(lookup);
        for (const Dialect dialect : {Dialect::flow, Dialect::scaicore}) {
            const std::string printed = expression->text(dialect);
            const auto again = Expression::parse(printed, dialect);
            BOOST_TEST_REQUIRE(static_cast<bool>(again), printed);
            BOOST_TEST(again->text(dialect) == printed);
            BOOST_TEST(again->text(Dialect::flow) == expression->text(Dialect::flow));
            const auto second = again->evaluate(lookup);
            BOOST_TEST(static_cast<bool>(first) == static_cast<bool>(second));
            if (first && second)
                BOOST_TEST(first->dump() == second->dump());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
