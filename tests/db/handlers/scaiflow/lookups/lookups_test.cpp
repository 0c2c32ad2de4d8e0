// The lookups against a ScaiGrid of the test's own. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "tests/support/grid_double.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

using namespace std::chrono_literals;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

struct Api : test::GridDouble, test::FlowApi {
    explicit Api(FlowApi::Settings more = {})
        : FlowApi("lookups", scaiflow::lookups_api::routes(), GridDouble::settings(std::move(more))) {
        who = test::plain_user();
        who.permissions = {"scaicore:view"};
    }
    test::FlowAnswer get(const std::string& target) { return call("GET", target); }
};

/// Rows 0..count-1, so many to a page.
scai::test::HttpServer::Handler pages(std::size_t count, std::size_t page) {
    return [count, page](const HttpRequest& request) {
        const auto cursor = request.query("cursor");
        const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
        std::string rows;
        for (std::size_t i = from; i < std::min(count, from + page); ++i)
            rows += (rows.empty() ? "" : ",") + ("{\"id\":\"sc_" + std::to_string(i)) + "\",\"slug\":\"s\"}";
        const bool more = from + page < count;
        return HttpReply{.body = "{\"data\":[" + rows + "],\"has_more\":" + (more ? "true" : "false") +
                                 ",\"next_cursor\":\"" + std::to_string(from + page) + "\"}"};
    };
}

constexpr const char* paths[] = {"/v1/scaiqueue/scopes", "/v1/scaiqueue/scopes/sc_1/queues",
                                 "/v1/scaibunker/bunkers", "/v1/scaigrid/models"};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_lookups)

BOOST_AUTO_TEST_CASE(each_list_comes_from_its_place_in_its_own_words) {
    Api api;
    api.says(
        {.body =
             R"({"data":[{"id":"sc_1","slug":"finance","display_name":"Finance","description":"","state":"active"}]})"});
    BOOST_TEST(
        api.get("/v1/scaiqueue/scopes").body ==
        R"({"data":[{"id":"sc_1","slug":"finance","display_name":"Finance","description":"","state":"active"}]})");
    api.says(
        {.body =
             R"({"data":[{"id":"q_1","slug":"review","display_name":"Review","ordering":"fifo","consumer_mode":"competing","max_retries":5}]})"});
    BOOST_TEST(api.get("/v1/scaiqueue/scopes/sc%201/queues").status == 404);
    BOOST_TEST(
        api.get("/v1/scaiqueue/scopes/sc_1/queues").body ==
        R"({"data":[{"id":"q_1","scope_id":"sc_1","slug":"review","display_name":"Review","consumer_mode":"fifo","max_retries":5,"ordering":"fifo"}]})");
    api.says(
        {.body =
             R"({"data":[{"id":"b1","image":"i","lifecycle_mode":"persistent","status":"running"},{"id":"b2","status":"pending"}]})"});
    BOOST_TEST(api.get("/v1/scaibunker/bunkers").body ==
               R"({"data":[{"bunker_id":"b1","image_ref":"i","lifecycle":"persistent","status":"ready"}]})");
    api.says({.body = R"({"object":"list","data":[{"id":"a/b"}]})"});
    BOOST_TEST(
        api.get("/v1/scaigrid/models").body ==
        R"({"data":[{"slug":"a/b","display_name":"a/b","modality":null,"context_window":null,"id":"a/b"}]})");
    std::string asked;
    for (const auto& request : api.server.requests())
        asked += request.path + " ";
    BOOST_TEST(asked == "/v1/modules/scaiqueue/scopes /v1/modules/scaiqueue/scopes/sc_1/queues "
                        "/v1/modules/scaibunker/bunkers /v1/models ");
    BOOST_TEST(api.server.requests().front().header("Authorization") == "Bearer sgk_server");
}

BOOST_AUTO_TEST_CASE(the_callers_token_goes_along) {
    Api api;
    const auto token = api.token("usr_1", "t1", {"scaicore:view"});
    BOOST_TEST(api.call_as(token, "GET", "/v1/scaiqueue/scopes").status == 200);
    BOOST_TEST(api.server.requests().at(0).header("Authorization") == "Bearer " + token);
    BOOST_TEST(api.server.requests().at(0).header("X-Request-ID").starts_with("req_"));
}

BOOST_AUTO_TEST_CASE(every_page_is_read_and_rows_come_once) {
    Api api;
    api.server.handler(pages(450, 200));
    const auto answer = api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(answer.json.get("data").size() == 450U);
    BOOST_TEST(!answer.json.get("truncated").present());
    BOOST_TEST(api.server.count() == 3U);
}

BOOST_AUTO_TEST_CASE(a_list_without_end_is_cut) {
    Api api(test::FlowApi::Settings{{"SCAIFLOW_LOOKUP_CACHE_SECONDS", "0"}});
    api.server.handler(pages(1000000, 300));
    const auto rows = api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(rows.json.get("data").size() == 10000U);
    BOOST_TEST(rows.json.get("truncated").boolean().value_or(false));
    api.server.forget();
    api.server.handler(pages(1000000, 1));
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").json.get("data").size() == 50U);
    BOOST_TEST(api.server.count() == 50U);
    api.server.forget();
    api.says({.body = R"({"data":[{"id":"a"}],"next_cursor":"same"})"}); // leads to itself
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").json.get("data").size() == 1U);
    BOOST_TEST(api.server.count() == 2U);
}

