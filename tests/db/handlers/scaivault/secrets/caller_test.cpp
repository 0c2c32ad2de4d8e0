// A read confirms the caller it remembers in its own statement: whatever changes about him counts for his
// next request, in a process that has remembered him and in one that has not. SPDX-License-Identifier:
// Apache-2.0
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <thread>

namespace {

/// Zoe may read a/** through the group of two only; both processes have remembered her.
struct Zoe : test::Secrets {
    Zoe() : second(*this, "secrets", scaivault::secrets_api::routes()) {
        put("a/x", "canary");
        add_user("t1", "usr_zoe", "zoe@x.test");
        add_group("t1", "grp_1", "one");
        add_group("t1", "grp_2", "two");
        add_member("t1", "grp_2", "usr_zoe");
        policy = allow("t1", "group:grp_2", "a/**", {"read"});
        token = user_token("usr_zoe", "t1", "secrets:read secrets:list");
        for (int i = 0; i < 2; ++i)
            expect(200, "");
    }
    void expect(int status, const std::string& code) {
        for (test::VaultApi* api : {static_cast<test::VaultApi*>(this), &second}) {
            const auto answer = api->call_as(token, "GET", "/v1/secrets/a/x");
            BOOST_TEST(answer.status == status, answer.body);
            BOOST_TEST(answer.code() == code);
            BOOST_TEST((answer.body.find("canary") != std::string::npos) == (status == 200));
        }
    }
    test::VaultApi second;
    std::string policy, token;
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_secrets_caller)

BOOST_AUTO_TEST_CASE(lost_membership_counts_at_once) {
    Zoe api;
    api.db().sql("UPDATE scaivault.memberships SET deleted_at = now() WHERE user_id = 'usr_zoe'");
    api.expect(403, "access_denied");
    api.db().sql("UPDATE scaivault.memberships SET deleted_at = NULL WHERE user_id = 'usr_zoe'");
    api.expect(200, "");
    api.db().sql("DELETE FROM scaivault.memberships WHERE user_id = 'usr_zoe'");
    api.expect(403, "access_denied");
    api.add_member("t1", "grp_1", "usr_zoe");
    api.expect(403, "access_denied");
    api.add_member("t1", "grp_2", "usr_zoe");
    api.expect(200, "");
}

BOOST_AUTO_TEST_CASE(group_that_goes_takes_its_rights_at_once) {
    Zoe api;
    api.db().sql("UPDATE scaivault.groups SET deleted_at = now() WHERE id = 'grp_2'");
    api.expect(403, "access_denied");
    api.db().sql("UPDATE scaivault.groups SET deleted_at = NULL, name = 'back' WHERE id = 'grp_2'");
    api.expect(200, "");
    api.db().sql("DELETE FROM scaivault.groups WHERE id = 'grp_2'");
    api.expect(403, "access_denied");
    api.add_group("t1", "grp_2", "two");
    api.expect(200, "");
}

BOOST_AUTO_TEST_CASE(disabled_or_deleted_user_is_out_at_once) {
    Zoe api;
    api.db().sql("UPDATE scaivault.users SET status = 'SUSPENDED' WHERE id = 'usr_zoe'");
    api.expect(401, "token_revoked");
    api.db().sql("UPDATE scaivault.users SET status = 'ACTIVE' WHERE id = 'usr_zoe'");
    api.expect(200, "");
    api.db().sql("UPDATE scaivault.users SET deleted_at = now() WHERE id = 'usr_zoe'");
    api.expect(401, "token_revoked");
}

BOOST_AUTO_TEST_CASE(suspended_tenant_is_out_at_once) {
    Zoe api;
    api.db().sql("UPDATE scaivault.tenants SET status = 'SUSPENDED' WHERE id = 't1'");
    api.expect(403, "tenant_access_denied");
    api.db().sql("UPDATE scaivault.tenants SET status = 'ACTIVE' WHERE id = 't1'");
    api.expect(200, "");
}

BOOST_AUTO_TEST_CASE(policy_that_comes_or_goes_counts_at_once) {
    Zoe api;
    const std::string changed = "; UPDATE scaivault.policy_generations SET generation = generation + 1";
    api.db().sql("DELETE FROM scaivault.policy_bindings WHERE policy_id = '" + api.policy + "'" + changed);
    api.expect(403, "access_denied");
    api.allow("partner/p1", "user:usr_zoe", "a/**", {"read"});
    api.expect(200, "");
    api.db().sql("DELETE FROM scaivault.policy_bindings WHERE tenant_id = 'partner/p1'" + changed);
    api.expect(403, "access_denied");
    api.allow("t1", "user:usr_zoe", "a/*", {"read"});
    api.expect(200, "");
    // Another partner's policies are not his, and the former one's no longer.
    api.allow("partner/p1", "user:usr_zoe", "b/**", {"read"});
    api.put("b/y");
    const auto b = [&] { return api.call_as(api.token, "GET", "/v1/secrets/b/y").status; };
    BOOST_TEST(b() == 200);
    api.db().sql("UPDATE scaivault.tenants SET partner_id = 'p2' WHERE id = 't1'");
    BOOST_TEST(b() == 403);
}

BOOST_AUTO_TEST_CASE(admin_role_counts_at_once) {
    Zoe api;
    const auto across = [&] { return api.call_as(api.token, "GET", "/v1/t/t2/secrets/a/x").status; };
    BOOST_TEST(across() == 403);
    api.add_role("t1", "usr_zoe", "super_admin");
    BOOST_TEST(across() == 403); // no policy: values are not an administrator's
    api.allow("t2", "user:usr_zoe", "a/**", {"read"});
    BOOST_TEST(across() == 404);
    api.db().sql("DELETE FROM scaivault.admin_roles WHERE user_id = 'usr_zoe'");
    BOOST_TEST(across() == 403);
    api.expect(200, "");
}

BOOST_AUTO_TEST_CASE(refusals_and_misses_of_a_remembered_caller_are_those_of_any) {
    Zoe api;
    const auto get = [&](const std::string& path) {
        return api.call_as(api.token, "GET", "/v1/secrets/" + path);
    };
    BOOST_TEST(get("a/none").code() == "secret_not_found");
    BOOST_TEST(get("a/x?version=7").code() == "version_not_found");
    BOOST_TEST(get("a/x?version=x").code() == "invalid_request");
    BOOST_TEST(get("c").code() == "access_denied");
    BOOST_TEST(get("a//x").status == 400);
    const auto service = api.service_token("batcher", "t1", "secrets:read");
    api.allow("t1", "sa:batcher", "a/**", {"read"});
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(api.call_as(service, "GET", "/v1/secrets/a/x").status == 200);
    const auto narrow = api.service_token("batcher", "t1", "secrets:list");
    BOOST_TEST(api.call_as(narrow, "GET", "/v1/secrets/a/x").code() == "insufficient_scope");
}

BOOST_AUTO_TEST_CASE(each_request_of_a_remembered_caller_leaves_one_row_with_who_it_was) {
    Zoe api;
    const auto before = api.trail("read").size();
    api.call_as(api.token, "GET", "/v1/secrets/a/x");
    api.call_as(api.token, "GET", "/v1/secrets/c");
    const auto rows = api.trail("read");
    BOOST_REQUIRE(rows.size() == before + 2);
    BOOST_TEST(rows[before][1] == "user:zoe@x.test");
    BOOST_TEST(rows[before][3] == "t");
    BOOST_TEST(rows[before + 1][1] == "user:zoe@x.test");
    BOOST_TEST(rows[before + 1][2] == "c");
    BOOST_TEST(rows[before + 1][3] == "f");
}

BOOST_AUTO_TEST_CASE(callers_whose_reads_share_a_statement_each_get_what_is_theirs) {
    Zoe api;
    api.add_user("t1", "usr_yan", "yan@x.test");
    api.allow("t1", "user:usr_yan", "b/**", {"read"});
    api.put("a/y", "second");
    api.put("b/z", "yans");
    api.put("b/z", "yans newer");
    const auto yan = api.user_token("usr_yan", "t1", "secrets:read");
    struct Expected {
        const std::string *token, path;
        int status;
        std::string value;
    };
    const std::array<Expected, 8> expected{{{&api.token, "a/x", 200, "\"canary\""},
                                            {&api.token, "a/y", 200, "\"second\""},
                                            {&api.token, "a/none", 404, "secret_not_found"},
                                            {&api.token, "b/z", 403, "access_denied"},
                                            {&yan, "b/z", 200, "\"yans newer\""},
                                            {&yan, "b/z?version=1", 200, "\"yans\""},
                                            {&yan, "b/z?version=9", 404, "version_not_found"},
                                            {&yan, "a/x", 403, "access_denied"}}};
    const auto ask_all = [&](std::size_t from, int times) {
        int wrong = 0;
        for (int i = 0; i < times; ++i) {
            const auto& [token, path, status, value] = expected.at((from + i * 3U) % expected.size());
            const auto answer = api.call_as(*token, "GET", "/v1/secrets/" + path);
            if (answer.status != status || answer.body.find(value) == std::string::npos)
                ++wrong;
        }
        return wrong;
    };
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    callers.reserve(12);
    for (std::size_t i = 0; i < 12; ++i)
        callers.emplace_back([&, i] { wrong += ask_all(i, 60); });
    for (auto& caller : callers)
        caller.join();
    BOOST_TEST(wrong == 0);
    // One of the two loses it while the other's reads go on.
    std::thread other([&] { wrong += ask_all(0, 1) + ask_all(1, 1); });
    api.db().sql("UPDATE scaivault.users SET status = 'SUSPENDED' WHERE id = 'usr_yan'");
    BOOST_TEST(api.call_as(yan, "GET", "/v1/secrets/b/z").code() == "token_revoked");
    other.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
