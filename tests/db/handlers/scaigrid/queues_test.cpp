// ScaiQueue over its API: who may do what, what a wrong body is told, what another tenant sees.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/grid_api.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include <set>
#include <thread>
#include <vector>

namespace {

using scai::json::Value;
using test::GridAnswer;

const std::string base = "/v1/modules/scaiqueue";
const std::string desk = base + "/scopes/desk";
const std::string work = desk + "/queues/work";

struct Queues : test::GridApi {
    Queues() {
        BOOST_TEST_REQUIRE(as_admin("POST", base + "/scopes", R"({"slug":"desk"})").status == 201);
        BOOST_TEST_REQUIRE(as_admin("POST", desk + "/queues", R"({"slug":"work"})").status == 201);
    }
    GridAnswer as_admin(const std::string& method, const std::string& target, const std::string& body = "") {
        return call_as(admin, method, target, body);
    }
    Value claimed(const std::string& body = "") {
        const auto answer = as_admin("POST", work + "/claim", body);
        BOOST_TEST_REQUIRE(answer.status == 200);
        BOOST_TEST_REQUIRE(answer.data().size() == 1U);
        return answer.data().at(0);
    }
    std::string admin = user_token("usr_ann", "tnt_a", "tenant_admin");
};

bool names(const GridAnswer& answer, const std::string& field) {
    bool found = false;
    answer.json.get("error").get("details").each_item(
        [&](const Value& item) { found = found || item.member("field") == field; });
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaigrid_queues)

BOOST_AUTO_TEST_CASE(scopes_and_queues_are_found_by_id_and_by_slug) {
    Queues api;
    const auto list = api.as_admin("GET", base + "/scopes");
    BOOST_TEST(list.json.get("data").size() == 1U);
    BOOST_TEST(list.json.get("has_more").boolean().value_or(true) == false);
    BOOST_TEST(list.json.get("next_cursor").is_null());
    const auto id = list.data().at(0).member("id");
    const auto queues = api.as_admin("GET", base + "/scopes/" + id + "/queues?limit=4");
    BOOST_TEST(queues.data().size() == 4U);
    BOOST_TEST(queues.json.get("has_more").boolean().value_or(false));
    const auto rest = api.as_admin("GET", base + "/scopes/" + id +
                                              "/queues?limit=4&cursor=" + queues.json.member("next_cursor"));
    BOOST_TEST(rest.data().size() == 2U);
    BOOST_TEST(rest.data().at(1).member("slug") == "work");
    const auto queue = api.as_admin("GET", desk + "/queues/" + rest.data().at(1).member("id"));
    BOOST_TEST(queue.data().member("consumer_mode") == "competing");
    BOOST_TEST(queue.data().get("max_retries").integer().value_or(0) == 5);
    BOOST_TEST(queue.data().get("depth_pending").integer().value_or(9) == 0);
}

BOOST_AUTO_TEST_CASE(a_taken_slug_is_409_and_the_row_there_is_not_returned) {
    Queues api;
    for (const auto& target : {base + "/scopes", desk + "/queues"}) {
        const auto answer = api.as_admin(
            "POST", target, target == base + "/scopes" ? R"({"slug":"desk"})" : R"({"slug":"work"})");
        BOOST_TEST(answer.status == 409);
        BOOST_TEST(answer.code() == "SLUG_CONFLICT");
        BOOST_TEST(!answer.json.get("data").present());
    }
}

BOOST_AUTO_TEST_CASE(many_who_ensure_the_same_queue_make_one) {
    Queues api;
    std::vector<int> statuses(4);
    std::vector<std::thread> callers;
    for (auto& status : statuses)
        callers.emplace_back(
            [&] { status = api.as_admin("POST", desk + "/queues", R"({"slug":"race"})").status; });
    for (auto& caller : callers)
        caller.join();
    BOOST_TEST(std::count(statuses.begin(), statuses.end(), 201) == 1);
    BOOST_TEST(std::count(statuses.begin(), statuses.end(), 409) == 3);
}

BOOST_AUTO_TEST_CASE(a_message_goes_from_publish_to_complete) {
    Queues api;
    const auto made = api.as_admin("POST", work + "/messages",
                                   R"({"message_type":"decision.made","body":{"decision":"approve"},
                                       "labels":{"team":"fin"},"correlation_id":"run-12"})");
    BOOST_TEST_REQUIRE(made.status == 201);
    const auto id = made.data().member("id");
    BOOST_TEST(made.data().member("state") == "pending");
    BOOST_TEST(made.data().get("labels").member("team") == "fin");
    BOOST_TEST(made.data().member("published_by") == "usr_ann");
    const auto claimed = api.claimed();
    BOOST_TEST(claimed.member("id") == id);
    BOOST_TEST(claimed.member("claimed_by_id") == "usr_ann");
    BOOST_TEST(claimed.get("attempts").integer().value_or(0) == 1);
    const auto shown = api.as_admin("GET", work + "/messages/" + id);
    BOOST_TEST(!shown.data().get("claim_id").present()); // proof is for the holder
    const auto done =
        api.as_admin("POST", work + "/messages/" + id + "/complete",
                     R"({"result":{"ok":true},"claim_id":")" + claimed.member("claim_id") + "\"}");
    BOOST_TEST(done.status == 200);
    BOOST_TEST(done.data().member("state") == "completed");
    BOOST_TEST(!done.data().get("checkpoint").present());
    BOOST_TEST(api.as_admin("GET", work + "/messages?state=completed").data().size() == 1U);
    BOOST_TEST(api.as_admin("GET", work + "/messages?state=pending").data().size() == 0U);
    BOOST_TEST(api.as_admin("GET", desk + "/messages?correlation_id=run-12").data().size() == 1U);
    for (const auto& target : {desk + "/audit?correlation_id=run-12", desk + "/audit/trace/run-12",
                               base + "/audit/trace/run-12"}) {
        const auto trail = api.as_admin("GET", target);
        BOOST_TEST(trail.status == 200);
        BOOST_TEST_REQUIRE(trail.data().size() == 3U);
        BOOST_TEST(trail.data().at(2).member("action") == "message.completed");
        BOOST_TEST(trail.data().at(2).member("actor") == "usr_ann");
    }
    BOOST_TEST(api.as_admin("GET", desk + "/audit?limit=2").json.get("has_more").boolean().value_or(false));
}

