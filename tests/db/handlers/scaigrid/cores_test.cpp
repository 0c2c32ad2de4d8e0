// Cores: both bodies, life cycle, publishing, who may what, whose they are. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/scir/codec.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/grid_api.hpp"
#include "tests/support/scir_modules.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using scai::json::Value;
using scai::test::module_of;

namespace {

const std::string cores = "/v1/modules/scaicore/cores";

Value small_module() {
    return module_of(
        "[{'kind': 'rigid', 'node_id': 'n1', 'statements': [{'kind': 'expression', 'expression': "
        "'1 + 1'}], 'result_binding': 'r1'}]");
}

/// What a deploy sends.
std::string manifest(const std::string& name = "Refund Desk") {
    auto flow = scai::test::flow({scai::test::node("node_in", "entry_api"),
                                  scai::test::node("node_a", "llm_rigid", R"({"template":"hello"})")},
                                 {scai::test::edge("node_in.out_request", "node_a")});
    flow.set("name", name);
    const auto compiled = scaiflow::compiler::compile(flow, scaiflow::compiler::Format::yaml);
    if (!compiled.body)
        throw std::logic_error(scaiflow::graph::to_json(compiled.diagnostics).dump());
    return *compiled.body;
}

struct Grid : test::GridApi {
    using test::GridApi::GridApi;
    std::string admin = user_token("usr_admin", "tnt_a", "tenant_admin");

