// The fault table: what can go wrong upstream, through the real directory over HTTP, in both ways of reading
// users, on the first run and on a mirror in steady state. Every case proves the same four things: nothing is
// removed and nobody demoted by the fault, the counters tell what happened, and the next healthy run
// converges. SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"
#include "tests/db/lib/scaiflow/mirror/fixture.hpp"
#include "tests/support/fake_directory.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <future>

using namespace scaiflow::mirror;
using scai::test::FakeDirectory;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

/// The real directory over HTTP as a sweep's source.
class HttpSource final : public Source {
public:
    HttpSource(const std::string& base, scai::http::Client& client, const scai::Clock& clock,
               std::function<bool()> should_stop)
        : provider_(provider_settings(base), client, clock), token_(provider_, clock, ""),
          directory_(settings(base), token_, {}, std::move(should_stop)) {}
    scai::Result<scai::directory::Directory::Tenants> tenants() override { return directory_.tenants(); }
    scai::directory::Report walk(const scai::directory::Tenant& tenant,
                                 scai::directory::Sink& sink) override {
        return directory_.walk(tenant, sink);
    }

private:
    static scai::oidc::ProviderSettings provider_settings(const std::string& base) {
        scai::oidc::ProviderSettings out;
        out.base_url = base;
        out.client_id = "cid1";
        out.client_secret = "secret";
        return out;
    }
    static scai::directory::DirectorySettings settings(const std::string& base) {
        scai::directory::DirectorySettings out;
        out.base_url = base;
        out.per_page = 3; // several pages of everything
        out.parallel = 4;
        out.timeout = std::chrono::milliseconds(2000); // a busy machine must not look like a fault
        out.retries = 0;
        return out;
    }
    scai::oidc::Provider provider_;
    scai::oidc::ServiceToken token_;
    scai::directory::Directory directory_;
};

/// Ten users, two groups; grp_adm makes usr_0 and usr_1 super_admin.
struct Wire : test::SweepFixture {
    FakeDirectory upstream;
    scai::http::CurlClient client;
    bool member_walk = false, refuse_now = true;
    std::function<std::optional<HttpReply>(const HttpRequest&, int)> trouble;

    explicit Wire(bool walk_members) : member_walk(walk_members) {
        settings.super_admin_groups = {{"grp_adm"}, ""};
        upstream.tenants = {tenant_row("tnt_t1")};
        fill();
        upstream.fault = [this](const HttpRequest& request, int nth) -> std::optional<HttpReply> {
            if (trouble)
                if (auto reply = trouble(request, nth))
                    return reply;
            if (member_walk && request.path.ends_with("/effective-users"))
                return scai::test::refusal(403, "Platform token requires admin:read or admin:write scope");
            return std::nullopt;
        };
    }
    void fill() {
        upstream.users.clear();
        upstream.members.clear();
        upstream.groups = {group_row("grp_adm"), group_row("grp_all"), group_row("grp_x"),
                           group_row("grp_y")};
        for (int i = 0; i < 10; ++i) {
            const std::string id = "usr_" + std::to_string(i);
            upstream.users.push_back(user_row(id));
            upstream.members["grp_all"].push_back(user_row(id));
        }
        upstream.members["grp_adm"] = {user_row("usr_0"), user_row("usr_1")};
        upstream.members["grp_x"] = {user_row("usr_2")};
        upstream.members["grp_y"] = {user_row("usr_3")};
    }
    static std::string tenant_row(const std::string& id) {
        return R"({"id":")" + id + R"(","name":"T","slug":"t","status":"ACTIVE"})";
    }
    static std::string group_row(const std::string& id, const std::string& name = "") {
        return R"({"id":")" + id + R"(","tenant_id":"tnt_t1","name":")" + (name.empty() ? id : name) +
               R"(","status":"ACTIVE"})";
    }
    static std::string user_row(const std::string& id, const std::string& tenant = "tnt_t1") {
        return R"({"id":")" + id + R"(","tenant_id":")" + tenant + R"(","email":")" + id +
               R"(@t.test","display_name":"N )" + id + R"(","status":"ACTIVE"})";
    }
    SweepResult run() {
        upstream.asked.clear();
        Parts parts{pool, clock, settings,
                    [&](const std::string&, std::function<bool()> stop, auto) -> std::unique_ptr<Source> {
                        return std::make_unique<HttpSource>(upstream.server.url(), client, clock,
                                                            std::move(stop));
                    }};
        return scaiflow::mirror::sweep(parts, options);
    }
    /// The mirror as it must look after a healthy run.
    void check_whole() {
        BOOST_TEST(users() == "usr_0 usr_1 usr_2 usr_3 usr_4 usr_5 usr_6 usr_7 usr_8 usr_9");
        BOOST_TEST(groups() == "grp_adm grp_all grp_x grp_y");
        BOOST_TEST(value("SELECT count(*) FROM scaiflow.memberships WHERE deleted_at IS NULL") == "14");
        BOOST_TEST(admins() == "usr_0 usr_1");
    }
    std::string admins() const {
        return value(
            "SELECT coalesce(string_agg(id, ' ' ORDER BY id), '') FROM scaiflow.users WHERE admin_role = "
            "'super_admin' AND deleted_at IS NULL");
    }
    std::int64_t count(const char* table) const {
        return std::stoll(
            value(std::string("SELECT count(*) FROM scaiflow.") + table + " WHERE deleted_at IS NULL"));
    }
};

