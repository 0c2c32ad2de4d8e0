// One case per trap of contract scaikey.md 10, 12, 13 and seed 000: what is reported, and with how many
// calls. SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/directory/fixture.hpp"

#include <atomic>
#include <memory>

using namespace std::chrono_literals;
using namespace scai::directory;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::refusal;
using scai::test::Shape;
using Reply = std::optional<HttpReply>;

constexpr const char* admin_scope = "Platform token requires admin:read or admin:write scope";

BOOST_FIXTURE_TEST_SUITE(lib_scaiflow_directory_walk, scai::directory::test::Fixture)

BOOST_AUTO_TEST_CASE(a_healthy_tenant_is_read_and_proven) {
    fill(250, 7, 3);
    const Report report = walk();
    BOOST_TEST(report.users_method == "effective_users");
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(report.unknown_groups.empty());
    BOOST_TEST(!report.failed);
    BOOST_TEST(report.messages.empty());
    BOOST_TEST(report.users_rows == 250U);
    BOOST_TEST(report.groups_rows == 7U);
    BOOST_TEST(report.members_rows == 21U);
    BOOST_TEST(report.pages == 3U + 1U + 7U);
    BOOST_TEST(report.calls == 3U + 1U + 7U);
    BOOST_TEST(upstream.repeated().empty());
    BOOST_TEST(sink.users.size() == 250U);
    BOOST_TEST(sink.members.contains("grp_1000 usr_1002"));
    const User& bo = sink.users.at("usr_1000");
    BOOST_TEST(bo.email == "usr_1000@acme.test");
    BOOST_TEST(bo.display_name == "Bo Berg");
    BOOST_TEST(bo.status == "ACTIVE");
    BOOST_TEST(scai::to_iso8601(bo.upstream_at.value()) == "2026-05-01T09:00:00Z");
    BOOST_TEST(sink.groups.at("grp_1000").name == "Name of grp_1000");
    BOOST_TEST(std::any_of(progress.begin(), progress.end(), [](const Progress& p) {
        return p.phase == "users" && p.done == 250 && p.total == 250;
    }));
    BOOST_TEST(std::any_of(progress.begin(), progress.end(), [](const Progress& p) {
        return p.phase == "members" && p.done == 7 && p.total == 7;
    }));
}

BOOST_AUTO_TEST_CASE(pages_and_groups_are_read_in_parallel) {
    fill(900, 30, 1);
    upstream.delay = 5ms;
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(upstream.server.most_at_once() >= 3U);
    BOOST_TEST(upstream.server.most_at_once() <= 4U);
    BOOST_TEST(upstream.server.connections() <= 6U); // kept: parallel of the fleet, and the token's
    BOOST_TEST(report.calls == 9U + 1U + 30U);
}

BOOST_AUTO_TEST_CASE(without_admin_scope_members_are_walked) {
    fill(3, 2, 2);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_users(r) ? Reply(refusal(403, admin_scope)) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_method == "member_walk");
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(!report.failed);
    BOOST_TEST(text(report.messages, "admin_scope_missing").find(admin_scope) != std::string::npos);
    BOOST_TEST(text(report.messages, "admin_scope_missing").find("scaikey-register") != std::string::npos);
    BOOST_TEST(says(report.messages, "member_walk"));
    BOOST_TEST(sink.users.size() == 3U);
    BOOST_TEST(sink.users.at("usr_1000").email == "usr_1000@acme.test");
    BOOST_TEST(report.users_rows == 4U); // rows may repeat
    BOOST_TEST(report.calls == 1U + 1U + 2U);
}

BOOST_AUTO_TEST_CASE(an_application_that_is_not_assigned_is_told) {
    fill(3, 1, 2);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_users(r) ? Reply(refusal(404, "Application not found")) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_method == "member_walk");
    BOOST_TEST(says(report.messages, "application_not_assigned"));
    BOOST_TEST(text(report.messages, "application_not_assigned").find("\"me\"") != std::string::npos);
    BOOST_TEST(!report.failed);
}

