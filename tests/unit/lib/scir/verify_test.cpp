// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/ir.hpp"
#include "tests/support/scir_modules.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using scai::json::Value;
using scai::scir::verify;
using scai::test::loose_json;
using scai::test::module_of;

namespace {

std::string findings(const Value& module) {
    std::string out;
    for (const auto& finding : verify(module))
        out += finding.path + ": " + finding.message + "\n";
    return out;
}

std::string in_body(const std::string& block) {
    return findings(module_of("[" + block + "]"));
}

const std::string rigid =
    "{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'expression', 'expression': '1'}]}";

struct Case {
    std::string block, finding;
};

void refuse(const std::vector<Case>& cases) {
    for (const Case& one : cases)
        BOOST_TEST(in_body(one.block) == one.finding + "\n", one.block << " gives " << in_body(one.block));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_verify)

BOOST_AUTO_TEST_CASE(a_good_module_has_no_findings) {
    BOOST_TEST(in_body(rigid).empty());
    BOOST_TEST(findings(module_of("[]")).empty());
}

BOOST_AUTO_TEST_CASE(foreign_keys_are_left_alone) {
    BOOST_TEST(in_body("{'kind': 'rigid', 'node_id': 'a', 'statements': [], 'source_location': {'node_id': "
                       "'a'}, 'x': null}")
                   .empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_module_is_said) {
    BOOST_TEST(findings(loose_json("[]")) == ": a module is an object\n");
    BOOST_TEST(findings(Value()) == ": a module is an object\n");
    const std::string all = findings(Value::object());
    for (const char* const key :
         {"schema_version", "name", "version", "identity", "models", "plugins", "flows", "triggers"})
        BOOST_TEST(all.find(std::string(key) + ": must be") != std::string::npos, key);
}

BOOST_AUTO_TEST_CASE(blocks_name_what_is_wrong) {
    const std::string at = "flows[0].body[0]";
    refuse({
        {"7", at + ": must be an object"},
        {"{'kind': 'try', 'node_id': 'a'}", at + ".kind: unknown kind 'try'"},
        {"{'node_id': 'a'}", at + ".kind: must be a text"},
        {"{'kind': 'rigid', 'statements': []}", at + ".node_id: must be a text"},
        {"{'kind': 'rigid', 'node_id': 'a'}", at + ".statements: must be a list"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [], 'synthetic': 1}",
         at + ".synthetic: must be true or false"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [], 'result_binding': 'a-b'}",
         at + ".result_binding: must be a name (letters, digits, _)"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [], 'result_binding': 'input'}",
         at + ".result_binding: 'input' is a reserved name"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'expression', 'expression': '1 +'}]}",
         at + ".statements[0].expression: column 4: expected a value, found the end"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'flexible'}]}",
         at + ".statements[0].kind: no LLM call and no checkpoint inside rigid"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'checkpoint'}]}",
         at + ".statements[0].kind: no LLM call and no checkpoint inside rigid"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'x'}]}",
         at + ".statements[0].kind: must be expression, plugin_call, assign or emit"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'assign', 'name': 'true', 'value': "
         "'1'}]}",
         at + ".statements[0].name: 'true' is a reserved name"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'plugin_call', 'plugin': 'nope', "
         "'method': 'm', 'args': {}}]}",
         at + ".statements[0].plugin: 'nope' is no plugin of the module"},
        {"{'kind': 'rigid', 'node_id': 'a', 'statements': [{'kind': 'plugin_call', 'plugin': 'drive', "
         "'method': 'm', 'args': {'x': '${'}}]}",
         at + ".statements[0].args: x: column 1: '${' without '}'"},
        {"{'kind': 'flexible', 'node_id': 'a', 'goal': 'g', 'llm_role': 'none'}",
         at + ".llm_role: 'none' is no role of the models"},
        {"{'kind': 'flexible', 'node_id': 'a', 'goal': 1, 'llm_role': 'fast'}", at + ".goal: must be a text"},
        {"{'kind': 'flexible', 'node_id': 'a', 'goal': 'g', 'llm_role': 'fast', 'on_failure': {'retry': 99}}",
         at + ".on_failure.retry: must be 0 to 10"},
        {"{'kind': 'flexible', 'node_id': 'a', 'goal': 'g', 'llm_role': 'fast', 'on_failure': 'panic'}",
         at + ".on_failure: must be \"fail\", \"continue\", {retry}, {value} or {body}"},
        {"{'kind': 'flexible', 'node_id': 'a', 'goal': 'g', 'llm_role': 'fast', 'on_failure': {'body': "
         "[{'kind': 'x', 'node_id': 'b'}]}}",
         at + ".on_failure.body[0].kind: unknown kind 'x'"},
        {"{'kind': 'guarded', 'node_id': 'a', 'goal': 'g', 'llm_role': 'fast', 'guard': 7}",
         at + ".guard: must be an expression"},
        {"{'kind': 'guarded', 'node_id': 'a', 'goal': 'g', 'llm_role': 'fast', 'validate': 'a ='}",
         at + ".validate: column 3: unexpected '=': compare with =="},
        {"{'kind': 'match', 'node_id': 'a', 'arms': [{'when': 'true'}]}",
         at + ".arms[0].body: must be a list"},
        {"{'kind': 'match', 'node_id': 'a', 'arms': [{'body': []}]}",
         at + ".arms[0].when: must be an expression"},
        {"{'kind': 'foreach', 'node_id': 'a', 'collection': 'x', 'item': '1', 'body': []}",
         at + ".item: must be a name (letters, digits, _)"},
        {"{'kind': 'while', 'node_id': 'a', 'condition': 'true', 'body': []}",
         at + ".max_iterations: must be 1 to 1000000"},
        {"{'kind': 'while', 'node_id': 'a', 'condition': 'true', 'max_iterations': 0, 'body': []}",
         at + ".max_iterations: must be 1 to 1000000"},
        {"{'kind': 'parallel', 'node_id': 'a', 'branches': [{'name': 'x', 'body': []}, {'name': 'x', 'body': "
         "[]}]}",
         at + ".branches[1].name: 'x' is there twice"},
        {"{'kind': 'parallel', 'node_id': 'a', 'branches': [], 'max_concurrent': 0}",
         at + ".max_concurrent: must be 1 or more"},
        {"{'kind': 'checkpoint', 'node_id': 'a'}", at + ".checkpoint_type: must be a text"},
        {"{'kind': 'checkpoint', 'node_id': 'a', 'checkpoint_type': 'x', 'timeout': '1 hour'}",
         at + ".timeout: must be a duration such as \"30s\", \"5m\", \"1h\""},
        {"{'kind': 'checkpoint', 'node_id': 'a', 'checkpoint_type': 'x', 'hitl_target': {'queue': 'q'}}",
         at + ".hitl_target.scope: must be a text"},
        {"{'kind': 'core_call', 'node_id': 'a', 'target': 'http://x'}",
         at + ".target: must be a text that starts with core://"},
    });
}

