// Stage 3. Messages are compared literally. SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/scaiflow/graph/complaints.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai::test;
using scai::json::Value;

namespace {

/// entry -> x, x being of that kind with that config.
Value with(std::string_view kind, std::string_view config) {
    Value content =
        flow({node("node_in", "entry_api"), node("x", kind, config)}, {edge("node_in.out_request", "x")});
    if (kind == "logic_loop") {
        content.get("nodes").push(node("y", "checkpoint"));
        content.get("nodes").push(node("z", "checkpoint"));
        content.get("edges").push(edge("x.body", "y"));
        content.get("edges").push(edge("x.out", "z"));
    }
    return content;
}

/// Complaints about x, of a node of that kind: each "error CODE key: message", the message without its start.
void expect(std::string_view kind, std::string_view config, const std::vector<std::string>& expected) {
    std::vector<std::string> found;
    const std::string start = "node 'x': ";
    BOOST_TEST_CONTEXT(kind << " " << config) {
        for (const auto& each : scaiflow::graph::validate(with(kind, config))) {
            BOOST_TEST(each.node_id == "x");
            BOOST_TEST(each.path.starts_with("nodes[1].config."));
            std::string message = each.message;
            if (message.starts_with(start))
                message.erase(0, start.size());
            found.push_back((each.severity == scaiflow::graph::Severity::error ? "error " : "warning ") +
                            each.code + " " + each.path.substr(16) + ": " + message);
        }
        BOOST_TEST(found == expected, boost::test_tools::per_element());
    }
}

Value with_models(std::string_view models) {
    Value content = with("checkpoint", "{}");
    content.get("config").get("core_identity").set("models", json(models));
    return content;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_graph_settings)

BOOST_AUTO_TEST_CASE(required_settings_are_missed) {
    const std::vector<std::pair<const char*, std::vector<const char*>>> needed{
        {"llm_rigid", {"template"}},
        {"llm_guarded", {"goal"}},
        {"llm_flexible", {"goal"}},
        {"tool_plugin", {"plugin", "method"}},
        {"tool_http", {"url"}},
        {"data_variable_set", {"name", "value"}},
        {"compute_exec", {"command"}},
        {"compute_file_upload", {"path", "content"}},
        {"compute_file_download", {"path"}},
        {"subflow_call", {"target"}}};
    for (const auto& [kind, keys] : needed) {
        std::vector<std::string> expected;
        for (const std::string key : keys)
            expected.push_back("error SETTING_MISSING " + key + ": '" + key + "' is required");
        expect(kind, "{}", expected);
        expect(kind, "", expected);
        Value nulls = Value::object(), empty = Value::object();
        for (const char* key : keys) {
            nulls.set(key, nullptr);
            if (std::string_view(key) != "command")
                empty.set(key, "");
        }
        expect(kind, nulls.dump(), expected);
        expect(kind, empty.dump(), expected);
    }
    for (const char* kind : {"logic_decision", "logic_parallel", "checkpoint", "hitl_decision",
                             "compute_provision", "compute_destroy"})
        expect(kind, "{}", {});
    for (const char* kind : {"entry_webhook", "entry_schedule"})
        expect_complaints(flow({node("a", kind)}, {}), {});
}

BOOST_AUTO_TEST_CASE(loops_need_what_their_style_needs) {
    expect("logic_loop", "{}",
           {"error SETTING_MISSING collection: 'collection' is required for style 'foreach'"});
    expect("logic_loop", R"({"collection":"input.items"})", {});
    expect("logic_loop", R"({"style":"while"})",
           {"error SETTING_MISSING condition: 'condition' is required for style 'while'",
            "error WHILE_NO_MAX max_iterations: while loop missing max_iterations"});
    expect("logic_loop", R"({"style":"while","condition":"true","max_iterations":1000})", {});
    expect("logic_loop", R"({"style":"while","condition":"true","max_iterations":0})",
           {"error SETTING_VALUE max_iterations: 'max_iterations' must be between 1 and 1000000"});
    expect("logic_loop", R"({"style":"until","collection":"a"})",
           {"error SETTING_VALUE style: 'style' must be one of: foreach, while"});
    expect("logic_loop", R"({"collection":"input.items","item":"2nd"})",
           {"error SETTING_VALUE item: 'item' must be a name: letters, digits and _, not a digit first"});
}

BOOST_AUTO_TEST_CASE(roles_are_declared_and_llm_role_wins_over_model) {
    const char* end = " is not declared";
    expect("llm_flexible", R"({"goal":"x"})", {});
    expect("llm_flexible", R"({"goal":"x","llm_role":"primary"})", {});
    expect("llm_guarded", R"({"goal":"x","model":"primary"})", {});
    expect("llm_guarded", R"({"goal":"x","llm_role":"primary","model":"nowhere"})", {});
    expect(
        "llm_guarded", R"({"goal":"x","llm_role":"big"})",
        {std::string("error ROLE_UNDECLARED llm_role: llm_role validation failed: node 'x': llm_role='big'") +
         end});
    expect("llm_flexible", R"({"goal":"x","model":"big"})",
           {std::string("error ROLE_UNDECLARED model: llm_role validation failed: node 'x': llm_role='big'") +
            end});
    expect(
        "llm_flexible", R"({"goal":"x","llm_role":"big","model":"primary"})",
        {std::string("error ROLE_UNDECLARED llm_role: llm_role validation failed: node 'x': llm_role='big'") +
         end});
    Value content = with("llm_flexible", R"({"goal":"x"})");
    content.set("config", Value::object());
    expect_complaints(content,
                      {"error ROLE_UNDECLARED nodes[1].config.llm_role (x): llm_role validation failed: "
                       "node 'x': the flow declares no model"});
}

BOOST_AUTO_TEST_CASE(the_model_registry_has_distinct_well_formed_roles) {
    expect_complaints(
        with_models(R"([{"role":"primary","ref":"r","model":"m"},{"role":"Fast","ref":"r","model":"m"},
                        {"role":"primary","ref":"r","model":"m","system_context":"{{1 +}}"}])"),
        {"error BAD_ROLE_NAME config.core_identity.models[1].role: model role 'Fast' must have the form "
         "[a-z][a-z0-9_]*",
         "error DUP_ROLE config.core_identity.models[2].role: duplicate model role 'primary'",
         "error BAD_EXPR config.core_identity.models[2].system_context: model role 'primary': "
         "'system_context' column 6: expected a value, found the end"});
    expect_complaints(with_models(R"([{"role":"a","ref":"r","model":"m"},{"role":"a_2","ref":"r","model":"m",
                                       "system_context":"You help {{input.name}}."}])"),
                      {});
}

