// The feed against a ScaiGrid that pages, fails and hangs on demand. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/feed.hpp"

#include "lib/scaiflow/grid/proxy.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using scai::ErrorKind;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
using namespace scaiflow::grid;

namespace {

/// Events 1, 2, 3, ... in pages; a cursor is a number of events. Of the two kinds of ScaiGrid one gives a
/// cursor at the end of the feed too, the other gives null there.
class Grid {
public:
    explicit Grid(bool cursor_at_end = true, std::size_t page = 500)
        : cursor_at_end_(cursor_at_end), page_(page),
          server_([this](const HttpRequest& r) { return answer(r); }) {}

    void add(int count) {
        const std::lock_guard lock(mutex_);
        events_ += static_cast<std::size_t>(count);
    }
    void fail_with(std::optional<HttpReply> reply) {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(reply);
    }
    std::size_t polls() const { return server_.count(events_path); }
    HttpServer& server() { return server_; }
    EventFeeds::Source source(const std::string& core = "core_1", const std::string& token = "t",
                              const std::string& tenant = "t1") const {
        auto credential = std::make_shared<Credential>();
        credential->bearer = scai::SecretText(token);
        credential->base_url = server_.url();
        return {.tenant_id = tenant, .core_id = core, .credential = credential, .identity = token};
    }

private:
    HttpReply answer(const HttpRequest& request) {
        const std::lock_guard lock(mutex_);
        if (failure_)
            return *failure_;
        const auto cursor = request.query("cursor");
        const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
        const std::size_t until =
            std::min({events_, from + page_, from + std::stoul(request.query("limit"))});
        std::string body = "{\"status\":\"ok\", \"data\": {\"events\": [";
        for (std::size_t i = from; i < until; ++i)
            body += (i == from ? "" : ", ") + ("{\"type\": \"x\",\n \"n\": " + std::to_string(i + 1)) + "}";
        const bool more = until < events_ || (cursor_at_end_ && until > from);
        body += "],\"next_cursor\":" + (more ? "\"" + std::to_string(until) + "\"" : "null") + "}}";
        return {.body = body};
    }
    bool cursor_at_end_;
    std::size_t page_;
    std::mutex mutex_;
    std::size_t events_ = 0;
    std::optional<HttpReply> failure_;
    HttpServer server_;
};

class Sink final : public scai::web::StreamSink {
public:
    bool send(std::shared_ptr<const std::string> text) override {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return false;
        text_ += *text;
        changed_.notify_all();
        return true;
    }
    void end(std::string_view last, std::string_view reason) override {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return;
        text_ += last;
        reason_ = reason;
        open_ = false;
        changed_.notify_all();
    }
    bool open() const override {
        const std::lock_guard lock(mutex_);
        return open_;
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    bool gets(std::string_view text) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return text_.find(text) != std::string::npos; });
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }
    std::string reason() const {
        const std::lock_guard lock(mutex_);
        return reason_;
    }
    /// The numbers of the events that came, "1 2 3".
    std::string numbers() const {
        std::string out;
        const auto all = text();
        for (auto at = all.find("\"n\":"); at != std::string::npos; at = all.find("\"n\":", at + 1))
            out += (out.empty() ? "" : " ") + all.substr(at + 4, all.find('}', at) - at - 4);
        return out;
    }
    std::string last_id() const {
        const auto all = text();
        const auto at = all.rfind("id: ") + 4;
        return all.substr(at, all.find('\n', at) - at);
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_, reason_;
    bool open_ = true;
};

FeedSettings quick() {
    return {.poll = 30ms, .timeout = 2000ms, .recheck = 1s};
}

struct Fixture {
    explicit Fixture(bool cursor_at_end = true, std::size_t page = 500) : grid(cursor_at_end, page) {}
    std::shared_ptr<Sink> listen(const FeedPlace& place = {}, const EventFeeds::Source* source = nullptr) {
        auto sink = std::make_shared<Sink>();
        feeds.listen(source == nullptr ? grid.source() : *source, place, true, {.sink = sink});
        return sink;
    }
    bool comes_to(std::size_t count) {
        for (int i = 0; i < 300 && feeds.feeds() != count; ++i)
            std::this_thread::sleep_for(10ms);
        return feeds.feeds() == count;
    }
    Grid grid;
    EventFeeds feeds{quick()};
};

std::string one_to(int last) {
    std::string out;
    for (int i = 1; i <= last; ++i)
        out += (out.empty() ? "" : " ") + std::to_string(i);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_grid)

BOOST_AUTO_TEST_CASE(places_survive_the_wire) {
    for (const FeedPlace& place :
         {FeedPlace{}, FeedPlace{"abc", 0}, FeedPlace{"a.b\n c", 17}, FeedPlace{"\xC3\xA9", 3}})
        BOOST_TEST((place_of(id_of(place)) == place));
    for (const char* bad : {"", ".", "x.y", "-1.a", "1", "1.%", "1.%ff", "99999999999999999999.a"})
        BOOST_TEST(!place_of(bad), bad);
}