BOOST_AUTO_TEST_CASE(names_must_be_unique) {
    const std::string two = "[{'kind': 'rigid', 'node_id': 'a', 'statements': [], 'result_binding': 'r'},"
                            "{'kind': 'rigid', 'node_id': 'b', 'statements': [], 'result_binding': 'r'}]";
    BOOST_TEST(findings(module_of(two)) == "flows[0].body[1].result_binding: 'r' is bound twice\n");
    BOOST_TEST(findings(module_of(two, "[{'name': 'r'}]")).find("'r' is a variable") != std::string::npos);
    BOOST_TEST(findings(module_of("[]", "[{'name': 'v'}, {'name': 'v'}]"))
                   .find("flows[0].variables[1].name: 'v' is there twice") != std::string::npos);
    BOOST_TEST(findings(module_of("[]", "[{'name': 'trigger'}]")).find("reserved name") != std::string::npos);
    Value module = loose_json(module_of("[]").dump());
    module.get("models").push(loose_json("{'role': 'fast', 'ref': 'x', 'model': 'y'}"));
    module.get("triggers").push(loose_json("{'kind': 'api', 'name': 'entry', 'target_flow': 'other'}"));
    BOOST_TEST(findings(module) ==
               "models[2].role: 'fast' is there twice\ntriggers[2].name: 'entry' is there twice\n"
               "triggers[2].target_flow: names no flow of the module\n");
}

BOOST_AUTO_TEST_CASE(findings_carry_the_node) {
    const auto list =
        verify(module_of("[{'kind': 'match', 'node_id': 'outer', 'arms': [{'when': 'true', 'body': [{'kind': "
                         "'while', 'node_id': 'inner', 'condition': 'true', 'body': []}]}]}]"));
    BOOST_TEST_REQUIRE(list.size() == 1);
    BOOST_TEST(list[0].node_id == "inner");
    BOOST_TEST(list[0].path == "flows[0].body[0].arms[0].body[0].max_iterations");
}

BOOST_AUTO_TEST_CASE(nesting_and_the_number_of_findings_are_bounded) {
    std::string deep = rigid;
    for (int i = 0; i < 250; ++i)
        deep = "{'kind': 'match', 'node_id': 'm', 'arms': [], 'otherwise': [" + deep + "]}";
    const auto list = verify(module_of("[" + deep + "]"));
    BOOST_TEST_REQUIRE(list.size() == 1);
    BOOST_TEST(list[0].message == "nested deeper than 200");
    std::string many = "1";
    for (int i = 0; i < 1000; ++i)
        many += ",1";
    BOOST_TEST(verify(module_of("[" + many + "]")).size() == 200);
}

BOOST_AUTO_TEST_SUITE_END()