/// The page `n` of what path ends with `tail`.
bool is_page(const HttpRequest& request, const char* tail, const char* page) {
    return request.path.ends_with(tail) && request.query("page") == page;
}

struct Trouble {
    const char* name;
    std::function<std::optional<HttpReply>(const HttpRequest&, int)> of_users, of_groups, of_members;
};

std::vector<Trouble> troubles() {
    const auto on = [](const char* tail, const char* page, HttpReply reply) {
        return [=](const HttpRequest& request, int) -> std::optional<HttpReply> {
            if (is_page(request, tail, page))
                return reply;
            return std::nullopt;
        };
    };
    const auto everywhere = [&](const char* name, const char* page, const HttpReply& reply) {
        return Trouble{name, on("/effective-users", page, reply), on("/admin/groups/", page, reply),
                       on("/grp_all/members", page, reply)};
    };
    HttpReply slow{.body = R"({"data":[]})"};
    slow.delay = std::chrono::milliseconds(5000);
    HttpReply limited = scai::test::refusal(429, "slow down");
    limited.headers = {{"Retry-After", "1"}};
    // The first page again in place of the second; with totals it is a contradiction, which must be noticed.
    return {
        everywhere("403 half way", "2", scai::test::refusal(403, "no")),
        everywhere("429", "2", limited),
        everywhere("timeout", "2", slow),
        everywhere("reset", "2", {.fault = Fault::reset}),
        everywhere("truncated JSON", "2", {.body = R"({"data":[{"id":"usr_0")"}),
        everywhere("cut connection", "2", {.body = R"({"data":[]})", .fault = Fault::truncate}),
        everywhere("empty page", "2", {.body = R"({"data":[],"pagination":{"total":10,"total_pages":4}})"}),
        everywhere("server error", "2", scai::test::refusal(500, "oops"))};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_faults)

// 8 troubles x {users, groups, members} x {effective_users, member_walk} x {first run, steady}.
BOOST_AUTO_TEST_CASE(broken_pages_remove_nothing_and_the_next_run_converges) {
    for (const bool member_walk : {false, true}) {
        Wire wire(member_walk);
        for (const bool steady : {false, true}) {
            for (const auto& trouble : troubles()) {
                const std::pair<const char*, decltype(trouble.of_users)> places[] = {
                    {"users", trouble.of_users},
                    {"groups", trouble.of_groups},
                    {"members", trouble.of_members}};
                for (const auto& [place, fault] : places) {
                    if (member_walk && std::string_view(place) == "users")
                        continue; // never asked for page 2
                    BOOST_TEST_CONTEXT(trouble.name << " of " << place << (member_walk ? ", member walk" : "")
                                                    << (steady ? ", steady" : ", first run")) {
                        if (!steady)
                            wire.database.sql(
                                "TRUNCATE scaiflow.users, scaiflow.groups, scaiflow.memberships, "
                                "scaiflow.role_grants, scaiflow.tenants");
                        wire.trouble = nullptr;
                        if (steady)
                            wire.run();
                        const auto users = wire.count("users"), groups = wire.count("groups"),
                                   memberships = wire.count("memberships");
                        wire.trouble = fault;
                        const auto broken = wire.run();
                        BOOST_TEST((broken.partial || broken.exit_code != 0));
                        BOOST_TEST(broken.counters.users_soft_deleted == 0);
                        BOOST_TEST(broken.counters.groups_soft_deleted == 0);
                        BOOST_TEST(broken.counters.memberships_soft_deleted == 0);
                        BOOST_TEST(broken.super_admins_group_demoted == 0);
                        BOOST_TEST(wire.count("users") == users + broken.counters.users_added);
                        BOOST_TEST(wire.count("groups") == groups + broken.counters.groups_added);
                        BOOST_TEST(wire.count("memberships") ==
                                   memberships + broken.counters.memberships_added);
                        if (steady) {
                            wire.check_whole();
                            BOOST_TEST(broken.counters.users_added + broken.counters.memberships_added == 0);
                        }
                        wire.trouble = nullptr;
                        const auto healthy = wire.run();
                        BOOST_TEST(healthy.outcome == "done");
                        wire.check_whole();
                    }
                }
            }
        }
    }
}