BOOST_AUTO_TEST_CASE(member_rows_without_fields_leave_them_empty) {
    upstream.groups = {group("grp_ops")};
    upstream.members["grp_ops"] = {R"({"user_id":"usr_bo1"})",
                                   R"({"user":{"id":"usr_al2","email":"al@acme.test"}})"};
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_users(r) ? Reply(refusal(403, admin_scope)) : std::nullopt;
    };
    walk();
    BOOST_TEST(sink.users.at("usr_bo1").email == "");
    BOOST_TEST(sink.users.at("usr_bo1").status == "");
    BOOST_TEST(sink.users.at("usr_al2").email == "al@acme.test");
}

BOOST_AUTO_TEST_CASE(users_of_member_rows_do_not_count_with_effective_users) {
    fill(1, 1, 1);
    upstream.members["grp_1000"].push_back(member("usr_unassigned"));
    walk();
    BOOST_TEST(!sink.users.contains("usr_unassigned"));
    BOOST_TEST(sink.members.contains("grp_1000 usr_unassigned"));
}

BOOST_AUTO_TEST_CASE(missing_groups_read_is_told) {
    fill(3, 2, 2);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_groups(r) ? Reply(refusal(403, "scope groups:read required")) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(!report.groups_complete);
    BOOST_TEST(!report.failed);
    BOOST_TEST(text(report.messages, "groups_read_missing").find("scope groups:read required") !=
               std::string::npos);
    BOOST_TEST(text(report.messages, "groups_read_missing").find("Add groups:read") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_readable_at_all_is_a_failure) {
    fill(3, 2, 2);
    upstream.fault = [](const HttpRequest&, int) -> Reply { return refusal(403, admin_scope); };
    const Report report = walk();
    BOOST_REQUIRE(report.failed);
    BOOST_TEST((report.failed->kind == scai::ErrorKind::upstream));
    BOOST_TEST(report.failed->message.find(admin_scope) != std::string::npos);
    BOOST_TEST(says(report.messages, "admin_scope_missing"));
    BOOST_TEST(says(report.messages, "groups_read_missing"));
}

BOOST_AUTO_TEST_CASE(an_upstream_that_is_down_is_a_failure) {
    for (const auto& reply :
         {HttpReply{.status = 503}, HttpReply{.fault = Fault::reset}, HttpReply{.delay = 2s}}) {
        upstream.fault = [reply](const HttpRequest&, int) -> Reply { return reply; };
        const Report report = walk();
        BOOST_REQUIRE(report.failed);
        BOOST_TEST((report.failed->kind == scai::ErrorKind::upstream));
        BOOST_TEST(report.failed->code == "scaikey_unavailable");
        BOOST_TEST(!report.users_complete);
        BOOST_TEST(!report.groups_complete);
    }
}

BOOST_AUTO_TEST_CASE(an_empty_tenant_is_complete_and_explained) {
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(says(report.messages, "empty_upstream"));
    BOOST_TEST(text(report.messages, "no_groups").find("groups:read") != std::string::npos);
    BOOST_TEST(text(report.messages, "no_groups").find("paging") != std::string::npos);
    BOOST_TEST(report.calls == 2U);
}

BOOST_AUTO_TEST_CASE(a_403_half_way_proves_nothing) {
    fill(250, 150, 0);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return !is_members(r) && r.query("page") == "2" ? Reply(refusal(403, "no more")) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_method ==
               "effective_users"); // the fast path was open: no silent change of method
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(!report.groups_complete);
    BOOST_TEST(!report.failed);
    BOOST_TEST(text(report.messages, "upstream_unavailable").find("page 2 did not come: 403 \"no more\"") !=
               std::string::npos);
    BOOST_TEST(sink.users.size() >= 100U);
}

