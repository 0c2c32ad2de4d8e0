// Spans as a collector gets them, from a real HTTP server's side. SPDX-License-Identifier: Apache-2.0
#include "lib/web/trace.hpp"

#include "lib/json/value.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace scai::web;
using scai::json::Value;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;

namespace {

constexpr const char* trace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* parent = "00f067aa0ba902b7";

std::string header(const std::string& flags = "01") {
    return std::string("00-") + trace + "-" + parent + "-" + flags;
}

Span span_of(int status = 200) {
    return {.trace_id = {},
            .span_id = {},
            .parent_id = {},
            .method = "GET",
            .route = "/v1/secrets/{path...}",
            .request_id = "req_1",
            .tenant_id = "t1",
            .status = status,
            .bytes = 12,
            .started_at = scai::UtcTime(std::chrono::seconds(1'700'000'000)),
            .took = std::chrono::milliseconds(5)};
}

struct Collector {
    HttpServer server;
    Metrics metrics{"", "test"};
    explicit Collector(HttpServer::Handler handler = [](const HttpRequest&) { return HttpReply{}; })
        : server(std::move(handler)) {}
    TracerSettings settings() const {
        TracerSettings out;
        out.endpoint = server.url() + "/otlp/";
        out.service = "scaivault-secrets";
        out.pause = std::chrono::milliseconds(20);
        out.timeout = std::chrono::milliseconds(2000);
        return out;
    }
    std::unique_ptr<Tracer> tracer(TracerSettings how) {
        return std::make_unique<Tracer>(std::move(how), metrics, std::make_unique<scai::http::CurlClient>());
    }
    bool wait(std::size_t requests) const {
        for (int i = 0; i < 500 && server.count() < requests; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return server.count() >= requests;
    }
    /// Every span of every request so far.
    std::vector<Value> spans() const {
        std::vector<Value> out;
        for (const auto& request : server.requests())
            scai::json::parse(request.body)
                .value()
                .get("resourceSpans")
                .at(0)
                .get("scopeSpans")
                .at(0)
                .get("spans")
                .each_item([&](const Value& span) { out.push_back(span); });
        return out;
    }
    bool counted(const std::string& outcome, int spans) const {
        return metrics.render().find("otlp_spans_total{binary=\"test\",outcome=\"" + outcome + "\"} " +
                                     std::to_string(spans)) != std::string::npos;
    }
};

std::string attribute(const Value& span, std::string_view key) {
    std::string out = "none";
    span.get("attributes").each_item([&](const Value& one) {
        if (one.member("key") == key)
            out = one.get("value").member("stringValue") + one.get("value").member("intValue");
    });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_trace)

BOOST_AUTO_TEST_CASE(traceparent_is_read_as_w3c_says) {
    const auto good = parse_traceparent(header());
    BOOST_TEST_REQUIRE(good.has_value());
    BOOST_TEST(good->trace_id == trace);
    BOOST_TEST(good->span_id == parent);
    BOOST_TEST(good->sampled);
    BOOST_TEST(!parse_traceparent(header("00"))->sampled);
    BOOST_TEST(parse_traceparent(header("ff"))->sampled);
    BOOST_TEST(!parse_traceparent(header("02"))->sampled);
    // A version to come may say more.
    BOOST_TEST(parse_traceparent("cc" + header().substr(2) + "-more").has_value());
    const auto zeros = [](std::size_t count) { return std::string(count, '0'); };
    for (const auto& bad :
         {std::string(), std::string("00"), header() + "-more", header() + "x", "ff" + header().substr(2),
          "0x" + header().substr(2), std::string("00-") + zeros(32) + "-" + parent + "-01",
          std::string("00-") + trace + "-" + zeros(16) + "-01", std::string("00_") + header().substr(3),
          std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-") + parent + "-01", header("0g")})
        BOOST_TEST(!parse_traceparent(bad), bad);
}

BOOST_AUTO_TEST_CASE(a_span_arrives_as_otlp_json) {
    Collector collector;
    auto settings = collector.settings();
    settings.headers = scai::SecretText("api-key=a%20b, other=c");
    const auto tracer = collector.tracer(std::move(settings));
    tracer->record(header(), span_of());
    BOOST_TEST_REQUIRE(collector.wait(1));
    const auto request = collector.server.requests().at(0);
    BOOST_TEST(request.method == "POST");
    BOOST_TEST(request.target == "/otlp/v1/traces");
    BOOST_TEST(request.header("content-type") == "application/json");
    BOOST_TEST(request.header("api-key") == "a b");
    BOOST_TEST(request.header("other") == "c");
    const auto resource = scai::json::parse(request.body).value().get("resourceSpans").at(0).get("resource");
    BOOST_TEST(attribute(resource, "service.name") == "scaivault-secrets");
    const auto span = collector.spans().at(0);
    BOOST_TEST(span.member("traceId") == trace);
    BOOST_TEST(span.member("parentSpanId") == parent);
    BOOST_TEST(span.member("spanId").size() == 16U);
    BOOST_TEST(span.member("spanId") != parent);
    BOOST_TEST(span.member("name") == "GET /v1/secrets/{path...}");
    BOOST_TEST(span.get("kind").integer().value() == 2);
    BOOST_TEST(span.member("startTimeUnixNano") == "1700000000000000000");
    BOOST_TEST(span.member("endTimeUnixNano") == "1700000000005000000");
    BOOST_TEST(attribute(span, "http.route") == "/v1/secrets/{path...}");
    BOOST_TEST(attribute(span, "http.response.status_code") == "200");
    BOOST_TEST(attribute(span, "scai.request_id") == "req_1");
    BOOST_TEST(attribute(span, "scai.tenant_id") == "t1");
    BOOST_TEST(!span.get("status").present());
}

BOOST_AUTO_TEST_CASE(what_a_request_waited_for_are_spans_below_its_own) {
    Collector collector;
    const auto tracer = collector.tracer(collector.settings());
    auto request = span_of();
    const auto part = [](std::string_view kind, std::string name, int within, int after_ms, int took_ms,
                         bool failed) {
        return scai::log::Part{.kind = kind,
                               .name = std::move(name),
                               .parent = within,
                               .after = std::chrono::milliseconds(after_ms),
                               .took = std::chrono::milliseconds(took_ms),
                               .failed = failed};
    };
    request.parts = {part("kms", "decrypt", -1, 1, 1, true), part("audit", "commit", -1, 2, 2, false),
                     part("db", "INSERT INTO scaivault.audit_log", 1, 3, 1, false)};
    request.parts_dropped = 7;
    tracer->record(header(), std::move(request));
    BOOST_TEST_REQUIRE(collector.wait(1));
    const auto spans = collector.spans();
    BOOST_TEST_REQUIRE(spans.size() == 4U);
    const auto &own = spans[0], &kms = spans[1], &audit = spans[2], &db = spans[3];
    BOOST_TEST(attribute(own, "scai.spans_dropped") == "7");
    BOOST_TEST(kms.member("name") == "kms decrypt");
    BOOST_TEST(kms.get("status").get("code").integer().value() == 2);
    BOOST_TEST(audit.member("parentSpanId") == own.member("spanId"));
    BOOST_TEST(db.member("parentSpanId") == audit.member("spanId"));
    BOOST_TEST(db.member("name") == "db INSERT INTO scaivault.audit_log");
    BOOST_TEST(attribute(db, "db.system.name") == "postgresql");
    BOOST_TEST(!db.get("status").present());
    BOOST_TEST(db.member("startTimeUnixNano") == "1700000000003000000");
    BOOST_TEST(db.member("endTimeUnixNano") == "1700000000004000000");
    for (const auto& span : spans)
        BOOST_TEST(span.member("traceId") == trace);
}

BOOST_AUTO_TEST_CASE(room_is_counted_in_spans_not_in_requests) {
    int calls = 0;
    Collector collector([&](const HttpRequest&) { return HttpReply{.status = ++calls == 1 ? 503 : 200}; });
    auto settings = collector.settings();
    settings.capacity = 4;
    settings.pause = std::chrono::milliseconds(60000); // nothing is sent before the end
    {
        const auto tracer = collector.tracer(std::move(settings));
        for (int i = 0; i < 2; ++i) {
            auto request = span_of();
            request.parts.resize(2);
            tracer->record("", std::move(request));
        }
        BOOST_TEST(collector.counted("dropped", 3));
    }
}

BOOST_AUTO_TEST_CASE(a_trace_begins_here_without_a_caller_and_unsampled_ones_stay_out) {
    Collector collector;
    {
        const auto tracer = collector.tracer(collector.settings());
        tracer->record(header("00"), span_of());
        tracer->record("nonsense", span_of(503));
        tracer->record("", span_of(404));
    } // what waits is sent when it goes
    const auto spans = collector.spans();
    BOOST_TEST_REQUIRE(spans.size() == 2U);
    for (const auto& span : spans) {
        BOOST_TEST(span.member("traceId").size() == 32U);
        BOOST_TEST(!span.get("parentSpanId").present());
    }
    BOOST_TEST(spans[0].member("traceId") != spans[1].member("traceId"));
    BOOST_TEST(spans[0].get("status").get("code").integer().value() == 2);
    BOOST_TEST(!spans[1].get("status").present()); // a refusal is no error of the server
    BOOST_TEST(collector.counted("exported", 2));
}

BOOST_AUTO_TEST_CASE(a_collector_that_fails_for_a_while_gets_the_spans_once_it_is_back) {
    int calls = 0;
    Collector collector([&](const HttpRequest&) { return HttpReply{.status = ++calls == 1 ? 503 : 200}; });
    const auto tracer = collector.tracer(collector.settings());
    tracer->record("", span_of());
    BOOST_TEST(collector.wait(2));
    const auto spans = collector.spans();
    BOOST_TEST_REQUIRE(spans.size() == 2U);
    BOOST_TEST(spans[0].dump() == spans[1].dump());
}

BOOST_AUTO_TEST_CASE(a_refused_batch_is_not_sent_again) {
    Collector collector([](const HttpRequest&) { return HttpReply{.status = 400}; });
    {
        const auto tracer = collector.tracer(collector.settings());
        tracer->record("", span_of());
        BOOST_TEST(collector.wait(1));
    }
    BOOST_TEST(collector.server.count() == 1U);
    BOOST_TEST(collector.counted("dropped", 1));
}

BOOST_AUTO_TEST_CASE(a_dead_collector_costs_nothing_and_what_has_no_room_is_counted) {
    Collector collector([](const HttpRequest&) { return HttpReply{.delay = std::chrono::seconds(30)}; });
    auto settings = collector.settings();
    settings.capacity = 10;
    settings.batch = 5;
    settings.timeout = std::chrono::milliseconds(300);
    auto tracer = collector.tracer(std::move(settings));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10'000; ++i)
        tracer->record("", span_of());
    // 10,000 requests wait together for less than one answer of the collector.
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1500)));
    const auto text = collector.metrics.render();
    BOOST_TEST(text.find("otlp_spans_total{binary=\"test\",outcome=\"dropped\"} 99") != std::string::npos,
               text);
    tracer.reset(); // and it goes in time
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(without_an_endpoint_there_is_no_tracer) {
    Metrics metrics("", "test");
    BOOST_TEST((make_tracer("", {}, "x", metrics) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