BOOST_AUTO_TEST_CASE(fail_release_and_extend_answer_with_the_message) {
    Queues api;
    for (int i = 0; i < 3; ++i)
        api.as_admin("POST", work + "/messages", R"({"message_type":"m","body":null})");
    const auto act = [&](const std::string& verb, const std::string& members) {
        const auto message = api.claimed();
        return api.as_admin("POST", work + "/messages/" + message.member("id") + "/" + verb,
                            R"({"claim_id":")" + message.member("claim_id") + "\"" + members + "}");
    };
    BOOST_TEST(act("extend", R"(,"seconds":600)").data().member("state") == "claimed");
    const auto failed = act("fail", R"(,"reason":"no luck")");
    BOOST_TEST(failed.data().member("state") == "pending");
    BOOST_TEST(failed.data().member("failure_reason") == "no luck");
    BOOST_TEST(act("release", "").data().get("attempts").integer().value_or(9) == 0);
    const auto dead = act("fail", R"(,"reason":"hopeless","retry":false)");
    BOOST_TEST(!dead.data().get("dead_lettered_at").is_null());
    BOOST_TEST(api.as_admin("GET", desk + "/queues/_dead_letter")
                   .data()
                   .get("depth_pending")
                   .integer()
                   .value_or(0) == 1);
    const auto again = api.as_admin("POST", work + "/messages/" + dead.data().member("id") + "/complete");
    BOOST_TEST(again.status == 404); // it lies in another queue now
}

BOOST_AUTO_TEST_CASE(an_answered_form_says_what_became_of_its_checkpoint) {
    Queues api;
    const std::string form = R"({"message_type":"hitl_request","body":{},"correlation_id":"cp-none",
        "hitl_spec":{"sections":[{"type":"decision","field":"verdict","options":["approve","reject"]}]}})";
    BOOST_TEST_REQUIRE(api.as_admin("POST", work + "/messages", form).status == 201);
    const auto message = api.claimed();
    const auto target = work + "/messages/" + message.member("id") + "/complete";
    const auto refused = api.as_admin("POST", target, R"({"result":{"verdict":"maybe"}})");
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(refused.code() == "VALIDATION_ERROR");
    BOOST_TEST(names(refused, "result.verdict"));
    const auto done = api.as_admin("POST", target, R"({"result":{"verdict":"approve"}})");
    BOOST_TEST(done.status == 200);
    // Nobody waits for this one: the answer is kept, and nothing is owed.
    BOOST_TEST(done.data().get("checkpoint").member("id") == "cp-none");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaigrid.messages WHERE resume_at IS NOT NULL") == "0");
}