BOOST_AUTO_TEST_CASE(each_fault_on_a_later_page_proves_nothing) {
    fill(250, 0, 0);
    for (const auto& reply :
         {HttpReply{.status = 500}, HttpReply{.status = 429}, HttpReply{.fault = Fault::reset},
          HttpReply{.body = R"({"data":[],"x":"y"})", .fault = Fault::truncate},
          HttpReply{.body = R"({"data":[{"id":)"}, HttpReply{.body = "<html>"},
          HttpReply{.body = R"({"rows":[]})"}, HttpReply{.delay = 2s}}) {
        upstream.fault = [reply](const HttpRequest& r, int) -> Reply {
            return is_users(r) && r.query("page") == "3" ? Reply(reply) : std::nullopt;
        };
        const Report report = walk();
        BOOST_TEST(!report.users_complete);
        BOOST_TEST(says(report.messages, "upstream_unavailable"));
        BOOST_TEST(report.users_rows <= 200U);
    }
}

BOOST_AUTO_TEST_CASE(a_page_cut_off_once_is_read_again) {
    fill(3, 0, 0);
    upstream.fault = [](const HttpRequest& r, int nth) -> Reply {
        return is_users(r) && nth == 1 ? Reply(HttpReply{.body = R"({"data":[{"id":"usr_)"}) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.users_rows == 3U);
    BOOST_TEST(report.calls == 3U);
}

BOOST_AUTO_TEST_CASE(too_many_requests_are_waited_out) {
    fill(250, 3, 1);
    settings.retries = 3;
    upstream.fault = [](const HttpRequest& r, int nth) -> Reply {
        if (nth > 1 || r.query("page") == "1")
            return std::nullopt;
        return HttpReply{.status = 429, .headers = {{"Retry-After", "0"}}};
    };
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.messages.empty());
    BOOST_TEST(report.users_rows == 250U); // no page twice into the sink
}

BOOST_AUTO_TEST_CASE(a_token_that_dies_on_the_way_is_renewed_once) {
    fill(500, 10, 1);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return r.header("Authorization") == "Bearer token-1" && r.query("page") != "1"
                   ? Reply(refusal(401, "expired"))
                   : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.unknown_groups.empty());
    BOOST_TEST(upstream.tokens == 2);
}

BOOST_AUTO_TEST_CASE(a_token_that_is_never_accepted_is_a_failure) {
    fill(3, 2, 1);
    upstream.fault = [](const HttpRequest&, int) -> Reply { return refusal(401, "bad token"); };
    const Report report = walk();
    BOOST_REQUIRE(report.failed);
    BOOST_TEST(report.failed->message.find("401 \"bad token\"") != std::string::npos);
    BOOST_TEST(report.calls == 4U);
}

BOOST_AUTO_TEST_CASE(a_tenant_nobody_knows_is_asked_about_by_its_id) {
    upstream.fault = [](const HttpRequest&, int) -> Reply { return refusal(404, "Tenant not found"); };
    const Report report = walk();
    BOOST_REQUIRE(report.failed);
    BOOST_TEST(sentence(*report.failed).find("Is that the tenant's id") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refused_token_request_is_a_failure) {
    upstream.server.handler([](const HttpRequest& r) {
        if (r.path.ends_with("/token"))
            return HttpReply{.status = 401, .body = R"({"error":"invalid_client"})"};
        return HttpReply{.status = 404};
    });
    const Report report = walk();
    BOOST_REQUIRE(report.failed);
    BOOST_TEST(report.failed->code == "invalid_client");
    BOOST_TEST(report.calls == 0U);
}

BOOST_AUTO_TEST_CASE(a_group_deleted_during_the_walk_is_unknown_not_empty) {
    fill(3, 3, 2);
    upstream.members.erase("grp_1002");
    const Report report = walk();
    BOOST_TEST(report.unknown_groups == std::set<std::string>{"grp_1002"}, boost::test_tools::per_element());
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(text(report.messages, "group_unknown").find("grp_1002") != std::string::npos);
    BOOST_TEST(text(report.messages, "group_unknown").find("1 of 3") != std::string::npos);
    BOOST_TEST(report.calls == 2U + 3U); // the path is known by then: no second try
}

BOOST_AUTO_TEST_CASE(a_group_whose_members_fail_is_unknown) {
    fill(300, 3, 0);
    for (int i = 0; i < 250; ++i)
        upstream.members["grp_1001"].push_back(member(id("usr_", i)));
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_members(r) && r.query("page") == "2" ? Reply(HttpReply{.status = 500}) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.unknown_groups == std::set<std::string>{"grp_1001"}, boost::test_tools::per_element());
    BOOST_TEST(report.users_complete);
}