BOOST_AUTO_TEST_CASE(a_list_is_remembered_per_credential_for_seconds) {
    Api api;
    const auto first = api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(first.headers.at("Cache-Control") == "private, max-age=5");
    BOOST_TEST(first.headers.at("Vary") == "Authorization");
    api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(api.server.count() == 1U);
    api.call_as(api.token("usr_1", "t1", {"scaicore:view"}), "GET", "/v1/scaiqueue/scopes");
    api.call_as(api.token("usr_2", "t1", {"scaicore:view"}), "GET", "/v1/scaiqueue/scopes");
    BOOST_TEST(api.server.count() == 3U);
    api.who.tenant_id = "t2"; // with the same key of the server
    api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(api.server.count() == 4U);
    api.clock.advance(6s);
    api.get("/v1/scaiqueue/scopes");
    BOOST_TEST(api.server.count() == 5U);
}

BOOST_AUTO_TEST_CASE(a_failure_is_not_remembered) {
    Api api;
    api.says({.status = 500});
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").status == 502);
    api.says({.body = test::GridDouble::everything});
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").status == 200);
}

BOOST_AUTO_TEST_CASE(without_a_credential_it_says_what_to_do) {
    Api api(test::FlowApi::Settings{{"SCAIGRID_API_KEY", ""}});
    for (const char* path : paths) {
        const auto answer = api.get(path);
        BOOST_TEST(answer.status == 412);
        BOOST_TEST(answer.detail() == "missing_credentials");
        BOOST_TEST(answer.json.get("detail").member("fix").find("/v1/tenants/me/scaigrid_credentials") !=
                   std::string::npos);
    }
    BOOST_TEST(api.server.count() == 0U);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_upstream_has_a_status_and_a_name) {
    struct Row {
        HttpReply reply;
        int status;
        const char* code;
    };
    Api api(test::FlowApi::Settings{{"SCAIGRID_TIMEOUT_SECONDS", "1"}});
    for (const Row& row : std::initializer_list<Row>{
             {{.body = "{}", .delay = 10s}, 504, "upstream_timeout"},
             {{.fault = Fault::reset}, 502, "upstream_unreachable"},
             {{.body = test::GridDouble::everything, .fault = Fault::truncate},
              502,
              "upstream_invalid_answer"},
             {{.body = "<html>", .content_type = "text/html"}, 502, "upstream_invalid_answer"},
             {{.status = 401, .body = R"({"error":{"code":"AUTH_TOKEN_INVALID","message":"no"}})"},
              502,
              "upstream_error"},
             {{.status = 403, .body = R"({"error":{"code":"MODULE_NOT_ENABLED","message":"no"}})"},
              403,
              "upstream_refused"},
             {{.status = 404, .body = "no"}, 404, "upstream_refused"},
             {{.status = 503, .body = "<html><title>maintenance</title>"}, 502, "upstream_error"},
         })
        for (const char* path : paths) {
            api.says(row.reply);
            api.clock.advance(6s); // past the pause after failures in a row
            const auto answer = api.get(path);
            BOOST_TEST(answer.status == row.status, path << ": " << answer.body);
            BOOST_TEST(answer.detail() == row.code, path << ": " << answer.body);
        }
    api.says(
        {.status = 429,
         .body = R"({"error":{"code":"RATE_LIMITED","message":"slow down"},"meta":{"request_id":"req_up"}})",
         .headers = {{"Retry-After", "17"}}});
    const auto limited = api.get("/v1/scaigrid/models");
    BOOST_TEST(limited.status == 429);
    BOOST_TEST(limited.headers.at("Retry-After") == "17");
    BOOST_TEST(limited.json.get("detail").member("upstream_code") == "RATE_LIMITED");
    BOOST_TEST(limited.json.get("detail").member("upstream_request_id") == "req_up");
    BOOST_TEST(limited.json.get("detail").get("status").integer().value_or(0) == 429);
}

BOOST_AUTO_TEST_CASE(a_grid_that_is_gone_is_left_alone_for_a_while) {
    Api api;
    api.says({.fault = Fault::reset});
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(api.get("/v1/scaiqueue/scopes").headers.count("Retry-After") == 0U);
    const auto asked = api.server.count();
    api.says({.body = test::GridDouble::everything});
    for (const char* path : paths) {
        const auto held = api.get(path);
        BOOST_TEST(held.status == 502);
        BOOST_TEST(held.detail() == "upstream_unreachable");
        BOOST_TEST(held.headers.at("Retry-After") == "5");
    }
    BOOST_TEST(api.server.count() == asked);
    // It is the grid of one tenant that is gone.
    api.who.tenant_id = "t2";
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").status == 200);
    api.who.tenant_id = test::plain_user().tenant_id;
    api.clock.advance(6s);
    BOOST_TEST(api.get("/v1/scaigrid/models").status == 200);
    BOOST_TEST(api.get("/v1/scaibunker/bunkers").status == 200);
}

BOOST_AUTO_TEST_CASE(a_slow_page_counts_against_the_whole_list) {
    Api api(test::FlowApi::Settings{{"SCAIGRID_TIMEOUT_SECONDS", "1"}});
    std::atomic<int> page = 0;
    api.server.handler([&](const HttpRequest&) {
        return HttpReply{.body = R"({"data":[{"id":"a"}],"next_cursor":")" + std::to_string(++page) + "\"}",
                         .delay = 400ms};
    });
    BOOST_TEST(api.get("/v1/scaiqueue/scopes").detail() == "upstream_timeout");
    BOOST_TEST(page <= 3);
}

BOOST_AUTO_TEST_CASE(the_permission_is_asked_before_the_grid) {
    Api api;
    api.who.permissions = {};
    for (const char* path : paths)
        BOOST_TEST(api.get(path).status == 403);
    BOOST_TEST(api.server.count() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