BOOST_AUTO_TEST_CASE(a_page_becomes_messages_of_one_line) {
    const auto page = read_page(
        "{\"data\":{\"events\":[{\"a\": 0.70,\n\"t\":\"x\\ny\"},{\"b\":2}],\"next_cursor\":\"c2\"}}",
        {"c1", 0});
    BOOST_REQUIRE(page);
    BOOST_TEST(page->events.at(0).text == "id: 1.c1\ndata: {\"a\":0.70,\"t\":\"x\\ny\"}\n\n");
    BOOST_TEST(page->events.at(1).text == "id: 0.c2\ndata: {\"b\":2}\n\n");
    BOOST_TEST((page->next == FeedPlace{"c2", 0}));
}

BOOST_AUTO_TEST_CASE(a_page_without_cursor_counts) {
    const auto page = read_page(R"({"data":[{"a":1},{"b":2},{"c":3}],"next_cursor":null})", {"c1", 1});
    BOOST_REQUIRE(page);
    BOOST_TEST(page->events.size() == 2U);
    BOOST_TEST((page->next == FeedPlace{"c1", 3}));
    BOOST_TEST(!page->more);
    BOOST_TEST(!read_page(R"({"data":{}})", {}));
    BOOST_TEST(!read_page(R"({"events":[]})", {}));
}

BOOST_AUTO_TEST_CASE(lists_take_the_contracts_shape_unchanged) {
    BOOST_TEST(
        *list_text(R"({"status":"ok","data":{"events":[{"x":1.50}],"next_cursor":"n","more":1},"meta":{}})",
                   "events") == R"({"data":{"events":[{"x":1.50}],"next_cursor":"n","more":1}})");
    BOOST_TEST(*list_text(R"({"data":[1],"has_more":true,"next_cursor":"n"})", "events") ==
               R"({"data":{"events":[1],"next_cursor":"n"}})");
    BOOST_TEST(*list_text(R"({"data":{"items":[1]},"next_cursor":"n"})", "events") ==
               R"({"data":{"events":[1],"next_cursor":"n"}})");
    for (const char* bad : {"{}", R"({"data":null})", R"({"data":{"events":{}}})", "[]"})
        BOOST_TEST(!list_text(bad, "events"), bad);
}

BOOST_AUTO_TEST_CASE(listeners_get_every_event_once_and_in_order) {
    for (const bool cursor_at_end : {true, false})
        for (const std::size_t page : {500U, 7U, 60U}) {
            Fixture fixture(cursor_at_end, page);
            fixture.grid.add(20);
            const auto sink = fixture.listen();
            BOOST_TEST(sink->gets("\"n\":20}"));
            fixture.grid.add(3);
            BOOST_TEST(sink->gets("\"n\":23}"));
            fixture.grid.add(100);
            BOOST_TEST(sink->gets("\"n\":123}"));
            BOOST_TEST(sink->numbers() == one_to(123));
        }
}

BOOST_AUTO_TEST_CASE(a_listener_goes_on_where_he_was) {
    for (const bool cursor_at_end : {true, false}) {
        Fixture fixture(cursor_at_end, 7);
        fixture.grid.add(10);
        const auto first = fixture.listen();
        BOOST_TEST(first->gets("\"n\":10}"));
        const auto place = place_of(first->last_id());
        BOOST_REQUIRE(place);
        first->leave();
        fixture.grid.add(5);
        const auto second = fixture.listen(*place);
        BOOST_TEST(second->gets("\"n\":15}"));
        BOOST_TEST(second->numbers() == "11 12 13 14 15");
    }
}

BOOST_AUTO_TEST_CASE(listeners_of_one_core_and_credential_share_a_poll) {
    Fixture fixture;
    fixture.grid.add(5);
    const auto first = fixture.listen();
    BOOST_TEST(first->gets("\"n\":5}"));
    std::vector<std::shared_ptr<Sink>> sinks;
    for (int i = 0; i < 50; ++i)
        sinks.push_back(fixture.listen());
    BOOST_TEST(fixture.comes_to(1));
    fixture.grid.add(1);
    for (const auto& sink : sinks) {
        BOOST_TEST(sink->gets("\"n\":6}"));
        BOOST_TEST(sink->numbers() == one_to(6));
    }
    BOOST_TEST(fixture.feeds.knows(fixture.grid.source(), *place_of(sinks.front()->last_id())));
    BOOST_TEST(!fixture.feeds.knows(fixture.grid.source(), {"elsewhere", 0}));
}

