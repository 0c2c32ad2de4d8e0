// Models: the echo, an OpenAI-compatible endpoint, answers made to fit. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/llm/answer.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/scir_modules.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>

using scai::json::Value;
using scai::scir::Outcome;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
using scai::test::loose_json;
namespace llm = scaigrid::llm;

namespace {

const Value request = loose_json(
    "{'block_kind': 'flexible', 'role': 'primary', 'models': [{'ref': 'scaigrid', 'model': 'm1', "
    "'temperature': "
    "0.2}, {'ref': 'x', 'model': 'm2'}], 'goal': 'Take amount from: lunch, 18.20 euro for 3', "
    "'system_context': "
    "'Be kind', 'guidance': 'Short', 'input': {'a': 1}, 'context': {}, 'examples': [{'input': 'i', 'output': "
    "{'o': 1}}], 'output_type': {'amount': 'float', 'people': 'int', 'kind': 'enum[dinner, lunch]', 'note': "
    "'string', 'fine': 'bool'}}");

HttpReply completion(const std::string& content, const std::string& model = "m1") {
    return {.body = Value::object({{"model", model},
                                   {"choices", Value::array({Value::object(
                                                   {{"message", Value::object({{"content", content}})},
                                                    {"finish_reason", "stop"}})})},
                                   {"usage", Value::object({{"total_tokens", 7}})}})
                        .dump()};
}

struct Endpoint {
    explicit Endpoint(HttpServer::Handler handler, std::string model = "") : server(std::move(handler)) {
        llm::HttpSettings settings;
        settings.base_url = server.url("/v1/");
        settings.key = scai::SecretText("sk-test");
        settings.model = std::move(model);
        settings.timeout = std::chrono::seconds(5);
        settings.retries = 1;
        provider = llm::make_http(http, std::move(settings));
    }
    HttpServer server;
    scai::http::CurlClient http;
    std::unique_ptr<llm::Provider> provider;
};

constexpr auto fitting = R"({"amount": 18.2, "people": 3, "kind": "lunch", "note": "ok", "fine": true})";

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaigrid_llm)

BOOST_AUTO_TEST_CASE(the_echo_says_what_it_is_and_always_the_same) {
    const auto echo = llm::make_echo();
    const Outcome first = llm::answer(*echo, request), second = llm::answer(*echo, request);
    BOOST_TEST((first.kind == Outcome::Kind::value));
    BOOST_TEST(first.value.dump() == second.value.dump());
    BOOST_TEST(first.value.member("note").starts_with("[echo model] Take amount"));
    // Numbers and choices are those of the goal.
    BOOST_TEST(*first.value.get("amount").number() == 18.2);
    BOOST_TEST(*first.value.get("people").integer() == 3);
    BOOST_TEST(first.value.member("kind") == "lunch");
    BOOST_TEST(first.value.get("fine").boolean().value_or(true) == false);
    Value untyped = loose_json("{'goal': 'Hello'}");
    BOOST_TEST(llm::answer(*echo, untyped).value.text_or("") == "[echo model] Hello");
}