BOOST_AUTO_TEST_CASE(schedules_need_a_cron_line_and_a_zone) {
    expect_complaints(
        flow({node("a", "entry_schedule", R"({"cron":"0 7 * * 1-5","timezone":"Europe/Amsterdam"})")}, {}),
        {});
    expect_complaints(
        flow({node("a", "entry_schedule", R"({"cron":"0 25 * * *","timezone":"Mars/Base"})")}, {}),
        {"error BAD_CRON nodes[0].config.cron (a): node 'a': 'cron' is no cron line, hour: '25' is not "
         "between 0 and 23",
         "error BAD_TZ nodes[0].config.timezone (a): node 'a': there is no time zone 'Mars/Base'"});
}

BOOST_AUTO_TEST_CASE(sub_flows_are_called_by_their_address) {
    expect("subflow_call", R"({"target":"core://acme/refunds","timeout":"2m"})", {});
    expect("subflow_call", R"({"target":"refunds","timeout":"soon"})",
           {"error BAD_CORE_URI target: 'target' must look like core://{tenant}/{slug}",
            "error SETTING_VALUE timeout: 'timeout' must be a duration such as 30s, 5m, 1h, 7d or 2w"});
}

BOOST_AUTO_TEST_CASE(expressions_and_templates_are_parsed) {
    expect("llm_guarded",
           R"({"goal":"Sort {{input.text}}","guard":"input.text.length > 0","validate":"result.n == 1"})",
           {});
    expect("llm_guarded", R"({"goal":"Sort {{input.","guard":"a = 1","validate":"'open"})",
           {"error BAD_EXPR goal: 'goal' column 6: '{{' without '}}'",
            "error BAD_EXPR guard: 'guard' column 3: unexpected '=': compare with ==",
            "error BAD_EXPR validate: 'validate' column 1: text without an end"});
    expect("tool_plugin", R"({"plugin":"crm","method":"find","args":{"deep":[{"a":"{{1 +}}"}]}})",
           {"error BAD_EXPR args: 'args' deep.0.a: column 6: expected a value, found the end"});
    expect("data_variable_set", R"({"name":"n","value":"{{a}}"})",
           {"error BAD_EXPR value: 'value' column 1: unexpected character",
            "warning VARIABLE_UNDECLARED name: variable 'n' is not declared in variables"});
    Value content = with("checkpoint", "{}");
    content.get("edges").at(0).set("type", "conditional").set("condition", "input.a >").set("id", "e");
    expect_complaints(content,
                      {"error BAD_EXPR edges[0].condition [e]: edge 'e': 'condition' column 10: expected a "
                       "value, found the end"});
}

BOOST_AUTO_TEST_CASE(names_that_are_meant_for_nodes_must_be_upstream) {
    const auto three = [](std::string_view text_of_b, std::string_view condition = "true") {
        return flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"x"})"),
                     node("node_b", "llm_rigid", Value::object({{"template", text_of_b}}).dump()),
                     node("node_c", "llm_rigid", R"({"template":"x"})")},
                    {edge("node_in.out_request", "node_a"), edge("node_a", "node_b", condition),
                     edge("node_b", "node_c")});
    };
    for (const char* fine :
         {"{{a.x}}", "{{node_a.x}}", "{{input.x}}", "{{message.text}}", "{{trigger.name}}"})
        expect_complaints(three(fine), {});
    const std::string at =
        "warning UNKNOWN_NAME nodes[2].config.template (node_b): node 'node_b': 'template': ";
    expect_complaints(three("{{node_gone.x}}"), {at + "there is no node 'node_gone'"});
    expect_complaints(three("{{node_c.x}} {{b}}"), {at + "'b' is not upstream, it has no result here",
                                                    at + "'node_c' is not upstream, it has no result here"});
    expect_complaints(three("{{node_in.x}}"),
                      {at + "'node_in' is an entry point and has no result, use 'input'"});
    // an edge sees the result of the node it leaves
    expect_complaints(three("x", "a.ready && node_a.n > 1"), {});
    expect_complaints(
        three("x", "c.ready"),
        {"warning UNKNOWN_NAME edges[1].condition [edge_node_a_node_b]: edge 'edge_node_a_node_b': "
         "'condition': 'c' is not upstream, it has no result here"});
    // a variable of that name comes first
    Value content = three("{{c}} {{node_x}}");
    content.set("variables", json(R"([{"name":"c"},{"name":"node_x"}])"));
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(the_item_of_a_loop_hides_a_node) {
    Value content = with("logic_loop", R"({"collection":"input.items","item":"z"})");
    content.get("nodes").at(2).set("config", json(R"({"prompt":"{{z.name}}"})"));
    expect_complaints(content, {});
    content.get("nodes").at(1).get("config").set("item", "line");
    expect_complaints(content,
                      {"warning UNKNOWN_NAME nodes[2].config.prompt (y): node 'y': 'prompt': 'z' is not "
                       "upstream, it has no result here"});
}