BOOST_AUTO_TEST_CASE(other_credentials_cores_and_tenants_poll_for_themselves) {
    Fixture fixture;
    const std::vector<EventFeeds::Source> sources{
        fixture.grid.source("core_1", "t", "t1"), fixture.grid.source("core_2", "t", "t1"),
        fixture.grid.source("core_1", "u", "t1"), fixture.grid.source("core_1", "t", "t2")};
    std::vector<std::shared_ptr<Sink>> sinks;
    for (const auto& source : sources)
        sinks.push_back(fixture.listen({}, &source));
    BOOST_TEST(fixture.feeds.feeds() == 4U);
    fixture.grid.add(1);
    for (const auto& sink : sinks)
        BOOST_TEST(sink->gets("\"n\":1}"));
    std::set<std::string> asked;
    for (const auto& request : fixture.grid.server().requests())
        asked.insert(request.header("Authorization") + " " + request.query("core_id"));
    BOOST_TEST(asked.size() == 3U);
    for (const auto& sink : sinks)
        sink->leave();
    BOOST_TEST(fixture.comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_listener_from_the_beginning_catches_up_and_joins) {
    Fixture fixture(true, 60);
    fixture.grid.add(700); // more than is remembered
    const auto first = fixture.listen();
    BOOST_TEST(first->gets("\"n\":700}"));
    const auto late = fixture.listen();
    BOOST_TEST(late->gets("\"n\":700}"));
    BOOST_TEST(late->numbers() == one_to(700));
    BOOST_TEST(fixture.comes_to(1));
    fixture.grid.add(2);
    BOOST_TEST(late->gets("\"n\":702}"));
    BOOST_TEST(late->numbers() == one_to(702));
}

BOOST_AUTO_TEST_CASE(a_passing_failure_is_told_and_survived) {
    Fixture fixture;
    fixture.grid.add(1);
    const auto sink = fixture.listen();
    BOOST_TEST(sink->gets("\"n\":1}"));
    for (const HttpReply& reply : std::initializer_list<HttpReply>{
             {.status = 503, .body = "x"}, {.body = "no JSON"}, {.fault = scai::test::Fault::reset}}) {
        fixture.grid.fail_with(reply);
        fixture.grid.add(1);
        BOOST_TEST(sink->gets("event: upstream\ndata: {\"status\":\"unavailable\""));
        fixture.grid.fail_with(std::nullopt);
        BOOST_TEST(sink->gets("event: upstream\ndata: {\"status\":\"ok\"}\n\nid: "));
    }
    BOOST_TEST(sink->gets("\"n\":4}"));
    BOOST_TEST(sink->numbers() == one_to(4));
    BOOST_TEST(sink->open());
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_the_streams) {
    for (const int status : {401, 403, 404, 400}) {
        Fixture fixture;
        const auto sink = fixture.listen();
        fixture.grid.fail_with(
            HttpReply{.status = status, .body = R"({"error":{"code":"C","message":"m"}})"});
        BOOST_TEST(sink->gets("event: end\ndata: {\"reason\":\"upstream_"));
        BOOST_TEST(!sink->open());
        BOOST_TEST(fixture.comes_to(0));
    }
}

BOOST_AUTO_TEST_CASE(who_lost_his_access_is_sent_away) {
    Fixture fixture;
    const auto sink = std::make_shared<Sink>();
    const auto odd = std::make_shared<Sink>();
    fixture.feeds.listen(fixture.grid.source(), {}, true, {.sink = sink, .admitted = [] { return false; }});
    fixture.feeds.listen(fixture.grid.source(), {}, true, {.sink = odd, .admitted = []() -> bool {
                                                               throw std::runtime_error("no database");
                                                           }});
    BOOST_TEST(sink->gets("event: end\ndata: {\"reason\":\"access_ended\""));
    BOOST_TEST(sink->reason() == "access_ended");
    BOOST_TEST(odd->open());
}

BOOST_AUTO_TEST_CASE(a_hanging_grid_holds_nobody_elses_poll_up) {
    Fixture fixture;
    HttpServer hanging([](const HttpRequest&) { return HttpReply{.body = "{}", .delay = 60s}; });
    auto credential = std::make_shared<Credential>();
    credential->bearer = scai::SecretText("t");
    credential->base_url = hanging.url();
    std::vector<std::shared_ptr<Sink>> stuck;
    for (int i = 0; i < 100; ++i) {
        const EventFeeds::Source source{.tenant_id = "t9",
                                        .core_id = "core_" + std::to_string(i),
                                        .credential = credential,
                                        .identity = "t"};
        stuck.push_back(fixture.listen({}, &source));
    }
    for (int i = 0; i < 300 && hanging.count() < 8; ++i)
        std::this_thread::sleep_for(10ms);
    fixture.grid.add(3);
    const auto sink = fixture.listen();
    BOOST_TEST(sink->gets("\"n\":3}"));
    fixture.grid.add(1);
    BOOST_TEST(sink->gets("\"n\":4}"));
    BOOST_TEST(hanging.most_at_once() <= 8U);
}

BOOST_AUTO_TEST_CASE(places_among_the_listeners_are_counted) {
    EventFeeds feeds({.per_tenant = 2, .per_process = 3});
    auto a = feeds.enter("t1");
    const auto b = feeds.enter("t1");
    BOOST_TEST((feeds.enter("t1").error().kind == ErrorKind::rate_limited));
    const auto c = feeds.enter("t2");
    BOOST_REQUIRE(c);
    const auto full = feeds.enter("t3");
    BOOST_TEST((full.error().kind == ErrorKind::unavailable));
    BOOST_TEST(full.error().retry_after_seconds.value() == 10);
    a.value().reset();
    BOOST_TEST(static_cast<bool>(feeds.enter("t1")));
}

BOOST_AUTO_TEST_SUITE_END()
