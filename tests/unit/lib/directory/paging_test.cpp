// Every paging shape and trap of contract scaikey.md 10.3, with 0/1/99/100/101/1000 rows.
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/directory/fixture.hpp"

using namespace scai::directory;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::Shape;
using Reply = std::optional<HttpReply>;

namespace {

constexpr Shape all_shapes[] = {Shape::data_pagination, Shape::items_total, Shape::data_items, Shape::bare,
                                Shape::has_more,        Shape::has_next,    Shape::cursor};

struct Pages : scai::directory::test::Fixture {
    /// Reads `users` and forgets everything before.
    Report read(int users) {
        upstream.users.clear();
        for (int i = 0; i < users; ++i)
            upstream.users.push_back(user(id("usr_", i)));
        upstream.asked.clear();
        sink = {};
        return walk();
    }
    std::size_t user_calls() const {
        std::size_t count = 0;
        for (const auto& [target, times] : upstream.asked)
            count +=
                target.find("/effective-users") == std::string::npos ? 0 : static_cast<std::size_t>(times);
        return count;
    }
    /// Answers page n of the users with scripted bodies; beyond the last one, the last again.
    void script(std::vector<std::string> bodies) {
        upstream.fault = [bodies](const HttpRequest& r, int) -> Reply {
            if (!is_users(r))
                return std::nullopt;
            const auto page = static_cast<std::size_t>(std::stoul(r.query("page")));
            return HttpReply{.body = bodies[std::min(page, bodies.size()) - 1]};
        };
    }
    static std::string rows(int from, int count) {
        std::string out;
        for (int i = from; i < from + count; ++i)
            out += (out.empty() ? "" : ",") + user(id("usr_", i));
        return "[" + out + "]";
    }
    static std::string page(int from, int count, const std::string& rest) {
        return R"({"data":)" + rows(from, count) + rest + "}";
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_scaiflow_directory_paging, Pages)

BOOST_AUTO_TEST_CASE(every_shape_is_read_to_its_end) {
    for (const Shape shape : all_shapes) {
        upstream.shape = shape;
        for (const int count : {0, 1, 99, 100, 101, 1000}) {
            BOOST_TEST_CONTEXT("shape " << static_cast<int>(shape) << ", rows " << count) {
                const Report report = read(count);
                BOOST_TEST(report.users_complete);
                BOOST_TEST(sink.users.size() == static_cast<std::size_t>(count));
                BOOST_TEST(report.users_rows == static_cast<std::uint64_t>(count));
                BOOST_TEST(upstream.repeated().empty());
                const std::size_t pages =
                    std::max<std::size_t>(1, (static_cast<std::size_t>(count) + 99) / 100);
                // A bare array says nothing about its end: one call more may be needed to be sure.
                BOOST_TEST(user_calls() <= pages + (shape == Shape::bare ? 1 : 0));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_silently_smaller_page_size_loses_nobody) {
    upstream.page_limit = 30;
    for (const Shape shape : all_shapes) {
        upstream.shape = shape;
        for (const int count : {29, 30, 31, 60, 200}) {
            BOOST_TEST_CONTEXT("shape " << static_cast<int>(shape) << ", rows " << count) {
                const Report report = read(count);
                BOOST_TEST(report.users_complete);
                BOOST_TEST(sink.users.size() == static_cast<std::size_t>(count));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(short_bare_pages_are_probed_only_while_they_may_be_the_limit) {
    upstream.shape = Shape::bare;
    for (int i = 0; i < 40; ++i)
        upstream.users.push_back(user(id("usr_", i)));
    for (int g = 0; g < 20; ++g) {
        upstream.groups.push_back(group(id("grp_", g)));
        for (int m = 0; m < 12; ++m)
            upstream.members[id("grp_", g)].push_back(member(id("usr_", m)));
    }
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.unknown_groups.empty());
    BOOST_TEST(report.calls <= 2U + 20U + 5U);
}

BOOST_AUTO_TEST_CASE(a_refused_per_page_is_asked_once_with_fifty) {
    upstream.refuse_above = 50;
    fill(120, 3, 1);
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(report.users_rows == 120U);
    BOOST_TEST(report.calls <= 2U + 3U + 1U + 3U); // two refusals at most: both lists begin together
    upstream.refuse_above = 20;
    upstream.asked.clear();
    const Report worse = walk();
    BOOST_TEST(!worse.users_complete);
    BOOST_REQUIRE(worse.failed);
    BOOST_TEST(upstream.calls() == 4U);
}

BOOST_AUTO_TEST_CASE(another_422_is_not_about_the_page_size) {
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_users(r)
                   ? Reply(HttpReply{.status = 422, .body = R"({"detail":[{"loc":["query","page"]}]})"})
                   : std::nullopt;
    };
    const Report report = read(3);
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(user_calls() == 1U);
}

BOOST_AUTO_TEST_CASE(a_repeated_page_proves_nothing) {
    upstream.pages_ignored = true;
    for (const Shape shape : {Shape::data_pagination, Shape::items_total, Shape::data_items, Shape::has_more,
                              Shape::has_next, Shape::bare}) {
        upstream.shape = shape;
        BOOST_TEST_CONTEXT("shape " << static_cast<int>(shape)) {
            const Report report = read(250);
            BOOST_TEST(!report.users_complete);
            BOOST_TEST(says(report.messages, "paging_incomplete"));
            BOOST_TEST(sink.users.size() == 100U);
            BOOST_TEST(user_calls() <= 3U);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_array_that_is_never_paged_is_whole) {
    upstream.pages_ignored = true;
    upstream.shape = Shape::bare;
    for (const int count : {1, 9, 40, 99}) {
        const Report report = read(count);
        BOOST_TEST(report.users_complete);
        BOOST_TEST(user_calls() <= 2U);
    }
    script({rows(0, 700)}); // more than was asked for: the page size is ignored too
    BOOST_TEST(read(0).users_complete);
    BOOST_TEST(user_calls() == 1U);
}

BOOST_AUTO_TEST_CASE(cycling_pages_end_and_prove_nothing) {
    const std::string more = R"(,"has_more":true)";
    script({page(0, 100, more), page(100, 100, more), page(0, 100, more), page(100, 100, more)});
    const Report report = read(0);
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(user_calls() == 3U);
    BOOST_TEST(
        text(report.messages, "paging_incomplete").find("page 3 brought the rows of an earlier page again") !=
        std::string::npos);
    BOOST_TEST(sink.users.size() == 200U);
}

BOOST_AUTO_TEST_CASE(a_cursor_that_cycles_ends) {
    script({R"({"items":)" + rows(0, 5) + R"(,"next_cursor":"a"})",
            R"({"items":)" + rows(5, 5) + R"(,"next_cursor":"b"})",
            R"({"items":)" + rows(0, 5) + R"(,"next_cursor":"a"})"});
    const Report report = read(0);
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(user_calls() == 3U);
}

BOOST_AUTO_TEST_CASE(counts_that_disagree_prove_nothing) {
    for (const auto& [count, total] : {std::pair{3, 4}, {3, 2}, {0, 1}, {100, 1}}) {
        script(
            {page(0, count, R"(,"pagination":{"total":)" + std::to_string(total) + "}"), R"({"data":[]})"});
        const Report report = read(0);
        BOOST_TEST(!report.users_complete);
        BOOST_TEST(says(report.messages, "paging_incomplete"));
    }
}

BOOST_AUTO_TEST_CASE(an_empty_page_before_the_end_proves_nothing) {
    const std::string total = R"(,"total":300)";
    script({page(0, 100, total), page(0, 0, total), page(200, 100, total)});
    BOOST_TEST(!read(0).users_complete);
    script({page(0, 100, R"(,"has_more":true)"), page(0, 0, R"(,"has_more":true)")});
    BOOST_TEST(!read(0).users_complete);
    BOOST_TEST(user_calls() == 2U);
}

BOOST_AUTO_TEST_CASE(a_list_that_moves_while_it_is_read_proves_nothing) {
    const std::string total = R"(,"total":200)";
    script({page(0, 100, total), page(99, 100, total)}); // somebody was inserted in front
    BOOST_TEST(!read(0).users_complete);
    script(
        {page(0, 100, total), page(101, 99, R"(,"total":199)")}); // somebody was removed: one is never seen
    BOOST_TEST(!read(0).users_complete);
    script({page(0, 100, total), page(100, 100, R"(,"total":200)")});
    BOOST_TEST(read(0).users_complete);
}

BOOST_AUTO_TEST_CASE(a_row_twice_on_one_page_is_a_clumsy_join) {
    script({R"({"data":[)" + user("usr_1") + "," + user("usr_2") + "," + user("usr_2") + R"(],"total":3})"});
    const Report report = read(0);
    BOOST_TEST(report.users_complete);
    BOOST_TEST(sink.users.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_total_of_pages_computed_with_the_wrong_size_is_seen_through) {
    upstream.page_limit = 40; // 100 rows, 3 pages of 40, but the server believes in one page of 100
    upstream.fault = [&](const HttpRequest& r, int) -> Reply {
        if (!is_users(r))
            return std::nullopt;
        const int from = (std::stoi(r.query("page")) - 1) * 40;
        return HttpReply{.body = page(from, std::clamp(100 - from, 0, 40),
                                      R"(,"pagination":{"total":100,"total_pages":1,"per_page":100})")};
    };
    const Report report = read(0);
    BOOST_TEST(report.users_complete);
    BOOST_TEST(sink.users.size() == 100U);
}

BOOST_AUTO_TEST_CASE(absurd_totals_are_bounded) {
    script({page(0, 1, R"(,"total":9223372036854775807)"), R"({"data":[]})"});
    const Report report = read(0);
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(user_calls() <= 10U); // the first empty page ends it
    script({page(0, 3, R"(,"total":-5)")});
    BOOST_TEST(read(0).users_complete); // no total at all, then
    script({page(0, 3, R"(,"total":"3")")});
    BOOST_TEST(read(0).users_complete);
    script({page(0, 3, R"(,"total":"many","pagination":null,"meta":7)")});
    BOOST_TEST(read(0).users_complete);
}

BOOST_AUTO_TEST_CASE(django_style_lists_are_understood) {
    script({R"({"count":150,"next":"http://x/?page=2","previous":null,"results":)" + rows(0, 100) + "}",
            R"({"count":150,"next":null,"previous":"http://x/?page=1","results":)" + rows(100, 50) + "}"});
    BOOST_TEST(read(0).users_complete);
    BOOST_TEST(sink.users.size() == 150U);
}

BOOST_AUTO_TEST_SUITE_END()