BOOST_AUTO_TEST_CASE(data_edges_bring_results_too) {
    Value content = flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"x"})"),
                          node("node_b", "llm_rigid", R"({"template":"{{a}}"})")},
                         {edge("node_in.out_request", "node_a"), edge("node_in.out_request", "node_b")});
    expect_complaints(content,
                      {"warning UNKNOWN_NAME nodes[2].config.template (node_b): node 'node_b': 'template': "
                       "'a' is not upstream, it has no result here"});
    Value data = edge("node_a", "node_b");
    content.get("edges").push(data.set("type", "data"));
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(result_is_the_answer_in_validate_only) {
    expect("llm_guarded", R"({"goal":"x","validate":"result.a"})", {});
    Value content = with("llm_guarded", R"({"goal":"x","guard":"node_result.a"})");
    expect_complaints(content,
                      {"warning UNKNOWN_NAME nodes[1].config.guard (x): node 'x': 'guard': there is no node "
                       "'node_result'"});
}

BOOST_AUTO_TEST_CASE(known_plugins_need_their_arguments) {
    expect("tool_plugin", R"({"plugin":"scaidrive","method":"search","args":{"path":"/"}})", {});
    expect("tool_plugin", R"({"plugin":"scaidrive","method":"search","args":{"query":"x"}})",
           {"error PLUGIN_ARG args.path: plugin call 'scaidrive.search': missing required arg 'path'"});
    expect("tool_plugin", R"({"plugin":"scaidrive","method":"search","args":{"path":null}})",
           {"error PLUGIN_ARG args.path: plugin call 'scaidrive.search': missing required arg 'path'"});
    expect("tool_plugin", R"({"plugin":"scaibunker","method":"write_file"})",
           {"error PLUGIN_ARG args.path: plugin call 'scaibunker.write_file': missing required arg 'path'",
            "error PLUGIN_ARG args.content: plugin call 'scaibunker.write_file': missing required arg "
            "'content'"});
    expect("tool_plugin", R"({"plugin":"scaibunker","method":"destroy"})", {});
    expect("tool_plugin", R"({"plugin":"scaidrive","method":"rename"})", {});
    expect("tool_plugin", R"({"plugin":"own","method":"search"})", {});
}