BOOST_AUTO_TEST_CASE(forbidden_members_are_unknown_and_explained) {
    fill(3, 3, 1);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_members(r) ? Reply(refusal(403, "no")) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(report.unknown_groups.size() == 3U);
    BOOST_TEST(says(report.messages, "groups_read_missing"));
    BOOST_TEST(report.calls == 2U + 3U);
}

BOOST_AUTO_TEST_CASE(the_other_members_path_is_tried_for_the_first_group_only) {
    fill(3, 4, 1);
    upstream.tenant_member_path = true;
    Report report = walk();
    BOOST_TEST(report.unknown_groups.empty());
    BOOST_TEST(report.members_rows == 4U);
    BOOST_TEST(report.calls == 2U + 4U + 1U);
    auto one = directory(); // and it is remembered for the next tenant
    (void)one.walk({"tnt_t1", "", "", ""}, sink);
    report = one.walk({"tnt_t1", "", "", ""}, sink);
    BOOST_TEST(report.calls == 2U + 4U);
}

BOOST_AUTO_TEST_CASE(members_under_no_path_are_not_asked_for_ever) {
    fill(3, 10, 1);
    upstream.members.clear();
    const Report report = walk();
    BOOST_TEST(report.unknown_groups.size() == 10U);
    BOOST_TEST(report.calls == 2U + 10U + 3U);
}

BOOST_AUTO_TEST_CASE(nested_groups_are_members_and_hidden_ones_are_walked) {
    upstream.groups = {group("grp_a"), group("grp_b")};
    upstream.members["grp_a"] = {member("usr_1"), nested("grp_b"), nested("grp_hidden")};
    upstream.members["grp_b"] = {nested("grp_a")}; // a cycle
    upstream.members["grp_hidden"] = {member("usr_2"), nested("grp_hidden"), nested("grp_gone"),
                                      nested("grp_a")};
    const Report report = walk();
    const std::set<std::string> expected{
        "grp_a usr_1",      "grp_a > grp_b",           "grp_a > grp_hidden",    "grp_b > grp_a",
        "grp_hidden usr_2", "grp_hidden > grp_hidden", "grp_hidden > grp_gone", "grp_hidden > grp_a"};
    BOOST_TEST(sink.members == expected, boost::test_tools::per_element());
    BOOST_TEST(report.unknown_groups.empty()); // grp_gone: not listed and 404, so it is gone
    BOOST_TEST(report.calls == 2U + 4U);
}

BOOST_AUTO_TEST_CASE(endless_nesting_ends) {
    upstream.groups = {group("grp_0")};
    for (int i = 0; i < 40; ++i)
        upstream.members["grp_" + std::to_string(i)] = {nested("grp_" + std::to_string(i + 1))};
    const Report report = walk();
    BOOST_TEST(says(report.messages, "nested_too_deep"));
    BOOST_TEST(report.unknown_groups == std::set<std::string>{"grp_21"}, boost::test_tools::per_element());
    BOOST_TEST(report.calls == 2U + 21U);
}