    test::GridAnswer as_admin(const std::string& method, const std::string& target,
                              const std::string& body = "") {
        return call_as(admin, method, target, body);
    }
    test::GridAnswer send_yaml(const std::string& method, const std::string& target, const std::string& body,
                               const std::string& type = "application/yaml") {
        return call_as(admin, method, target, body, {{"content-type", type}});
    }
    /// A Core with a module; its id.
    std::string core(const std::string& name = "Bot", Value more = Value::object()) {
        more.set("name", name).set("source", small_module());
        const auto answer = as_admin("POST", cores, more.dump());
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return answer.data().member("id");
    }
    std::string status(const std::string& id) {
        return as_admin("GET", cores + "/" + id).data().member("status");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaigrid_cores, Grid)

BOOST_AUTO_TEST_CASE(a_core_made_of_fields_is_read_back_as_it_was_written) {
    const auto answer = as_admin("POST", cores,
                                 Value::object({{"name", "Invoice  Bot (EU)"},
                                                {"runtime_mode", "api"},
                                                {"concurrency_mode", "entity"},
                                                {"entity_key_field", "customer"},
                                                {"privilege_level", "elevated"},
                                                {"checkpoint_mode", "routed"},
                                                {"source", small_module()},
                                                {"plugins", Value::array({Value::object({{"alias", "x"}})})},
                                                {"environment", Value::object({{"REGION", "eu"}})},
                                                {"resource_limits", Value::object({{"cpu", 2}})},
                                                {"metadata", Value::object({{"z", 1}, {"a", 2}})},
                                                {"future_field", true}})
                                     .dump());
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    BOOST_TEST(answer.json.member("status") == "ok");
    const auto made = answer.data();
    BOOST_TEST(made.member("slug") == "invoice-bot-eu");
    BOOST_TEST(made.member("status") == "created");
    const auto read = as_admin("GET", cores + "/" + made.member("id"));
    BOOST_TEST(read.status == 200);
    BOOST_TEST(read.data().dump() == made.dump());
    BOOST_TEST(made.get("source").dump() == small_module().dump());
    BOOST_TEST(made.member("entity_key_field") == "customer");
    BOOST_TEST(made.get("metadata").dump() == R"({"z":1,"a":2})");
    BOOST_TEST(made.member("tenant_id") == "tnt_a");
}

BOOST_AUTO_TEST_CASE(a_manifest_becomes_a_core_whichever_yaml_type_it_has) {
    for (const auto* type :
         {"application/yaml", "application/x-yaml; charset=utf-8", "text/yaml", "TEXT/YAML"}) {
        const auto answer = send_yaml("POST", cores, manifest(), type);
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        BOOST_TEST(answer.data().member("name") == "refund-desk");
        BOOST_TEST(answer.data().member("runtime_mode") == "api");
        BOOST_TEST(answer.data().get("source").get("core").member("name") == "refund-desk");
        const auto runnable = scaigrid::cores::find_runnable(context(), "tnt_a", answer.data().member("id"));
        BOOST_TEST_REQUIRE(runnable.has_value());
        BOOST_TEST_REQUIRE(runnable->module != nullptr);
        BOOST_TEST(runnable->module->get("flows").size() == 1u);
        BOOST_TEST(as_admin("DELETE", cores + "/" + answer.data().member("id")).status == 204);
    }
    BOOST_TEST(send_yaml("POST", cores, manifest(), "text/plain").status == 415);
    BOOST_TEST(send_yaml("POST", "/v1/api-keys", "name: x").status == 415);
}

BOOST_AUTO_TEST_CASE(a_manifest_no_editor_wrote_runs_too) {
    const auto answer = send_yaml("POST", cores, R"(core:
  name: refund-desk
  mode: stateless
  runtime_version: "0.2"
  identity: {provider: scaikey, persona: "Refund Desk"}
  model: scaigrid/scailabs/poolnoodle-omni
  plugins: [{alias: drive, endpoint: plugin://drive}]
  flows:
    - name: refund-desk
      trigger: {type: api}
      steps:
        - llm_turn: "Decide if the refund is valid."
          meta: {node_id: node_1, node_kind: llm_flexible}
        - llm_turn: "Write the letter."
          guarded: true
          guard: "1 == 1"
        - plugin_call: {alias: drive, method: save, args: {name: letter}}
        - checkpoint: {type: approval, prompt: "Good?"}
  scaiflow_meta: {source_id: flow_1, source_version: 1.0.0, scaicore_target: "0.2", publish_as_model: false}
)");
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    BOOST_TEST(answer.data().get("metadata").get("scaiflow").member("source_id") == "flow_1");
    const auto runnable = scaigrid::cores::find_runnable(context(), "tnt_a", answer.data().member("id"));
    std::vector<std::string> kinds;
    runnable->module->get("flows").at(0).get("body").each_item(
        [&](const Value& block) { kinds.push_back(block.member("kind")); });
    BOOST_TEST(kinds == (std::vector<std::string>{"flexible", "guarded", "rigid", "checkpoint"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_does_not_verify_is_a_verifier_error) {
    auto answer = send_yaml("POST", cores,
                            "core:\n  name: x\n  flows:\n    - name: x\n      trigger: {type: api}\n"
                            "      steps:\n        - fly_to_the_moon: now\n");
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(answer.code() == "VALIDATION_ERROR");
    BOOST_TEST(answer.json.get("error").member("message").starts_with("verifier error"), answer.body);
    answer =
        as_admin("POST", cores, R"({"name":"x","source":{"flows":[{"name":"x","body":[{"kind":"fly"}]}]}})");
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(answer.json.get("error").member("message").starts_with("verifier error"));
    BOOST_TEST(answer.json.get("error").get("details").size() > 0u);
    BOOST_TEST(db().value("SELECT count(*) FROM scaigrid.cores") == "0");
}

BOOST_AUTO_TEST_CASE(a_body_that_cannot_be_read_names_the_field) {
    for (const auto& [body, field] : std::initializer_list<std::pair<const char*, const char*>>{
             {"{}", "body.name"},
             {R"({"name":""})", "body.name"},
             {R"({"name":[]})", "body.name"},
             {R"({"name":"x","runtime_mode":"warp"})", "body.runtime_mode"},
             {R"({"name":"x","concurrency_mode":"many"})", "body.concurrency_mode"},
             {R"({"name":"x","concurrency_mode":"entity"})", "body.entity_key_field"},
             {R"({"name":"x","privilege_level":"root"})", "body.privilege_level"},
             {R"({"name":"x","checkpoint_mode":"never"})", "body.checkpoint_mode"},
             {R"({"name":"x","source":[]})", "body.source"},
             {R"({"name":"x","plugins":{}})", "body.plugins"},
             {R"({"name":"x","environment":[]})", "body.environment"},
             {R"({"name":"x","environment":{"A":7}})", "body.environment.A"},
             {R"({"name":"x","metadata":"m"})", "body.metadata"},
             {R"({"name":"x","avatar_b64":"***"})", "body.avatar_b64"},
             {R"({"name":"x","avatar_b64":"AAAA"})", "body.avatar_content_type"},
             {R"({"name":"x","avatar_b64":"AAAA","avatar_content_type":"image/svg+xml"})",
              "body.avatar_content_type"}}) {
        const auto answer = as_admin("POST", cores, body);
        BOOST_TEST(answer.status == 422, body);
        BOOST_TEST(answer.json.get("error").get("details").at(0).member("field") == field, answer.body);
    }
    BOOST_TEST(send_yaml("POST", cores, "a: [").status == 400);
    BOOST_TEST(send_yaml("POST", cores, "name: x").status == 422);
    BOOST_TEST(send_yaml("POST", cores, "- 1").status == 422);
    BOOST_TEST(send_yaml("POST", cores, "core: {mode: entity}").status == 422);
    BOOST_TEST(as_admin("POST", cores, "{").status == 400);
}

BOOST_AUTO_TEST_CASE(a_slug_is_taken_once_in_a_tenant_also_by_two_at_once) {
    core("Invoice Bot");
    const auto clash = as_admin("POST", cores, R"({"name":"invoice  BOT!"})");
    BOOST_TEST(clash.status == 409);
    BOOST_TEST(clash.code() == "SLUG_CONFLICT");
    const auto other = user_token("usr_b", "tnt_b", "tenant_admin");
    BOOST_TEST(call_as(other, "POST", cores, R"({"name":"Invoice Bot"})").status == 201);

    test::GridApi second(this);
    std::vector<int> statuses(2);
    std::thread racer(
        [&] { statuses[0] = second.call_as(admin, "POST", cores, R"({"name":"race"})").status; });
    statuses[1] = as_admin("POST", cores, R"({"name":"race"})").status;
    racer.join();
    std::sort(statuses.begin(), statuses.end());
    BOOST_TEST(statuses[0] == 201);
    BOOST_TEST(statuses[1] == 409);
    BOOST_TEST(as_admin("GET", cores + "?slug=race").data().size() == 1u);
}

BOOST_AUTO_TEST_CASE(pages_of_a_list_hold_every_core_once) {
    for (int i = 0; i < 7; ++i)
        core("Bot " + std::to_string(i));
    std::vector<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 4; ++page) {
        const auto answer = as_admin("GET", cores + "?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_TEST_REQUIRE(answer.status == 200);
        answer.data().each_item([&](const Value& row) {
            seen.push_back(row.member("slug"));
            BOOST_TEST(!row.get("source").present());
        });
        cursor = answer.json.member("next_cursor");
        BOOST_TEST(answer.json.get("has_more").boolean().value_or(false) == !cursor.empty());
        if (cursor.empty())
            break;
    }
    BOOST_TEST(seen ==
                   (std::vector<std::string>{"bot-0", "bot-1", "bot-2", "bot-3", "bot-4", "bot-5", "bot-6"}),
               boost::test_tools::per_element());
    BOOST_TEST(as_admin("GET", cores + "?status=running").data().size() == 0u);
    BOOST_TEST(as_admin("GET", cores + "?cursor=junk").status == 400);
    BOOST_TEST(as_admin("GET", cores + "?cursor=junk").code() == "VALIDATION_ERROR");
    BOOST_TEST(as_admin("GET", cores + "?limit=0").status == 422);
    BOOST_TEST(as_admin("GET", cores + "?status=dreaming").status == 422);
}

BOOST_AUTO_TEST_CASE(a_put_replaces_what_it_names_and_counts_new_modules) {
    const auto id = core("Bot", Value::object({{"metadata", Value::object({{"a", 1}})}}));
    auto answer = as_admin("PUT", cores + "/" + id, R"({"name":"Bot Two","runtime_mode":"api"})");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.data().member("name") == "Bot Two");
    BOOST_TEST(answer.data().member("slug") == "bot"); // what others call it stays
    BOOST_TEST(answer.data().get("metadata").dump() == R"({"a":1})");
    BOOST_TEST(answer.data().get("revision").integer().value_or(0) == 1);
    const auto before = scaigrid::cores::find_runnable(context(), "tnt_a", id);
    answer = send_yaml("PUT", cores + "/" + id, manifest());
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(answer.data().get("revision").integer().value_or(0) == 2);
    const auto after = scaigrid::cores::find_runnable(context(), "tnt_a", id);
    BOOST_TEST(after->revision == 2);
    BOOST_TEST(after->module->dump() != before->module->dump());
    // The same once more changes nothing that runs.
    BOOST_TEST(send_yaml("PUT", cores + "/" + id, manifest()).data().get("revision").integer().value_or(0) ==
               2);
    BOOST_TEST(as_admin("PUT", cores + "/core_nobody", R"({"name":"x"})").status == 404);
}

BOOST_AUTO_TEST_CASE(only_the_transitions_of_the_life_cycle_are_taken) {
    const auto id = core();
    const auto act = [&](const std::string& action) {
        return as_admin("POST", cores + "/" + id + "/" + action).status;
    };
    for (const auto* action : {"stop", "pause", "resume", "restart"})
        BOOST_TEST(act(action) == 409, action);
    BOOST_TEST(act("start") == 200);
    BOOST_TEST(status(id) == "running");
    BOOST_TEST(act("start") == 409);
    BOOST_TEST(act("resume") == 409);
    const auto refused = as_admin("DELETE", cores + "/" + id);
    BOOST_TEST(refused.status == 409);
    BOOST_TEST(refused.code() == "CORE_STATE_CONFLICT");
    BOOST_TEST(act("pause") == 200);
    BOOST_TEST(status(id) == "paused");
    BOOST_TEST(act("stop") == 409);
    BOOST_TEST(act("resume") == 200);
    BOOST_TEST(act("restart") == 200);
    BOOST_TEST(act("stop") == 200);
    BOOST_TEST(status(id) == "stopped");
    BOOST_TEST(act("start") == 200);
    BOOST_TEST(act("stop") == 200);
    BOOST_TEST(as_admin("DELETE", cores + "/" + id).status == 204);
    BOOST_TEST(as_admin("GET", cores + "/" + id).status == 404);
    BOOST_TEST(act("start") == 404);
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_leaves_the_core_in_error_until_it_is_put_right) {
    const auto id = as_admin("POST", cores, R"({"name":"empty"})").data().member("id");
    const auto runnable = scaigrid::cores::find_runnable(context(), "tnt_a", id);
    BOOST_TEST_REQUIRE(runnable.has_value());
    BOOST_TEST((runnable->module == nullptr));
    const auto refused = as_admin("POST", cores + "/" + id + "/start");
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(refused.code() == "INVALID_SOURCE_IR");
    BOOST_TEST(status(id) == "error");
    BOOST_TEST(as_admin("DELETE", cores + "/" + id).status == 409);
    BOOST_TEST(as_admin("PUT", cores + "/" + id, Value::object({{"source", small_module()}}).dump()).status ==
               200);
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/start").status == 200);
    BOOST_TEST(status(id) == "running");
}

BOOST_AUTO_TEST_CASE(publishing_makes_a_model_of_the_tenant) {
    const auto id = core(
        "Invoice Bot",
        Value::object({{"metadata", Value::object({{"description", "Reads bills"}, {"published", true}})}}));
    auto answer = as_admin("GET", cores + "/" + id);
    BOOST_TEST(!answer.data().get("metadata").get("published").present()); // not for clients to say
    answer = as_admin("POST", cores + "/" + id + "/publish");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto metadata = answer.data().get("metadata");
    BOOST_TEST(metadata.get("published").boolean().value_or(false));
    BOOST_TEST(metadata.member("published_slug") == "scaicore/tnt_a/invoice-bot");
    BOOST_TEST(metadata.member("published_model_id").starts_with("fm_"));
    BOOST_TEST(answer.data().member("status") == "created");

    const auto again = as_admin("POST", cores + "/" + id + "/publish");
    BOOST_TEST(again.status == 400);
    BOOST_TEST(again.code() == "VALIDATION_ERROR");

    const auto model = as_admin("GET", "/v1/models/scaicore/tnt_a/invoice-bot");
    BOOST_TEST_REQUIRE(model.status == 200);
    BOOST_TEST(model.data().member("description") == "Reads bills");
    BOOST_TEST(as_admin("GET", "/v1/models/scaicore%2Ftnt_a%2Finvoice-bot").status == 200);
    BOOST_TEST(as_admin("GET", "/v1/models/nobody").code() == "MODEL_NOT_FOUND");

    as_admin("PUT", cores + "/" + id, R"({"name":"Bill Bot"})");
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/publish/sync").status == 200);
    BOOST_TEST(as_admin("GET", "/v1/models/scaicore/tnt_a/invoice-bot").data().member("display_name") ==
               "Bill Bot");
    const auto foreign = user_token("usr_b", "tnt_b", "super_admin");
    BOOST_TEST(call_as(foreign, "GET", "/v1/models/scaicore/tnt_a/invoice-bot").status == 404);

    BOOST_TEST(as_admin("POST", cores + "/" + id + "/unpublish").status == 200);
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/unpublish").status == 400);
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/publish/sync").status == 400);
    BOOST_TEST(as_admin("GET", "/v1/models/scaicore/tnt_a/invoice-bot").status == 404);
}

BOOST_AUTO_TEST_CASE(models_are_listed_natively_and_in_openais_form) {
    for (const auto* name : {"A", "B", "C"})
        as_admin("POST", cores + "/" + core(name) + "/publish");
    const auto user = user_token("usr_u", "tnt_a");
    auto answer = call_as(user, "GET", "/v1/models");
    BOOST_TEST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.data().get("items").size() == 4u); // the echo model, too
    BOOST_TEST(answer.data().get("items").at(3).member("slug") == "scaigrid/echo");
    answer = call_as(user, "GET", "/v1/models?limit=3");
    BOOST_TEST(answer.data().get("items").size() == 3u);
    const auto cursor = answer.data().member("next_cursor");
    BOOST_TEST(call_as(user, "GET", "/v1/models?limit=3&cursor=" + cursor).data().get("items").size() == 1u);
    BOOST_TEST(call_as(user, "GET", "/v1/models?modality=image").data().get("items").size() == 0u);
    BOOST_TEST(call_as(user, "GET", "/v1/models?modality=smell").status == 422);
    answer = call_as(user, "GET", "/oai/v1/models");
    BOOST_TEST(answer.json.member("object") == "list");
    BOOST_TEST(answer.data().at(0).member("id") == "scaicore/tnt_a/a");
    test::GridApi with_llm(
        this, {{"SCAIGRID_LLM_BASE_URL", "https://llm.test/v1"}, {"SCAIGRID_LLM_MODEL", "openai/gpt"}});
    BOOST_TEST(with_llm.call_as(user, "GET", "/v1/models/openai/gpt").status == 200);
    BOOST_TEST(call_as(user, "GET", "/v1/models/openai/gpt").status == 404);
}

BOOST_AUTO_TEST_CASE(a_model_of_groups_is_for_their_members) {
    const auto id = core();
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/publish", R"({"group_ids":["mg_1"]})").status == 200);
    const auto token = [&](const char* group) {
        return this->token(Value::object({{"iss", "https://key.test/tenants/tnt_a"},
                                          {"sub", "usr_u"},
                                          {"tenant_id", "tnt_a"},
                                          {"groups", Value::array({group})}}));
    };
    BOOST_TEST(call_as(token("mg_1"), "GET", "/v1/models/scaicore/tnt_a/bot").status == 200);
    const auto refused = call_as(token("mg_2"), "GET", "/v1/models/scaicore/tnt_a/bot");
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.code() == "MODEL_ACCESS_DENIED");
    BOOST_TEST(call_as(token("mg_2"), "GET", "/v1/models").data().get("items").size() == 1u);
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/publish/sync", R"({"group_ids":[]})").status == 200);
    BOOST_TEST(call_as(token("mg_2"), "GET", "/v1/models/scaicore/tnt_a/bot").status == 200);
    BOOST_TEST(as_admin("POST", cores + "/" + id + "/publish/sync", R"({"group_ids":"x"})").status == 422);
}

BOOST_AUTO_TEST_CASE(an_avatar_is_public_once_the_core_is_published) {
    const auto id =
        core("Face", Value::object({{"avatar_b64", "iVBORw0KGgo="}, {"avatar_content_type", "image/png"}}));
    BOOST_TEST(as_admin("GET", cores + "/" + id).data().get("avatar_url").is_null());
    const auto url = as_admin("POST", cores + "/" + id + "/publish").data().member("avatar_url");
    BOOST_TEST_REQUIRE(!url.empty());
    const auto answer = call("GET", url);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "\x89PNG\r\n\x1a\n");
    BOOST_TEST(answer.headers.at("Content-Type") == "image/png");
    BOOST_TEST(call("GET", "/v1/models/fm_nobody/avatar").status == 404);
}

BOOST_AUTO_TEST_CASE(a_secret_is_sealed_and_never_shown) {
    const std::string body =
        R"({"name":"s","environment":{"TOKEN":{"type":"secret","value":"hunter2hunter2"},"REGION":"eu"}})";
    const auto refused = as_admin("POST", cores, body);
    BOOST_TEST(refused.status == 422); // nothing to seal it with
    BOOST_TEST(refused.body.find("SCAIGRID_SECRET_KEY") != std::string::npos);

    test::GridApi keyed(this, {{"SCAIGRID_SECRET_KEY", "sixteen characters and more"}});
    auto answer = keyed.call_as(admin, "POST", cores, body);
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    const auto id = answer.data().member("id");
    BOOST_TEST(answer.body.find("hunter2") == std::string::npos);
    BOOST_TEST(answer.data().get("environment").get("TOKEN").dump() == R"({"type":"secret"})");
    BOOST_TEST(answer.data().get("environment").member("REGION") == "eu");
    BOOST_TEST(db().value("SELECT count(*) FROM scaigrid.cores c WHERE c::text LIKE '%hunter2%'") == "0");

    // What was read is sent back: the value is kept.
    const auto sealed = db().value("SELECT environment->'TOKEN'->>'sealed' FROM scaigrid.cores");
    answer = keyed.call_as(admin, "PUT", cores + "/" + id,
                           Value::object({{"environment", answer.data().get("environment")}}).dump());
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(db().value("SELECT environment->'TOKEN'->>'sealed' FROM scaigrid.cores") == sealed);
    BOOST_TEST(keyed.call_as(admin, "PUT", cores + "/" + id, R"({"environment":{"NEW":{"type":"secret"}}})")
                   .status == 422);
    keyed.call_as(admin, "PUT", cores + "/" + id, Value::object({{"source", small_module()}}).dump());
    BOOST_TEST(keyed.call_as(admin, "POST", cores + "/" + id + "/start").status == 200);
    keyed.call_as(admin, "POST", cores + "/" + id + "/stop");
    // Another key opens nothing.
    test::GridApi other(this, {{"SCAIGRID_SECRET_KEY", "another key of some length"}});
    BOOST_TEST(other.call_as(admin, "POST", cores + "/" + id + "/start").status == 409);
    BOOST_TEST(status(id) == "error");
    BOOST_CHECK_THROW(test::GridApi(this, {{"SCAIGRID_SECRET_KEY", "short"}}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_bundle_is_taken_apart_and_nothing_is_stored) {
    const auto send = [&](const std::string& data, const std::string& name = "file") {
        return call_as(
            admin, "POST", cores + "/parse-bundle",
            "--b0und\r\nContent-Disposition: form-data; name=\"" + name +
                "\"; filename=\"x.scaicore-ir\"\r\nContent-Type: application/octet-stream\r\n\r\n" + data +
                "\r\n--b0und--\r\n",
            {{"content-type", "multipart/form-data; boundary=b0und"}});
    };
    for (const auto& bytes : {scai::scir::encode(small_module()), small_module().dump()}) {
        const auto answer = send(bytes);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        BOOST_TEST(answer.data().get("source").dump() == small_module().dump());
        BOOST_TEST(answer.data().get("summary").member("name") == "test");
        BOOST_TEST(answer.data().get("summary").get("flows").at(0).text_or("") == "test");
        BOOST_TEST(answer.data().get("summary").get("has_triggers").boolean().value_or(false));
        BOOST_TEST(answer.data().get("summary").get("identity").member("persona") == "Test");
    }
    for (const auto& junk :
         {std::string("SCIR\xc1"), std::string("PK\x03\x04"), std::string("{"), std::string()}) {
        const auto answer = send(junk);
        BOOST_TEST(answer.status == 422);
        BOOST_TEST(answer.code() == "VALIDATION_ERROR");
    }
    BOOST_TEST(send("{}", "other").status == 422);
    BOOST_TEST(as_admin("POST", cores + "/parse-bundle", "{}").status == 422);
    BOOST_TEST(send(std::string((10U << 20U) + 1, 'x')).status == 422);
    BOOST_TEST(send(std::string(11U << 20U, 'x')).status == 413);
    BOOST_TEST(db().value("SELECT count(*) FROM scaigrid.cores") == "0");
}

BOOST_AUTO_TEST_CASE(who_may_not_is_told_so_and_strangers_see_nothing) {
    const auto id = core();
    const std::string core_path = cores + "/" + id;
    struct Call {
        const char* method;
        std::string path;
        const char* body;
        const char* permission;
    };
    const std::vector<Call> calls{{"POST", cores, R"({"name":"n"})", "scaicore:manage"},
                                  {"GET", cores, "", "scaicore:view"},
                                  {"GET", core_path, "", "scaicore:view"},
                                  {"PUT", core_path, "{}", "scaicore:manage"},
                                  {"POST", core_path + "/start", "", "scaicore:manage"},
                                  {"POST", core_path + "/stop", "", "scaicore:manage"},
                                  {"POST", core_path + "/restart", "", "scaicore:manage"},
                                  {"POST", core_path + "/pause", "", "scaicore:manage"},
                                  {"POST", core_path + "/resume", "", "scaicore:manage"},
                                  {"POST", core_path + "/publish", "", "scaicore:manage"},
                                  {"POST", core_path + "/publish/sync", "", "scaicore:manage"},
                                  {"POST", core_path + "/unpublish", "", "scaicore:manage"},
                                  {"DELETE", core_path, "", "scaicore:manage"}};
    const auto foreign = user_token("usr_admin", "tnt_b", "super_admin");
    const auto viewer = user_token("usr_v", "tnt_a", "tenant_viewer");
    const auto user = user_token("usr_u", "tnt_a");
    for (const auto& one : calls) {
        const bool reads = std::string(one.permission) == "scaicore:view";
        auto answer = call_as(user, one.method, one.path, one.body);
        BOOST_TEST(answer.status == 403, one.method << " " << one.path);
        BOOST_TEST(answer.code() == "AUTHZ_PERMISSION_DENIED");
        BOOST_TEST(answer.json.get("error").member("message").find(one.permission) != std::string::npos);
        answer = call_as(viewer, one.method, one.path, one.body);
        BOOST_TEST(answer.status == (reads ? 200 : 403), one.method << " " << one.path);
        BOOST_TEST(call(one.method, one.path, one.body).status == 401);
        if (one.path != cores) {
            answer = call_as(foreign, one.method, one.path, one.body);
            BOOST_TEST(answer.status == 404, one.method << " " << one.path);
            BOOST_TEST(answer.code() == "NOT_FOUND");
        }
    }
    BOOST_TEST(call_as(foreign, "GET", cores).data().size() == 0u);
    BOOST_TEST(status(id) == "created");
}

BOOST_AUTO_TEST_CASE(rows_of_a_tenant_are_behind_a_second_wall) {
    core();
    scai::db::Pool pool(db().settings("scaigrid_handler"));
    constexpr auto count = "SELECT count(*) FROM scaigrid.cores";
    BOOST_TEST(pool.read(scai::db::Scope::tenant("tnt_a")).one<std::int64_t>(count) == 1);
    BOOST_TEST(pool.read(scai::db::Scope::tenant("tnt_b")).one<std::int64_t>(count) == 0);
    BOOST_TEST(pool.read(scai::db::Scope::none()).one<std::int64_t>(count) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