BOOST_AUTO_TEST_CASE(http_calls_go_to_http_addresses) {
    for (const char* fine : {"https://api.test/{{input.id}}", "http://a.test", "{{input.url}}"})
        expect("tool_http",
               Value::object({{"url", fine}, {"method", "DELETE"}, {"timeout_s", 86'400}}).dump(), {});
    expect("tool_http", R"({"url":"ftp://a.test","method":"FETCH","timeout_s":0})",
           {"error SETTING_VALUE method: 'method' must be one of: GET, HEAD, POST, PUT, PATCH, DELETE",
            "error SETTING_VALUE timeout_s: 'timeout_s' must be between 1 and 86400",
            "error SETTING_VALUE url: 'url' must start with http:// or https://"});
}

BOOST_AUTO_TEST_CASE(entry_paths_start_with_a_slash) {
    expect_complaints(flow({node("a", "entry_webhook", R"({"path":"orders","method":"GET"})")}, {}),
                      {"error SETTING_VALUE nodes[0].config.path (a): node 'a': 'path' must start with '/'"});
    expect_complaints(
        flow({node("a", "entry_api", R"({"path":"/orders","method":"get"})")}, {}),
        {"error SETTING_VALUE nodes[0].config.method (a): node 'a': 'method' must be one of: GET, HEAD, "
         "POST, PUT, PATCH, DELETE"});
}

BOOST_AUTO_TEST_CASE(reviews_need_a_queue_and_a_scope) {
    expect("hitl_review", R"({"queue":"desk","scope":"s"})", {});
    expect("hitl_review", R"({"scope":"s"})", {"error HITL_QUEUE queue: a review needs a queue"});
    expect("hitl_review", R"({"queue":"desk"})",
           {"error HITL_SCOPE scope: no scope on the node and none in config.scaiqueue"});
    for (const char* kind : {"queue_publish", "queue_consume", "queue_escalation"}) {
        expect(kind, R"({"queue":"desk","scope":"s"})", {});
        expect(kind, "{}",
               {"error SETTING_MISSING queue: 'queue' is required",
                "error HITL_SCOPE scope: no scope on the node and none in config.scaiqueue"});
    }
}

BOOST_AUTO_TEST_CASE(the_scope_of_the_flow_is_inherited_and_its_queues_are_known) {
    Value content = with("hitl_review", R"({"queue":"desk"})");
    content.get("config").set("scaiqueue", json(R"({"scope":"s"})"));
    expect_complaints(content, {});
    content.get("config").set("scaiqueue", json(R"({"scope":"s","queues":[{"slug":"other"}]})"));
    expect_complaints(content,
                      {"warning QUEUE_UNKNOWN nodes[1].config.queue (x): node 'x': queue 'desk' is not "
                       "declared in config.scaiqueue.queues"});
    content.get("nodes").at(1).get("config").set("scope", "theirs");
    expect_complaints(content, {});
    content.get("config").set("scaiqueue", json(R"({"scope":"s","queues":[{"slug":"q"},{"slug":"q"}]})"));
    expect_complaints(content, {"error DUP_ID config.scaiqueue.queues[1].slug: duplicate queue 'q'"});
}

BOOST_AUTO_TEST_CASE(forms_are_made_of_three_kinds_of_sections) {
    expect("hitl_review",
           R"({"queue":"q","scope":"s","assignee":"group:finance","on_timeout":"reject","timeout":"4h",
        "sections":[{"type":"context","title":"Claim","content":"{{input.text}}"},
                    {"type":"input","field":"note"},
                    {"type":"decision","field":"verdict","options":["approve",{"id":"reject","label":"No"}]}]})",
           {});
    expect("hitl_review", R"({"queue":"q","scope":"s","assignee":"Bob","on_timeout":"later",
        "sections":[{"type":"picture"},7,{"type":"input"},{"type":"decision","field":"f"},
                    {"type":"decision","field":"f","options":["a","a",{"label":"b"}]}]})",
           {"error SETTING_VALUE sections[0].type: a section must have a 'type': context, input or decision",
            "error SETTING_VALUE sections[1].type: a section must have a 'type': context, input or decision",
            "error SETTING_VALUE sections[2].field: a section of type input must have a 'field'",
            "error SETTING_VALUE sections[3].options: a section of type decision must have 'options'",
            "error DUP_ID sections[4].options[1]: duplicate option 'a'",
            "error SETTING_VALUE sections[4].options[2]: an option must be an id or an object with an 'id'",
            "error SETTING_VALUE on_timeout: 'on_timeout' must be fail, escalate, continue or the id of an "
            "option",
            "warning ASSIGNEE_UNROUTED assignee: 'assignee' without user:, group: or role: in front is not "
            "routed"});
}