BOOST_AUTO_TEST_CASE(groups_of_other_tenants_are_left_out) {
    upstream.groups = {group("grp_a"), group("grp_x", "tnt_t2"),
                       R"({"id":"grp_n","name":"No tenant named"})"};
    upstream.members["grp_a"] = upstream.members["grp_n"] = {};
    const std::string all = upstream.list({}, upstream.groups).body;
    upstream.fault = [&](const HttpRequest& r, int) -> Reply { // the filter is ignored
        return is_groups(r) ? Reply(HttpReply{.body = all}) : std::nullopt;
    };
    const Report report = walk();
    BOOST_TEST(sink.groups.size() == 2U);
    BOOST_TEST(!sink.groups.contains("grp_x"));
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(upstream.server.count("/api/v1/admin/groups/grp_x") == 0U);
}

BOOST_AUTO_TEST_CASE(deleted_rows_count_but_do_not_arrive) {
    upstream.users = {user("usr_1"), R"({"id":"usr_2","deleted_at":"2026-01-01T00:00:00Z"})",
                      R"({"id":"usr_3","status":"DELETED"})", R"({"id":"usr_4","deleted_at":null})"};
    const Report report = walk();
    BOOST_TEST(report.users_complete);
    BOOST_TEST(sink.users.size() == 2U);
    BOOST_TEST(report.users_rows == 2U);
}

BOOST_AUTO_TEST_CASE(rows_without_id_prove_nothing) {
    upstream.users = {user("usr_1"), R"({"email":"who@acme.test"})", "7", R"({"id":"a\u0000b"})"};
    const Report report = walk();
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(sink.users.size() == 1U);
    BOOST_TEST(text(report.messages, "paging_incomplete").find("3 rows have no usable id") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redirect_to_the_other_slash_is_learnt) {
    fill(3, 5, 1);
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        if (!is_members(r))
            return std::nullopt;
        const auto mark = r.target.find('?');
        return HttpReply{.status = 307, .headers = {{"Location", r.path + "/" + r.target.substr(mark)}}};
    };
    upstream.server.handler([this](const HttpRequest& r) {
        HttpRequest bare = r;
        if (r.path.ends_with("/members/")) {
            bare.path.pop_back();
            return upstream.list(bare, upstream.members.at(scai::test::HttpRequest(bare).path.substr(21, 8)));
        }
        return upstream.answer(r);
    });
    const Report report = walk();
    BOOST_TEST(report.unknown_groups.empty());
    BOOST_TEST(report.members_rows == 5U);
    BOOST_TEST(report.calls == 2U + 5U + 1U);
    for (const auto& request : upstream.server.requests())
        if (request.path.ends_with("/members/"))
            BOOST_TEST(request.header("Authorization") == "Bearer token-1");
}

BOOST_AUTO_TEST_CASE(a_walk_that_must_stop_stops) {
    fill(900, 50, 1);
    // Calls in flight when the walk stops come in after this case has ended.
    upstream.fault = [this, pages = std::make_shared<std::atomic<int>>(0)](const HttpRequest&, int) -> Reply {
        stop = ++*pages > 3;
        return std::nullopt;
    };
    const Report report = walk();
    BOOST_REQUIRE(report.failed);
    BOOST_TEST(report.failed->code == "stopped");
    BOOST_TEST(!report.users_complete);
    BOOST_TEST(!report.groups_complete);
    BOOST_TEST(upstream.calls() < 20U);
}

BOOST_AUTO_TEST_CASE(what_the_sink_throws_ends_the_walk_and_the_next_one_is_clean) {
    fill(500, 5, 1);
    struct Broken final : Sink {
        void user(const User&) override { throw std::runtime_error("database gone"); }
        void group(const Group&) override {}
        void member(const Member&) override {}
    } broken;
    auto one = directory();
    BOOST_CHECK_THROW((void)one.walk({"tnt_t1", "", "", ""}, broken), std::runtime_error);
    const Report report = one.walk({"tnt_t1", "", "", ""}, sink);
    BOOST_TEST(report.users_complete);
    BOOST_TEST(report.users_rows == 500U);
}

BOOST_AUTO_TEST_SUITE_END()