BOOST_DATA_TEST_CASE(empty_answers_are_stopped, boost::unit_test::data::make({false, true}), member_walk) {
    Wire wire(member_walk);
    wire.upstream.users.clear();
    wire.upstream.groups.clear();
    wire.upstream.members.clear();
    const auto first = wire.run();
    BOOST_TEST(first.counters.users_added == 0);
    wire.fill();
    wire.run();
    wire.check_whole();
    wire.upstream.users.clear();
    wire.upstream.groups.clear();
    wire.upstream.members.clear();
    const auto empty = wire.run();
    BOOST_TEST(empty.exit_code == scai::job::exit_breaker);
    BOOST_TEST(empty.breaker->kind == "empty_upstream");
    wire.check_whole();
    wire.fill();
    BOOST_TEST(wire.run().outcome == "done");
    wire.check_whole();
}

BOOST_DATA_TEST_CASE(repeated_and_cycling_pages_prove_nothing, boost::unit_test::data::make({false, true}),
                     member_walk) {
    using scai::test::Shape;
    for (const auto shape : {Shape::data_pagination, Shape::bare, Shape::has_more, Shape::cursor}) {
        Wire wire(member_walk);
        wire.run();
        wire.check_whole();
        wire.upstream.shape = shape;
        wire.upstream.pages_ignored = true;
        const auto result = wire.run();
        BOOST_TEST((result.partial || result.exit_code != 0));
        wire.check_whole();
        wire.upstream.pages_ignored = false;
        wire.upstream.shape = Shape::data_pagination;
        BOOST_TEST(wire.run().outcome == "done");
        wire.check_whole();
    }
}

BOOST_DATA_TEST_CASE(duplicates_and_renames_keep_ids,
                     boost::unit_test::data::make({false, true}) *
                         boost::unit_test::data::make({false, true}),
                     member_walk, steady) {
    Wire wire(member_walk);
    if (steady)
        wire.run();
    wire.upstream.users.push_back(Wire::user_row("usr_4"));
    wire.upstream.members["grp_x"].push_back(Wire::user_row("usr_2"));
    wire.run();
    // A listing that shows a row twice has not been read in one piece: everything is there, nothing is
    // proven.
    wire.check_whole();
    wire.fill();
    BOOST_TEST(wire.run().outcome == "done");
    wire.check_whole();
    wire.upstream.groups[2] = Wire::group_row("grp_x", "Renamed");
    const auto renamed = wire.run();
    BOOST_TEST(renamed.counters.groups_updated == 1);
    BOOST_TEST(renamed.counters.groups_added + renamed.counters.groups_soft_deleted == 0);
    wire.check_whole();
}

BOOST_DATA_TEST_CASE(user_moved_between_tenants_is_one_user_and_keeps_a_manual_grant,
                     boost::unit_test::data::make({false, true}), member_walk) {
    Wire wire(member_walk);
    wire.upstream.tenants.push_back(R"({"id":"tnt_t2","name":"U","slug":"u","status":"ACTIVE"})");
    wire.upstream.groups.push_back(R"({"id":"grp_z","tenant_id":"tnt_t2","name":"grp_z","status":"ACTIVE"})");
    std::vector<std::string> second{Wire::user_row("usr_z", "tnt_t2")};
    wire.upstream.members["grp_z"] = second;
    wire.trouble = [&upstream = wire.upstream, &second, member_walk](const HttpRequest& request,
                                                                     int) -> std::optional<HttpReply> {
        if (!member_walk && request.path.find("/tnt_t2/") != std::string::npos &&
            request.path.ends_with("/effective-users"))
            return upstream.list(request, second);
        return std::nullopt;
    };
    wire.run();
    wire.database.sql(
        "INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by) VALUES "
        "('tnt_t1', 'usr_9', 'super_admin', 'manual', 'cli:root'), "
        "('tnt_t1', 'usr_9', 'tenant_admin', 'manual', 'cli:root'); "
        "UPDATE scaiflow.users SET admin_role = 'super_admin', admin_role_source = 'manual' "
        "WHERE id = 'usr_9'");
    wire.upstream.users.pop_back();
    wire.upstream.members["grp_all"].pop_back();
    second.push_back(Wire::user_row("usr_9", "tnt_t2"));
    wire.upstream.members["grp_z"] = second;
    const auto moved = wire.run();
    BOOST_TEST(moved.outcome == "done");
    BOOST_TEST(moved.counters.users_soft_deleted == 1);
    BOOST_TEST(moved.counters.users_added == 1);
    BOOST_TEST(
        wire.value("SELECT string_agg(tenant_id || '/' || admin_role, ' ') FROM scaiflow.users WHERE id = "
                   "'usr_9' AND deleted_at IS NULL") == "tnt_t2/super_admin");
    BOOST_TEST(wire.value("SELECT count(*) FROM scaiflow.role_grants WHERE tenant_id = 'tnt_t2' AND role = "
                          "'tenant_admin'") == "0");
    BOOST_TEST(wire.admins() == "usr_0 usr_1 usr_9");
}

