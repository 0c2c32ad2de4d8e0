// The proxies of running Cores against a ScaiGrid of the test's own. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/grid/feed.hpp"
#include "lib/web/stream.hpp"
#include "tests/support/grid_double.hpp"

#include <boost/test/unit_test.hpp>
#include <condition_variable>

using namespace std::chrono_literals;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

struct Api : test::GridDouble, test::FlowApi {
    explicit Api(FlowApi::Settings more = {})
        : FlowApi("scaicore", scaiflow::scaicore_api::routes(), GridDouble::settings(std::move(more))) {
        who = test::plain_user();
        who.permissions = {"scaicore:view", "scaicore:manage"};
        can_stream = true;
    }
    test::FlowAnswer get(const std::string& target, const Headers& headers = {}) {
        return call("GET", target, "", headers);
    }
    test::FlowAnswer post(const std::string& target, const std::string& body) {
        return call("POST", target, body);
    }
    HttpRequest asked() const { return server.requests().back(); }
};

constexpr const char* resolve = "/v1/scaicore/checkpoints/ckpt_1/resolve";
constexpr const char* invoke = "/v1/scaicore/cores/core_1/invoke";
constexpr const char* stream = "/v1/scaicore/events/stream";

class Sink final : public scai::web::StreamSink {
public:
    bool send(std::shared_ptr<const std::string> text) override {
        const std::lock_guard lock(mutex_);
        text_ += *text;
        changed_.notify_all();
        return true;
    }
    void end(std::string_view last, std::string_view) override {
        send(std::make_shared<const std::string>(last));
        open_ = false;
    }
    bool open() const override { return open_; }
    bool gets(std::string_view text) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return text_.find(text) != std::string::npos; });
    }
    std::atomic<bool> open_ = true;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_scaicore)

BOOST_AUTO_TEST_CASE(events_go_through_unchanged) {
    Api api;
    api.says(
        {.body =
             R"({"status":"ok","data":{"events":[{"type":"x","payload":{"n":0.70,"big":123456789012345678901}}],"next_cursor":"c2","later":1},"meta":{"request_id":"r"}})"});
    const auto answer = api.get("/v1/scaicore/events?core_id=core_1&limit=7&cursor=a%2Bb%3D");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(
        answer.body ==
        R"({"data":{"events":[{"type":"x","payload":{"n":0.70,"big":123456789012345678901}}],"next_cursor":"c2","later":1}})");
    BOOST_TEST(api.asked().path == "/v1/modules/scaicore/events");
    BOOST_TEST(api.asked().query("core_id") == "core_1");
    BOOST_TEST(api.asked().query("limit") == "7");
    BOOST_TEST(api.asked().query("cursor") == "a+b=");
    api.get("/v1/scaicore/events");
    BOOST_TEST(api.asked().target == "/v1/modules/scaicore/events?limit=50");
}

BOOST_AUTO_TEST_CASE(queries_are_checked_before_the_grid_is_asked) {
    Api api;
    for (const char* query : {"limit=0", "limit=501", "limit=x", "cursor=a%20b", "core_id=%0a", "cursor=%7f"})
        for (const char* path : {"/v1/scaicore/events", stream, "/v1/scaicore/checkpoints"})
            BOOST_TEST(api.get(std::string(path) + "?" + query).status == 422, path << "?" << query);
    BOOST_TEST(api.get("/v1/scaicore/checkpoints?status=a%26b").status == 422);
    BOOST_TEST(api.get("/v1/scaicore/events?cursor=" + std::string(1025, 'x')).status == 422);
    BOOST_TEST(api.server.count() == 0U);
}

BOOST_AUTO_TEST_CASE(checkpoints_wait_by_default_and_any_state_may_be_asked_for) {
    Api api;
    api.says(
        {.body =
             R"({"status":"ok","data":[{"id":"ckpt_1","status":"pending"}],"has_more":false,"next_cursor":null})"});
    BOOST_TEST(api.get("/v1/scaicore/checkpoints?core_id=c").body ==
               R"({"data":{"checkpoints":[{"id":"ckpt_1","status":"pending"}],"next_cursor":null}})");
    BOOST_TEST(api.asked().query("status") == "pending");
    BOOST_TEST(api.asked().query("core_id") == "c");
    api.get("/v1/scaicore/checkpoints?status=failed");
    BOOST_TEST(api.asked().query("status") == "failed");
    api.says({.body = R"({"data":{"id":"ckpt_1"}})"});
    BOOST_TEST(api.get("/v1/scaicore/checkpoints/ckpt_1").body == R"({"data":{"id":"ckpt_1"}})");
    BOOST_TEST(api.asked().path == "/v1/modules/scaicore/checkpoints/ckpt_1");
}