BOOST_AUTO_TEST_CASE(checkpoints_offer_distinct_options) {
    for (const char* kind : {"checkpoint", "hitl_decision"}) {
        expect(kind, R"({"options":["yes",{"id":"no"}],"timeout":"30s","on_timeout":"no"})", {});
        expect(kind, R"({"options":["yes","yes",3],"timeout":"0s","on_timeout":"maybe"})",
               {"error SETTING_VALUE timeout: 'timeout' must be a duration such as 30s, 5m, 1h, 7d or 2w",
                "error DUP_ID options[1]: duplicate option 'yes'",
                "error SETTING_VALUE options[2]: an option must be an id or an object with an 'id'",
                "error SETTING_VALUE on_timeout: 'on_timeout' must be fail, escalate, continue or the id of "
                "an option"});
    }
}

BOOST_AUTO_TEST_CASE(sandboxes_have_limits_and_allowlists) {
    expect("compute_provision", R"({"network_profile":"allowlisted","network_allowlist":["a.test"]})", {});
    expect("compute_provision",
           R"({"network_profile":"allowlisted","lifecycle":"forever","cpu_millicores":0})",
           {"error SETTING_VALUE lifecycle: 'lifecycle' must be one of: ephemeral, session, persistent, "
            "appliance",
            "error SETTING_VALUE cpu_millicores: 'cpu_millicores' must be between 1 and 1000000",
            "error SETTING_MISSING network_allowlist: 'network_allowlist' is required for network profile "
            "'allowlisted'"});
    Value content = with("compute_destroy", "{}");
    content.get("config").set("bunker", json(R"({"network_profile":"allowlisted"})"));
    expect_complaints(
        content, {"error SETTING_MISSING config.bunker.network_allowlist: 'network_allowlist' is required "
                  "for network profile 'allowlisted'"});
}

BOOST_AUTO_TEST_CASE(commands_are_lists_of_texts) {
    expect("compute_exec", R"({"command":["ls","{{input.path}}"]})", {});
    for (const char* bad : {R"({"command":[]})", R"({"command":["ls",1]})"})
        expect("compute_exec", bad,
               {"error SETTING_VALUE command: 'command' must be a list of texts, the program first"});
}

BOOST_AUTO_TEST_CASE(output_schemas_give_a_type_for_every_field) {
    expect("llm_flexible", R"({"goal":"x","output_schema":{"a":"string","b":"map<string, string>"}})", {});
    expect("llm_flexible", R"({"goal":"x","output_schema":{"a":1}})",
           {"error SETTING_VALUE output_schema: 'output_schema' must give a type such as string or enum[a, "
            "b] for 'a'"});
}

BOOST_AUTO_TEST_CASE(variables_have_distinct_names) {
    Value content = with("data_variable_set", R"({"name":"n","value":"input.a"})");
    content.set("variables", json(R"([{"name":"n"},{"name":"n"},{"name":"2 b"}])"));
    expect_complaints(content,
                      {"error DUP_ID variables[1].name: duplicate variable 'n'",
                       "error BAD_NAME variables[2].name: variable '2 b': a name has letters, digits and _, "
                       "not a digit first"});
    content.set("variables", json(R"([{"name":"n"}])"));
    expect_complaints(content, {});
}

BOOST_AUTO_TEST_CASE(plugins_and_capabilities_of_the_flow_have_a_name) {
    Value content = with("checkpoint", "{}");
    content.get("config").set("plugins", json(R"(["crm",{"alias":"erp"},{"endpoint":"x"},3])"));
    content.get("config").set("capabilities", json(R"(["mail",{"bunker":{}},{"a":1,"b":2},""])"));
    expect_complaints(
        content,
        {"error SETTING_VALUE config.plugins[2]: a plugin must be an alias or an object with an 'alias'",
         "error SETTING_VALUE config.plugins[3]: a plugin must be an alias or an object with an 'alias'",
         "error SETTING_VALUE config.capabilities[2]: a capability must be a name or an object with one "
         "member",
         "error SETTING_VALUE config.capabilities[3]: a capability must be a name or an object with one "
         "member"});
}

BOOST_AUTO_TEST_SUITE_END()