BOOST_AUTO_TEST_CASE(errors_have_the_codes_and_the_status_of_the_contract) {
    Queues api;
    const auto publish = [&](const std::string& more = "") {
        return api.as_admin("POST", work + "/messages", R"({"message_type":"m","body":1)" + more + "}");
    };
    BOOST_TEST(publish(R"(,"idempotency_key":"k")").status == 201);
    const auto first = publish(R"(,"idempotency_key":"k")");
    BOOST_TEST(first.status == 201);
    auto answer =
        api.as_admin("POST", work + "/messages", R"({"message_type":"m","body":2,"idempotency_key":"k"})");
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(answer.code() == "SCAIQUEUE_IDEMPOTENCY_CONFLICT");
    BOOST_TEST(api.as_admin("PUT", work, R"({"max_depth":1})").status == 200);
    answer = publish();
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(answer.code() == "SCAIQUEUE_QUEUE_FULL");
    BOOST_TEST(answer.json.get("error").get("retry_after").integer().value_or(0) == 1);
    BOOST_TEST(api.as_admin("POST", work + "/pause").data().member("state") == "paused");
    BOOST_TEST(publish().code() == "SCAIQUEUE_QUEUE_PAUSED");
    BOOST_TEST(api.as_admin("POST", work + "/resume").status == 200);
    BOOST_TEST(api.as_admin("POST", desk + "/pause").data().member("state") == "paused");
    answer = publish();
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(answer.code() == "SCAIQUEUE_SCOPE_PAUSED");
    BOOST_TEST(api.as_admin("POST", desk + "/archive").data().member("state") == "archived");
    BOOST_TEST(api.as_admin("POST", desk + "/resume").status == 409);
    BOOST_TEST(api.as_admin("POST", desk + "/unarchive").data().member("state") == "active");
    for (const auto& missing : {base + "/scopes/none", base + "/scopes/none/queues", desk + "/queues/none",
                                work + "/messages/none", base + "/scopes/none/messages?correlation_id=x",
                                base + "/scopes/none/audit", base + "/scopes/none/hitl-patterns"}) {
        answer = api.as_admin("GET", missing);
        BOOST_TEST(answer.status == 404, missing);
        BOOST_TEST(answer.code() == "NOT_FOUND", missing);
    }
}