BOOST_AUTO_TEST_CASE(a_resolution_is_passed_on_as_it_is) {
    Api api;
    api.says({.body = R"({"data":{"id":"ckpt_1","status":"resolved"}})"});
    for (const char* body :
         {R"({"resolution":"approve"})",
          R"({ "resolution" : {"decision":"approve","n":1.0}, "comment":"ok", "more":1})"}) {
        const auto answer = api.post(resolve, body);
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.body == R"({"data":{"id":"ckpt_1","status":"resolved"}})");
        BOOST_TEST(api.asked().body == body);
        BOOST_TEST(api.asked().path == "/v1/modules/scaicore/checkpoints/ckpt_1/resolve");
    }
    api.server.forget();
    for (const char* body : {"{}", R"({"resolution":""})", R"({"resolution":1})", R"({"resolution":null})",
                             R"({"resolution":"x","comment":1})"})
        BOOST_TEST(api.post(resolve, body).status == 422, body);
    BOOST_TEST(api.post(resolve, "").status == 422);
    BOOST_TEST(api.server.count() == 0U);
}

BOOST_AUTO_TEST_CASE(an_invocation_is_passed_on_once) {
    Api api(test::FlowApi::Settings{{"SCAIGRID_INVOKE_TIMEOUT_SECONDS", "1"}});
    api.says({.status = 202, .body = R"({"data":{"execution_id":"exec_1","status":"SUSPENDED"}})"});
    const auto answer = api.post(invoke, R"({"input":{"message":"hi"},"instance_key":"k"})");
    BOOST_TEST(answer.status == 202);
    BOOST_TEST(answer.body == R"({"data":{"execution_id":"exec_1","status":"SUSPENDED"}})");
    BOOST_TEST(api.asked().path == "/v1/modules/scaicore/cores/core_1/invoke");
    for (const char* body : {"{}", R"({"input":"text"})", R"({"input":{},"instance_key":1})"})
        BOOST_TEST(api.post(invoke, body).status == 422, body);
    for (const HttpReply& reply :
         std::initializer_list<HttpReply>{{.status = 503, .headers = {{"Retry-After", "0"}}},
                                          {.fault = scai::test::Fault::hang_up},
                                          {.body = "{}", .delay = 10s}}) {
        api.server.forget();
        api.says(reply);
        BOOST_TEST(api.post(invoke, R"({"input":{}})").status >= 502);
        BOOST_TEST(api.server.count() == 1U);
    }
    BOOST_TEST(api.post(invoke, R"({"input":{}})").json.get("detail").member("fix").find("may go on") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(refusals_of_the_grid_are_passed_on) {
    Api api;
    api.says({.status = 409, .body = R"({"error":{"code":"CHECKPOINT_NOT_PENDING","message":"done"}})"});
    const auto settled = api.post(resolve, R"({"resolution":"x"})");
    BOOST_TEST(settled.status == 409);
    BOOST_TEST(settled.json.get("detail").member("upstream_code") == "CHECKPOINT_NOT_PENDING");
    api.says(
        {.status = 403,
         .body =
             R"({"error":{"code":"AUTHZ_PERMISSION_DENIED","message":"need scaicore:checkpoint_resolve"}})"});
    BOOST_TEST(api.post(resolve, R"({"resolution":"x"})").status == 403);
    for (const char* path : {"/v1/scaicore/events", stream})
        BOOST_TEST(api.get(path).status == 403);
}

BOOST_AUTO_TEST_CASE(view_may_look_and_manage_may_act) {
    Api api;
    api.who.permissions = {"scaicore:view"};
    BOOST_TEST(api.get("/v1/scaicore/events").status == 200);
    BOOST_TEST(api.post(resolve, R"({"resolution":"x"})").status == 403);
    BOOST_TEST(api.post(invoke, R"({"input":{}})").status == 403);
    api.who.permissions = {};
    BOOST_TEST(api.get("/v1/scaicore/events").status == 403);
    BOOST_TEST(api.get(stream).status == 403);
}

BOOST_AUTO_TEST_CASE(without_a_credential_it_says_what_to_do) {
    Api api(test::FlowApi::Settings{{"SCAIGRID_API_KEY", ""}});
    for (const char* path :
         {"/v1/scaicore/events", stream, "/v1/scaicore/checkpoints", "/v1/scaicore/checkpoints/x"})
        BOOST_TEST(api.get(path).detail() == "missing_credentials");
    BOOST_TEST(api.post(invoke, R"({"input":{}})").detail() == "missing_credentials");
}

BOOST_AUTO_TEST_CASE(a_stream_begins_with_what_is_there_and_goes_on) {
    Api api(test::FlowApi::Settings{{"SCAIFLOW_EVENTS_POLL_MS", "100"}});
    api.says({.body = R"({"data":{"events":[{"n":1}],"next_cursor":"c1"}})"});
    for (const auto& answer :
         {api.get(std::string(stream) + "?core_id=core_1"),
          api.get("/v1/scaicore/events?core_id=core_1", {{"accept", "text/event-stream"}})}) {
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.headers.at("Content-Type") == "text/event-stream");
        BOOST_TEST(answer.headers.at("Cache-Control") == "no-store");
        BOOST_TEST(answer.headers.at("X-Accel-Buffering") == "no");
        BOOST_TEST(answer.body == "retry: 2000\n\nid: 0.c1\ndata: {\"n\":1}\n\n");
        BOOST_REQUIRE(answer.stream);
    }
    const auto answer = api.get(stream);
    api.says({.body = R"({"data":{"events":[{"n":2}],"next_cursor":"c1"}})"});
    const auto sink = std::make_shared<Sink>();
    answer.stream->start(sink);
    BOOST_TEST(sink->gets("id: 1.c1\ndata: {\"n\":2}\n\n"));
    BOOST_TEST(api.asked().query("cursor") == "c1");
    BOOST_TEST(api.asked().header("Authorization") == "Bearer sgk_server");
    sink->open_ = false;
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_behind_the_last_event_id) {
    Api api;
    api.says({.body = R"({"data":{"events":[{"n":1},{"n":2},{"n":3}],"next_cursor":null}})"});
    const auto answer = api.get(std::string(stream) + "?cursor=other", {{"last-event-id", "2.c1"}});
    BOOST_TEST(answer.body == "retry: 2000\n\nid: 3.c1\ndata: {\"n\":3}\n\n");
    BOOST_TEST(api.asked().query("cursor") == "c1");
    BOOST_TEST(api.get(stream, {{"last-event-id", "from elsewhere"}}).status == 422);
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_its_token) {
    Api api;
    const auto token = api.token("usr_1", "t1", {"scaicore:view"});
    const auto answer = api.call_as(token, "GET", stream);
    BOOST_REQUIRE(answer.stream);
    BOOST_REQUIRE(answer.stream->deadline.has_value());
    const auto left = *answer.stream->deadline - std::chrono::steady_clock::now();
    BOOST_TEST((left > 3590s && left <= 3600s));
    BOOST_TEST(answer.stream->at_deadline.find("token_expired") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(places_are_given_back) {
    Api api(
        test::FlowApi::Settings{{"SCAIFLOW_STREAMS_PER_TENANT", "2"}, {"SCAIFLOW_STREAMS_PER_PROCESS", "3"}});
    auto first = api.get(stream);
    auto second = api.get(stream);
    const auto third = api.get(stream);
    BOOST_TEST(third.status == 429);
    BOOST_TEST(third.detail() == "too_many_streams");
    BOOST_TEST(third.headers.at("Retry-After") == "10");
    api.who.tenant_id = "t2";
    auto other = api.get(stream);
    BOOST_TEST(other.status == 200);
    BOOST_TEST(api.get(stream).status == 503);
    api.who.tenant_id = "t1";
    first.stream.reset();
    BOOST_TEST(api.get(stream).status == 200);
    BOOST_TEST(api.call("HEAD", stream).status == 200);
    api.says({.status = 403});
    BOOST_TEST(api.get(stream).status == 403);
    api.says({.body = test::GridDouble::everything});
    BOOST_TEST(api.get(stream).status == 200); // neither HEAD nor a refusal kept a place
}

BOOST_AUTO_TEST_CASE(where_nothing_can_stream_it_says_so) {
    Api api;
    api.can_stream = false;
    const auto answer = api.get(stream);
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.detail() == "streaming_unavailable");
    BOOST_TEST(api.server.count() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