BOOST_AUTO_TEST_CASE(an_endpoint_is_asked_as_openai_has_it) {
    Endpoint endpoint([](const HttpRequest&) { return completion(fitting); });
    const Outcome outcome = llm::answer(*endpoint.provider, request);
    BOOST_TEST_REQUIRE((outcome.kind == Outcome::Kind::value));
    BOOST_TEST(outcome.value.member("note") == "ok");
    const auto asked = endpoint.server.requests().at(0);
    BOOST_TEST(asked.path == "/v1/chat/completions");
    BOOST_TEST(asked.header("authorization") == "Bearer sk-test");
    const Value body = *scai::json::parse(asked.body);
    BOOST_TEST(body.member("model") == "m1");
    BOOST_TEST(*body.get("temperature").number() == 0.2);
    BOOST_TEST(body.get("response_format").member("type") == "json_object");
    const Value messages = body.get("messages");
    BOOST_TEST(messages.size() == 4U);
    BOOST_TEST(messages.at(0).member("role") == "system");
    for (const auto* part : {"Be kind", "Guidance: Short", "enum[dinner, lunch]"})
        BOOST_TEST(messages.at(0).member("content").find(part) != std::string::npos, part);
    BOOST_TEST(messages.at(2).member("content") == R"({"o":1})");
    BOOST_TEST(messages.at(3).member("content").find(R"(Input: {"a":1})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_answer_in_a_fence_is_read_and_one_that_does_not_fit_is_repaired_once) {
    std::atomic<int> calls = 0;
    Endpoint fenced([](const HttpRequest&) {
        return completion("Here you are:\n```json\n" + std::string(fitting) + "\n```");
    });
    BOOST_TEST((llm::answer(*fenced.provider, request).kind == Outcome::Kind::value));
    Endpoint repaired([&](const HttpRequest&) { return completion(++calls == 1 ? "no idea" : fitting); });
    BOOST_TEST((llm::answer(*repaired.provider, request).kind == Outcome::Kind::value));
    BOOST_TEST(calls == 2);
    BOOST_TEST(repaired.server.requests().at(1).body.find("That is not what was asked for") !=
               std::string::npos);
    Endpoint hopeless([](const HttpRequest&) { return completion("no idea"); });
    const Outcome outcome = llm::answer(*hopeless.provider, request);
    BOOST_TEST((outcome.kind == Outcome::Kind::failed));
    BOOST_TEST(outcome.code == "output_type");
    BOOST_TEST(hopeless.server.count() == 2U);
}

BOOST_AUTO_TEST_CASE(a_model_that_is_down_is_tried_again_then_the_next_one_answers) {
    Endpoint endpoint([](const HttpRequest& asked) {
        const bool first = asked.body.find(R"("m1")") != std::string::npos;
        return first ? HttpReply{.status = 500, .body = "{}"} : completion(fitting, "m2");
    });
    BOOST_TEST((llm::answer(*endpoint.provider, request).kind == Outcome::Kind::value));
    BOOST_TEST(endpoint.server.count() == 3U);
}

BOOST_AUTO_TEST_CASE(failures_are_told_apart_and_never_show_the_key) {
    const auto failure = [](HttpReply reply) {
        Endpoint endpoint([reply](const HttpRequest&) { return reply; }, "only");
        const Outcome outcome = llm::answer(*endpoint.provider, request);
        BOOST_TEST((outcome.kind == Outcome::Kind::failed));
        BOOST_TEST(outcome.message.find("sk-test") == std::string::npos);
        return outcome.code;
    };
    BOOST_TEST(failure({.status = 429, .body = "{}", .headers = {{"Retry-After", "1"}}}) ==
               "llm_rate_limited");
    BOOST_TEST(failure({.status = 401, .body = R"({"error": {"message": "bad key"}})"}) == "llm_failed");
    BOOST_TEST(failure({.status = 200, .body = "[]"}) == "llm_failed");
    BOOST_TEST(failure({.status = 200, .body = "not json"}) == "llm_failed");
    Endpoint refusing([](const HttpRequest&) { return HttpReply{.status = 400, .body = "{}"}; });
    BOOST_TEST((llm::answer(*refusing.provider, request).kind == Outcome::Kind::failed));
    BOOST_TEST(refusing.server.count() == 1U); // the next model would refuse it too
}

BOOST_AUTO_TEST_CASE(parts_of_a_message_count_as_text) {
    const Value messages = loose_json(
        "[{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}, {'role': 'user', "
        "'content': "
        "[{'type': 'text', 'text': 'c'}, {'type': 'image_url'}, {'type': 'text', 'text': 'd'}]}, {'role': "
        "'assistant', 'content': 'e'}]");
    BOOST_TEST(llm::last_user_text(messages) == "c\nd");
    BOOST_TEST(llm::last_user_text(Value::array()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