BOOST_AUTO_TEST_CASE(wrong_bodies_are_422_that_name_the_field) {
    Queues api;
    const auto check = [&](const std::string& target, const std::string& body, const std::string& field) {
        const auto answer = api.as_admin("POST", target, body);
        BOOST_TEST(answer.status == 422, target << " " << body << " -> " << answer.status);
        BOOST_TEST(names(answer, field), body << " -> " << answer.body);
    };
    const std::string scopes = base + "/scopes";
    check(scopes, "{}", "slug");
    for (const auto* bad : {R"({"slug":"_mine"})", R"({"slug":"a b"})", R"({"slug":"a/b"})",
                            R"({"slug":".."})", R"({"slug":7})", R"({"slug":""})"})
        check(scopes, bad, "slug");
    check(scopes, R"({"slug":"x","display_name":[]})", "display_name");
    const std::string queues = desk + "/queues";
    check(queues, R"({"slug":"x","ordering":"lifo"})", "ordering");
    check(queues, R"({"slug":"x","consumer_mode":"fifo"})", "consumer_mode");
    check(queues, R"({"slug":"x","max_retries":101})", "max_retries");
    check(queues, R"({"slug":"x","max_retries":-1})", "max_retries");
    check(queues, R"({"slug":"x","visibility_timeout_s":0})", "visibility_timeout_s");
    check(queues, R"({"slug":"x","max_depth":0})", "max_depth");
    check(queues, R"({"slug":"x","overflow_policy":"panic"})", "overflow_policy");
    const std::string messages = work + "/messages";
    check(messages, R"({"body":1})", "message_type");
    check(messages, R"({"message_type":"m"})", "body");
    check(messages, R"({"message_type":"a b","body":1})", "message_type");
    check(messages, R"({"message_type":"m","body":1,"priority_tier":"urgent"})", "priority_tier");
    check(messages, R"({"message_type":"m","body":1,"priority_score":1001})", "priority_score");
    check(messages, R"({"message_type":"m","body":1,"labels":{"a":1}})", "labels.a");
    check(messages, R"({"message_type":"m","body":1,"labels":[]})", "labels");
    check(messages, R"({"message_type":"m","body":1,"deadline":"tomorrow"})", "deadline");
    check(messages, R"({"message_type":"m","body":1,"delay_until":"2030-02-30T00:00:00Z"})", "delay_until");
    check(messages, R"({"message_type":"m","body":1,"ttl_seconds":0})", "ttl_seconds");
    check(messages, R"({"message_type":"m","body":1,"delay_seconds":1,"delay_until":"2030-01-01T00:00:00Z"})",
          "delay_seconds");
    check(messages, R"({"message_type":"m","body":1,"hitl_spec":{}})", "hitl_spec.sections");
    check(messages, R"({"message_type":"m","body":1,"hitl_spec":{"sections":[{"type":"poem"}]}})",
          "hitl_spec.sections[0].type");
    check(messages,
          R"({"message_type":"m","body":1,"hitl_spec":{"sections":[{"type":"decision","field":"d"}]}})",
          "hitl_spec.sections[0].options");
    check(messages, R"({"message_type":"m","body":1,"hitl_spec":{"pattern":"none"}})", "hitl_spec.pattern");
    check(work + "/claim", R"({"batch_size":0})", "batch_size");
    check(work + "/claim", R"({"batch_size":101})", "batch_size");
    check(work + "/claim", R"({"visibility_timeout_s":"1"})", "visibility_timeout_s");
    check(work + "/messages/x/extend", "{}", "seconds");
    check(work + "/messages/x/complete", R"({"claim_id":7})", "claim_id");
    check(desk + "/hitl-patterns", R"({"name":"p"})", "spec");
    BOOST_TEST(names(api.as_admin("PUT", work, R"({"ordering":"priority"})"), "ordering"));
    BOOST_TEST(names(api.as_admin("GET", work + "/messages?state=lost"), "query.state"));
    BOOST_TEST(names(api.as_admin("GET", desk + "/messages"), "query.correlation_id"));
    BOOST_TEST(api.as_admin("GET", base + "/scopes?cursor=nonsense").status == 400);
}

BOOST_AUTO_TEST_CASE(hostile_input_is_refused_or_kept_as_it_is) {
    Queues api;
    for (const auto* body :
         {"{", "[]", "null", "\"x\"", R"({"slug":"a\u0000b"})", R"({"slug":"a","slug":"b"})", "\xff"}) {
        const auto answer = api.as_admin("POST", base + "/scopes", body);
        BOOST_TEST((answer.status == 400 || answer.status == 422), body << " -> " << answer.status);
    }
    const std::string nasty = R"('; DROP TABLE scaigrid.messages; -- ${x} {{y}} :p1 %s \\ )";
    const auto body = Value::object({{"message_type", "m"},
                                     {"body", Value::object({{"text", nasty}})},
                                     {"correlation_id", nasty},
                                     {"labels", Value::object({{nasty.c_str(), nasty}})}});
    const auto made = api.as_admin("POST", work + "/messages", body.dump());
    BOOST_TEST_REQUIRE(made.status == 201);
    BOOST_TEST(made.data().get("body").member("text") == nasty);
    BOOST_TEST(made.data().member("correlation_id") == nasty);
    BOOST_TEST(api.claimed().get("labels").member(nasty) == nasty);
    BOOST_TEST(api.as_admin("GET", base + "/scopes/%27%20OR%20%271%27=%271").status == 404);
    const std::string big(2U << 20U, 'x');
    BOOST_TEST(
        api.as_admin("POST", work + "/messages", R"({"message_type":"m","body":")" + big + "\"}").status ==
        413);
}

