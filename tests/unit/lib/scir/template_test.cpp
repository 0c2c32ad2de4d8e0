// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/expression.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using scai::json::Value;
using scai::scir::Dialect;
using scai::scir::Expression;
using scai::scir::Template;

namespace {

Value json(const std::string& text) {
    return scai::json::parse(text).value();
}

Value lookup(std::string_view name) {
    static const Value scope =
        json(R"({"name": "Ada", "n": 7, "list": [1, "a"], "none": null, "real": 0.1})");
    return scope.get(name);
}

std::string rendered(const Value& source, Dialect dialect = Dialect::flow) {
    const auto parsed = Template::parse(source, dialect);
    if (!parsed)
        return "error: " + parsed.error().message;
    const auto value = parsed->render(lookup);
    return value ? value->dump() : "error: " + value.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_template)

BOOST_AUTO_TEST_CASE(a_text_of_one_expression_gives_the_value_itself) {
    BOOST_TEST(rendered("{{list}}") == "[1,\"a\"]");
    BOOST_TEST(rendered("{{ n }}") == "7");
    BOOST_TEST(rendered("{{missing}}") == "null");
    BOOST_TEST(rendered(" {{n}}") == "\" 7\"");
    BOOST_TEST(rendered("${list}", Dialect::scaicore) == "[1,\"a\"]");
}

BOOST_AUTO_TEST_CASE(texts_join_what_they_hold) {
    BOOST_TEST(rendered("Dear {{name}}, {{n + 1}} of {{list}}{{none}} at {{real}}") ==
               "\"Dear Ada, 8 of [1,\\\"a\\\"] at 0.1\"");
    BOOST_TEST(rendered("{{'}}' + \"}}\"}} {{name}}") == "\"}}}} Ada\"");
    BOOST_TEST(rendered("${\"}\"}${n}", Dialect::scaicore) == "\"}7\"");
    BOOST_TEST(rendered("") == "\"\"");
    BOOST_TEST(rendered("no slots } { }} $") == "\"no slots } { }} $\"");
}

BOOST_AUTO_TEST_CASE(only_texts_are_rendered_and_everything_else_is_kept) {
    BOOST_TEST(rendered(json(R"({"a": ["{{n}}", 1, null, true, {"b": "x{{name}}"}], "{{n}}": 2.5})")) ==
               R"({"a":[7,1,null,true,{"b":"xAda"}],"{{n}}":2.5})");
}

BOOST_AUTO_TEST_CASE(a_backslash_makes_an_opener_literal) {
    BOOST_TEST(rendered("\\{{n}}") == "\"{{n}}\"");
    BOOST_TEST(rendered("\\\\{{n}}") == "\"\\\\7\"");
    BOOST_TEST(rendered("\\\\\\{{n}}") == "\"\\\\{{n}}\"");
    BOOST_TEST(rendered("a\\b \\n") == "\"a\\\\b \\\\n\"");
    BOOST_TEST(rendered("{{{n}}}") == "\"{7}\"");
    BOOST_TEST(rendered("\\${n}", Dialect::scaicore) == "\"${n}\"");
    BOOST_TEST(rendered("$${n}", Dialect::scaicore) == "\"$7\"");
    BOOST_TEST(rendered("{{n}}", Dialect::scaicore) == "\"{{n}}\"");
}

BOOST_AUTO_TEST_CASE(errors_name_member_and_column) {
    BOOST_TEST(rendered(json(R"({"args": {"query": ["ok", "find {{a +}}"]}})")) ==
               "error: args.query.1: column 11: expected a value, found the end");
    BOOST_TEST(rendered("ab {{n") == "error: column 4: '{{' without '}}'");
    BOOST_TEST(rendered("{{}}") == "error: column 3: expected a value, found the end");
    BOOST_TEST(rendered("{{'a}}") == "error: column 1: '{{' without '}}'");
    BOOST_TEST(rendered("${", Dialect::scaicore) == "error: column 1: '${' without '}'");
    BOOST_TEST(rendered("x {{1 / 0}}") == "error: division by zero");
}

BOOST_AUTO_TEST_CASE(hostile_templates_are_refused) {
    Value deep = "x";
    for (int i = 0; i < 300; ++i)
        deep = Value::array({deep});
    BOOST_TEST(rendered(deep).find("nested too deeply") != std::string::npos);
    std::string bomb;
    for (int i = 0; i < 12; ++i)
        bomb += "{{'x'.repeat(100000)}}";
    BOOST_TEST(rendered(bomb) == "error: a rendered template is longer than 1 MB");
    Value list = Value::array();
    for (int i = 0; i < 12; ++i)
        list.push("-{{'x'.repeat(100000)}}");
    BOOST_TEST(rendered(list) == "error: a rendered template is longer than 1 MB");
}

BOOST_AUTO_TEST_CASE(dialects_translate_and_roots_rename) {
    const Value source = json(R"({"a": "Hi {{node_x.y == 'z'}}", "b": ["{{c}}", "${d}", "\\{{e}}"]})");
    const auto parsed = Template::parse(source, Dialect::flow).value();
    BOOST_TEST(parsed.source(Dialect::flow).dump() == source.dump());
    BOOST_TEST(parsed.roots() == (std::vector<std::string>{"c", "node_x"}), boost::test_tools::per_element());
    const auto renamed =
        parsed.renamed([](const std::string& name) { return name == "node_x" ? "x" : name; });
    BOOST_TEST(renamed.source(Dialect::scaicore).dump() ==
               R"({"a":"Hi ${x.y == \"z\"}","b":["${c}","\\${d}","{{e}}"]})");
}

BOOST_AUTO_TEST_CASE(a_text_can_become_one_expression) {
    const auto as_text = [](const char* source) {
        const auto expression = Template::parse(source, Dialect::flow)->as_expression();
        BOOST_TEST(expression->evaluate(lookup)->dump() == rendered(source));
        return expression->text(Dialect::flow);
    };
    BOOST_TEST(as_text("Dear {{name}}!") == "'Dear ' + name + '!'");
    BOOST_TEST(as_text("{{n}}{{n + 1}}") == "'' + n + (n + 1)");
    BOOST_TEST(as_text("{{list}}") == "list");
    BOOST_TEST(as_text("plain") == "'plain'");
    BOOST_TEST(as_text("") == "''");
    BOOST_TEST(!Template::parse(json("[\"{{a}}\"]"), Dialect::flow)->as_expression().has_value());
    BOOST_TEST(!Template::parse(json("7"), Dialect::flow)->as_expression().has_value());
}

BOOST_AUTO_TEST_CASE(sources_read_back_as_the_same_template) {
    std::minstd_rand random(11);
    const std::vector<std::string> words{"{", "{{", "\\", "$",     "${",        "}",    "}}",
                                         "x", "'",  "\"", "{{n}}", "{{{name}}", "${n}", "\\{{"};
    int parsed_count = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string text;
        for (std::size_t k = random() % 9; k > 0; --k)
            text += words[random() % words.size()];
        for (const Dialect from : {Dialect::flow, Dialect::scaicore}) {
            const auto parsed = Template::parse(text, from);
            if (!parsed)
                continue;
            ++parsed_count;
            for (const Dialect dialect : {Dialect::flow, Dialect::scaicore}) {
                const Value source = parsed->source(dialect);
                const auto again = Template::parse(source, dialect);
                BOOST_TEST_REQUIRE(static_cast<bool>(again), text << " became " << source.dump());
                BOOST_TEST(again->source(dialect).dump() == source.dump());
                BOOST_TEST(again->render(lookup)->dump() == parsed->render(lookup)->dump(),
                           text << " became " << source.dump());
            }
        }
    }
    BOOST_TEST(parsed_count > 2000);
}

BOOST_AUTO_TEST_SUITE_END()