BOOST_DATA_TEST_CASE(group_deleted_during_the_walk_is_kept_until_the_list_says_so,
                     boost::unit_test::data::make({false, true}), member_walk) {
    Wire wire(member_walk);
    wire.run();
    wire.upstream.members.erase("grp_adm"); // listed, but its members are 404 by now
    const auto during = wire.run();
    BOOST_TEST(during.partial);
    BOOST_TEST(during.counters.memberships_soft_deleted == 0);
    wire.check_whole();
    wire.upstream.groups.erase(wire.upstream.groups.begin());
    const auto after = wire.run();
    BOOST_TEST(after.counters.groups_soft_deleted == 1);
    BOOST_TEST(after.counters.memberships_soft_deleted == 2);
    BOOST_TEST(after.super_admins_group_demoted == 1); // the last one is kept
    BOOST_TEST(wire.admins() == "usr_0");
}

BOOST_DATA_TEST_CASE(clock_set_back_removes_nothing_wrongly, boost::unit_test::data::make({false, true}),
                     member_walk) {
    Wire wire(member_walk);
    wire.run();
    // As seen after the clock went back an hour: everything known lies in the future.
    wire.database.sql(
        "UPDATE scaiflow.sync_runs SET started_at = started_at + interval '1 hour', finished_at = "
        "finished_at + interval '1 hour'; UPDATE scaiflow.users SET upstream_at = now() + interval '1 "
        "hour'; UPDATE scaiflow.groups SET upstream_at = now() + interval '1 hour'");
    wire.options.if_due = true; // the last run began in the future: that must not put the next one off
    const auto result = wire.run();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(result.counters.users_soft_deleted + result.counters.memberships_soft_deleted == 0);
    wire.check_whole();
}

BOOST_DATA_TEST_CASE(database_restart_in_the_middle_changes_nothing_half,
                     boost::unit_test::data::make({false, true}) *
                         boost::unit_test::data::make({false, true}),
                     crash, member_walk) {
    Wire wire(member_walk);
    wire.run();
    wire.check_whole();
    wire.upstream.users.erase(wire.upstream.users.begin() + 9);
    if (member_walk) // there only the groups tell that somebody is gone
        wire.upstream.members["grp_all"].erase(wire.upstream.members["grp_all"].begin() + 9);
    bool done = false;
    std::promise<void> restarted;
    wire.trouble = [&](const HttpRequest& request, int) -> std::optional<HttpReply> {
        if (!done && is_page(request, "/grp_all/members", "3")) {
            done = true;
            test::postgres().restart(crash);
            restarted.set_value();
        }
        return std::nullopt;
    };
    // Whether the run survives it depends on where the restart falls; what must hold does not.
    std::int64_t removed = 0;
    try {
        removed = wire.run().counters.users_soft_deleted;
    } catch (const scai::db::Error& error) {
        BOOST_TEST(error.connection_lost());
    }
    // The run may be over before the server, which is restarted by another thread, is up again.
    BOOST_REQUIRE((restarted.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready));
    BOOST_TEST(wire.count("users") == 10 - removed);
    BOOST_TEST(wire.count("memberships") == (member_walk ? 14 - removed : 14));
    BOOST_TEST(wire.admins() == "usr_0 usr_1");
    wire.trouble = nullptr;
    const auto healthy = wire.run();
    BOOST_TEST(healthy.outcome == "done");
    BOOST_TEST(removed + healthy.counters.users_soft_deleted == 1);
    BOOST_TEST(wire.users() == "usr_0 usr_1 usr_2 usr_3 usr_4 usr_5 usr_6 usr_7 usr_8");
    BOOST_TEST(wire.value("SELECT count(*) FROM scaiflow.sync_runs WHERE finished_at IS NULL") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