BOOST_AUTO_TEST_CASE(every_route_asks_for_its_permission) {
    Queues api;
    const auto none = api.user_token("usr_bob", "tnt_a", "tenant_user");
    const auto viewer = api.user_token("usr_eve", "tnt_a", "tenant_viewer");
    const std::set<std::string> reads{"GET"};
    int seen = 0;
    for (const auto& route : api.router().routes()) {
        if (route.pattern.find("/scaiqueue/") == std::string::npos)
            continue;
        ++seen;
        std::string target = route.pattern;
        for (const auto& [from, to] :
             std::vector<std::pair<std::string, std::string>>{{"{scope_id}", "desk"},
                                                              {"{queue_id}", "work"},
                                                              {"{message_id}", "m"},
                                                              {"{correlation_id}", "c"}})
            if (const auto at = target.find(from); at != std::string::npos)
                target.replace(at, from.size(), to);
        const std::string body = route.max_body > 0 ? "{}" : "";
        BOOST_TEST(api.call(route.method, target, body).status == 401, route.method << " " << route.pattern);
        const auto refused = api.call_as(none, route.method, target, body);
        BOOST_TEST(refused.status == 403, route.method << " " << route.pattern);
        BOOST_TEST(refused.code() == "AUTHZ_PERMISSION_DENIED");
        const bool refuses_viewer = api.call_as(viewer, route.method, target, body).status == 403;
        BOOST_TEST(refuses_viewer == (route.method != "GET"), route.method << " " << route.pattern);
    }
    BOOST_TEST(seen == 31);
}

BOOST_AUTO_TEST_CASE(another_tenants_administrator_finds_nothing) {
    Queues api;
    const auto made =
        api.as_admin("POST", work + "/messages", R"({"message_type":"m","body":1,"correlation_id":"c"})");
    const auto id = made.data().member("id");
    const auto scope = made.data().member("scope_id");
    const auto other = api.user_token("usr_zoe", "tnt_b", "tenant_admin");
    BOOST_TEST(api.call_as(other, "GET", base + "/scopes").data().size() == 0U);
    BOOST_TEST(api.call_as(other, "GET", base + "/audit/trace/c").data().size() == 0U);
    for (const auto& [method, target] :
         std::vector<std::pair<std::string, std::string>>{{"GET", base + "/scopes/" + scope},
                                                          {"GET", work},
                                                          {"PUT", work},
                                                          {"DELETE", desk},
                                                          {"DELETE", work},
                                                          {"POST", desk + "/pause"},
                                                          {"POST", work + "/pause"},
                                                          {"POST", work + "/claim"},
                                                          {"GET", work + "/messages"},
                                                          {"GET", work + "/messages/" + id},
                                                          {"POST", work + "/messages/" + id + "/complete"},
                                                          {"POST", work + "/messages/" + id + "/fail"},
                                                          {"POST", work + "/messages/" + id + "/release"}}) {
        const auto answer =
            api.call_as(other, method, target, method == "GET" || method == "DELETE" ? "" : "{}");
        BOOST_TEST(answer.status == 404, method << " " << target << " -> " << answer.status);
    }
    // The same slug is theirs to use.
    BOOST_TEST(api.call_as(other, "POST", base + "/scopes", R"({"slug":"desk"})").status == 201);
    BOOST_TEST(api.claimed().member("id") == id);
}

BOOST_AUTO_TEST_CASE(patterns_are_versions_that_stay) {
    Queues api;
    const std::string spec = R"("spec":{"sections":[{"type":"context","title":"{{who}}","content":"x"}]})";
    BOOST_TEST(api.as_admin("POST", desk + "/hitl-patterns", R"({"name":"p",)" + spec + "}").status == 201);
    const auto second = api.as_admin("POST", desk + "/hitl-patterns", R"({"name":"p",)" + spec + "}");
    BOOST_TEST(second.data().get("version").integer().value_or(0) == 2);
    BOOST_TEST(
        api.as_admin("POST", desk + "/hitl-patterns", R"({"name":"p","version":1,)" + spec + "}").status ==
        409);
    BOOST_TEST(api.as_admin("GET", desk + "/hitl-patterns").data().size() == 2U);
    const auto shown =
        api.as_admin("POST", desk + "/hitl-patterns/preview", R"({"name":"p","parameters":{"who":"Ann"}})");
    BOOST_TEST(shown.data().get("sections").at(0).member("title") == "Ann");
    const auto missing = api.as_admin("POST", desk + "/hitl-patterns/preview", R"({"name":"p"})");
    BOOST_TEST(names(missing, "parameters.who"));
}

BOOST_AUTO_TEST_SUITE_END()
