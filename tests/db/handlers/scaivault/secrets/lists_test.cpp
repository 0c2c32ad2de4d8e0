// Batches and lists. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

using test::joined;
using test::Secrets;

namespace {

constexpr auto batch = "/v1/secrets/batch";
constexpr auto batch_metadata = "/v1/secrets/batch/metadata";

/// Every path of a list, page by page.
std::string walked(Secrets& api, const std::string& token, const std::string& query, int* pages = nullptr) {
    std::string out, cursor;
    do {
        const auto page =
            api.call_as(token, "GET", "/v1/secrets?" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE_MESSAGE(page.status == 200, page.body);
        const auto paths = joined(page.json.get("secrets"), "path");
        BOOST_TEST(joined(page.json.get("data"), "path") == paths);
        out += (out.empty() || paths.empty() ? "" : " ") + paths;
        BOOST_TEST(page.json.get("has_more").boolean().value_or(false) ==
                   page.json.get("cursor").text().has_value());
        cursor = page.json.member("cursor");
        if (pages != nullptr)
            ++*pages;
    } while (!cursor.empty());
    return out;
}

/// Rows without values, as many as are wanted.
void fill(const Secrets& api, const std::string& prefix, int count) {
    api.db().sql(
        "INSERT INTO scaivault.secrets (tenant_id, path, secret_id, version, created_by, updated_by) "
        "SELECT 't1', '" +
        prefix + "' || lpad(i::text, 6, '0'), 'sec_" + prefix +
        "' || i, 1, 'x', 'x' "
        "FROM generate_series(1, " +
        std::to_string(count) + ") AS i");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_secrets_lists)

BOOST_AUTO_TEST_CASE(batch_gives_what_it_can_and_says_the_rest) {
    Secrets api;
    api.put("a", "one", R"(,"metadata":{"owner":"o"})");
    api.put("b", "two");
    api.allow("t1", "user:usr_less", "a", {"read"});
    api.add_user("t1", "usr_less", "less@x.test");
    const auto answer = api.call_as(api.user_token("usr_less", "t1", "secrets:read"), "POST", batch,
                                    R"({"paths":["a","b","A"],"options":{"include_metadata":true}})");
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    const auto secrets = answer.json.get("secrets");
    BOOST_TEST(secrets.size() == 1);
    BOOST_TEST(secrets.get("a").get("data").member("k") == "one");
    BOOST_TEST(secrets.get("a").get("metadata").member("owner") == "o");
    BOOST_TEST(secrets.get("a").get("version").integer().value_or(0) == 1);
    const auto errors = answer.json.get("errors");
    BOOST_TEST(errors.get("b").member("code") == "access_denied");
    BOOST_TEST(errors.get("A").member("code") == "invalid_path");
    const auto trail = api.db().rows("SELECT secret_path, success, extra_data->>'batch' FROM "
                                     "scaivault.audit_log WHERE action = 'read' ORDER BY secret_path");
    BOOST_REQUIRE(trail.size() == 3); // a row a path, none for the request besides
    BOOST_TEST(trail[1][0] == "a");
    BOOST_TEST(trail[1][1] == "t");
    BOOST_TEST(trail[2][0] == "b");
    BOOST_TEST(trail[2][1] == "f");
    BOOST_TEST(trail[2][2] == "true");
}

BOOST_AUTO_TEST_CASE(whoever_may_not_read_does_not_learn_what_is_there) {
    Secrets api;
    api.put("a");
    api.add_user("t1", "usr_none", "none@x.test");
    const auto token = api.user_token("usr_none", "t1", test::every_scope);
    for (const auto* path : {"a", "missing"}) {
        const std::string target = "/v1/secrets/" + std::string(path);
        BOOST_TEST(api.call_as(token, "GET", target).code() == "access_denied", path);
        BOOST_TEST(api.call_as(token, "GET", target + "/metadata").code() == "access_denied", path);
        BOOST_TEST(api.call_as(token, "DELETE", target).code() == "access_denied", path);
        BOOST_TEST(api.call_as(token, "PUT", target, R"({"data":{}})").code() == "access_denied", path);
        BOOST_TEST(api.call_as(token, "POST", target + "/restore").code() == "access_denied", path);
    }
    const auto answer = api.call_as(token, "POST", batch, R"({"paths":["a","missing"]})");
    BOOST_TEST(answer.json.get("errors").get("a").member("code") ==
               answer.json.get("errors").get("missing").member("code"));
    BOOST_TEST(walked(api, token, "limit=10").empty());
}

BOOST_AUTO_TEST_CASE(batch_fails_fast_when_asked_to) {
    Secrets api;
    api.put("a");
    const auto answer = api.as("t1", "POST", batch, R"({"paths":["a","b"],"options":{"fail_fast":true}})");
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(answer.code() == "secret_not_found");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.audit_log WHERE action = 'read' AND success") ==
               "0");
    BOOST_TEST(api.as("t1", "POST", batch, R"({"paths":["a","B"],"options":{"fail_fast":true}})").code() ==
               "invalid_path");
}

BOOST_AUTO_TEST_CASE(batch_of_a_version) {
    Secrets api;
    api.put("a", "one");
    api.put("a", "two");
    api.put("b", "one");
    const auto answer = api.as("t1", "POST", batch, R"({"paths":["a","b"],"options":{"version":2}})");
    BOOST_TEST(answer.json.get("secrets").get("a").get("data").member("k") == "two");
    BOOST_TEST(answer.json.get("errors").get("b").member("code") == "version_not_found");
}

BOOST_AUTO_TEST_CASE(batch_stays_within_what_an_answer_can_hold) {
    Secrets api;
    std::string paths;
    for (int i = 0; i < 18; ++i) {
        const auto path = "p" + std::to_string(i);
        BOOST_REQUIRE(api.put(path, std::string((1U << 20U) - 20, 'x')).status == 201);
        paths += (i > 0 ? ",\"" : "\"") + path + "\"";
    }
    const auto answer = api.as("t1", "POST", batch, R"({"paths":[)" + paths + "]}");
    BOOST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.json.get("secrets").size() == 15); // a little is the envelope's
    BOOST_TEST(answer.json.get("errors").get("p17").member("code") == "invalid_request");
}

BOOST_AUTO_TEST_CASE(bad_batches_are_refused) {
    Secrets api;
    for (const auto* body : {"", "{}", R"({"paths":[]})", R"({"paths":["a"],"option":{}})",
                             R"({"paths":["a"],"options":{"version":0}})"})
        BOOST_TEST(api.as("t1", "POST", batch, body).status >= 400, body);
    BOOST_TEST(api.as("t1", "POST", batch, R"({"paths":["a"],"options":{"expand_wildcards":true}})").code() ==
               "validation_error");
}

BOOST_AUTO_TEST_CASE(batch_of_metadata_expands_patterns) {
    Secrets api;
    for (const auto* path : {"apps/a/x", "apps/b/x", "apps/b/y", "other/x"})
        api.put(path);
    const auto answer =
        api.as("t1", "POST", batch_metadata,
               R"({"paths":["apps/*/x","other/x","none","**bad"],"options":{"expand_wildcards":true}})");
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.get("secrets").size() == 3);
    BOOST_TEST(answer.json.get("secrets").get("apps/b/x").get("version_count").integer().value_or(0) == 1);
    BOOST_TEST(answer.json.get("errors").get("none").member("code") == "secret_not_found");
    BOOST_TEST(answer.json.get("errors").get("**bad").member("code") == "invalid_glob");
    BOOST_TEST(answer.body.find("\"data\"") == std::string::npos);
    api.add_user("t1", "usr_less", "less@x.test");
    api.allow("t1", "user:usr_less", "apps/a/**", {"list"});
    const auto less = api.call_as(api.user_token("usr_less", "t1", "secrets:list"), "POST", batch_metadata,
                                  R"({"paths":["**","apps/b/x"],"options":{"expand_wildcards":true}})");
    BOOST_TEST(less.json.get("secrets").size() == 1);
    BOOST_TEST(less.json.get("errors").get("apps/b/x").member("code") == "access_denied");
    const auto plain = api.as("t1", "POST", batch_metadata, R"({"paths":["apps/*/x"]})").json.get("errors");
    BOOST_TEST(plain.get("apps/*/x").member("code") == "invalid_path");
    BOOST_TEST(plain.get("apps/*/x").member("message").find("expand_wildcards") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(list_is_walked_in_order_whatever_the_page) {
    Secrets api;
    for (const auto* path : {"b", "a/x", "a-b", "a", "a/y/z", "c"})
        api.put(path);
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    for (const auto* limit : {"1", "2", "3", "6", "1000"})
        BOOST_TEST(walked(api, token, "limit=" + std::string(limit)) == "a a-b a/x a/y/z b c", limit);
    BOOST_TEST(walked(api, token, "prefix=a/") == "a/x a/y/z");
    BOOST_TEST(walked(api, token, "prefix=a") == "a a-b a/x a/y/z");
    BOOST_TEST(walked(api, token, "prefix=nothing").empty());
    for (const auto* bad : {"limit=0", "limit=1001", "limit=x"})
        BOOST_TEST(api.as("t1", "GET", std::string("/v1/secrets?") + bad).code() == "invalid_request", bad);
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets?cursor=abc").code() == "invalid_cursor");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets?prefix=A").code() == "invalid_path");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets?secret_type=x").code() == "invalid_secret_type");
}

BOOST_AUTO_TEST_CASE(deleted_secrets_are_listed_until_nothing_brings_them_back) {
    Secrets api;
    api.put("a/gone", "v", R"(,"metadata":{"tags":["x"]})");
    for (const auto* path : {"a/gone2", "a/here", "b/gone", "c/gone"})
        api.put(path);
    for (const auto* path : {"a/gone", "a/gone2", "b/gone", "c/gone"})
        BOOST_TEST(api.as("t1", "DELETE", std::string("/v1/secrets/") + path).status == 200);
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    for (const auto* limit : {"1", "2", "4", "1000"})
        BOOST_TEST(walked(api, token, "deleted=true&limit=" + std::string(limit)) ==
                       "a/gone a/gone2 b/gone c/gone",
                   limit);
    BOOST_TEST(walked(api, token, "deleted=false") == "a/here");
    BOOST_TEST(walked(api, token, "deleted=true&prefix=a/") == "a/gone a/gone2");
    BOOST_TEST(walked(api, token, "deleted=true&tags=x") == "a/gone");
    BOOST_TEST(walked(api, token, "deleted=true&secret_type=json").empty());
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets?deleted=yes").code() == "invalid_request");
    const auto row = api.as("t1", "GET", "/v1/secrets?deleted=true&limit=1").json;
    BOOST_TEST(row.get("secrets").at(0).member("deleted_at") == "2026-05-20T08:00:00Z");
    BOOST_TEST(row.get("secrets").at(0).member("restore_until") == "2026-06-19T08:00:00Z");
    BOOST_TEST(!api.as("t1", "GET", "/v1/secrets").json.get("secrets").at(0).get("deleted_at").present());
    // A page of the one list is none of the other.
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets?cursor=" + row.member("cursor")).code() == "invalid_cursor");
    // The permission is that of the list; another tenant has its own.
    api.add_user("t1", "usr_b", "b@x.test");
    api.allow("t1", "user:usr_b", "b/**", {"list"});
    BOOST_TEST(walked(api, api.user_token("usr_b", "t1", test::every_scope), "deleted=true") == "b/gone");
    BOOST_TEST(walked(api, api.user_token("usr_t3", "t3", test::every_scope), "deleted=true").empty());
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/a/gone/restore").status == 200);
    BOOST_TEST(walked(api, token, "deleted=true&prefix=a/") == "a/gone2");
    api.clock.advance(std::chrono::hours(24 * 31));
    const auto later = api.user_token("usr_t1", "t1", test::every_scope);
    BOOST_TEST(walked(api, later, "deleted=true").empty()); // the purge may not have run yet
}

BOOST_AUTO_TEST_CASE(the_list_of_deleted_secrets_does_not_read_the_living) {
    Secrets api;
    fill(api, "many/", 20000);
    api.db().sql(
        "UPDATE scaivault.secrets SET deleted_at = now(), recoverable_until = now() + interval ' 1 year' "
        "WHERE right(path, 1) IN ('0', '2', '4', '6', '8'); ANALYZE scaivault.secrets");
    std::string plan;
    for (const auto& line : api.db().rows("EXPLAIN SELECT s.path FROM scaivault.secrets s WHERE s.tenant_id "
                                          "= 't1' AND s.deleted_at IS NOT NULL "
                                          "AND s.path > 'many/01' AND s.path "
                                          "< 'many/{' ORDER BY s.path LIMIT 100"))
        plan += line[0] + "\n";
    BOOST_TEST(plan.find("secrets_deleted_idx") != std::string::npos, plan);
    BOOST_TEST(plan.find("Sort") == std::string::npos, plan);
}

BOOST_AUTO_TEST_CASE(list_is_filtered_by_type_and_tags) {
    Secrets api;
    api.put("a", "v", R"(,"secret_type":"api_key","metadata":{"tags":["x","y"]})");
    api.put("b", "v", R"(,"metadata":{"tags":["x"]})");
    api.put("c", "v", R"(,"secret_type":"api_key")");
    api.put("d", "v", R"(,"secret_type":"api_key","metadata":{"tags":["x"]})");
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    for (const auto* limit : {"&limit=1", ""}) {
        BOOST_TEST(walked(api, token, std::string("secret_type=api_key") + limit) == "a c d");
        BOOST_TEST(walked(api, token, std::string("tags=x") + limit) == "a b d");
        BOOST_TEST(walked(api, token, std::string("tags=x,y") + limit) == "a");
        BOOST_TEST(walked(api, token, std::string("tags=y,x") + limit) == "a");
        BOOST_TEST(walked(api, token, std::string("tags=x&secret_type=api_key") + limit) == "a d");
    }
    api.put("b", "v", R"(,"metadata":{"tags":["z"]})");
    api.as("t1", "DELETE", "/v1/secrets/d");
    BOOST_TEST(walked(api, token, "tags=x") == "a");
    BOOST_TEST(walked(api, token, "tags=z") == "b");
}

BOOST_AUTO_TEST_CASE(list_holds_only_what_the_caller_may_list) {
    Secrets api;
    for (const auto* path : {"apps/a", "apps/b/c", "apps-x/a", "infra/a", "infra/b", "z"})
        api.put(path);
    api.add_user("t1", "usr_less", "less@x.test");
    api.allow("t1", "user:usr_less", "infra/?", {"list"});
    api.allow("t1", "user:usr_less", "apps/**", {"list"});
    api.allow("t1", "user:usr_less", "z", {"read"});
    const auto token = api.user_token("usr_less", "t1", test::every_scope);
    for (const auto* limit : {"1", "2", "100"})
        BOOST_TEST(walked(api, token, "limit=" + std::string(limit)) == "apps/a apps/b/c infra/a infra/b",
                   limit);
    BOOST_TEST(walked(api, token, "prefix=infra/b") == "infra/b");
    BOOST_TEST(walked(api, token, "prefix=z").empty());
}

BOOST_AUTO_TEST_CASE(page_is_bounded_where_little_of_much_may_be_seen) {
    Secrets api;
    fill(api, "a", 25'000);
    api.put("apps");
    api.add_user("t1", "usr_less", "less@x.test");
    api.allow("t1", "user:usr_less", "*pps", {"list"}); // no beginning to look for
    const auto token = api.user_token("usr_less", "t1", "secrets:list");
    int pages = 0;
    BOOST_TEST(walked(api, token, "limit=10", &pages) == "apps");
    BOOST_TEST(pages == 3); // 10,000 rows are looked at for one
    api.allow("t1", "user:usr_less", "apps", {"list"});
    api.add_user("t1", "usr_one", "one@x.test");
    api.allow("t1", "user:usr_one", "apps/**", {"list"});
    pages = 0;
    BOOST_TEST(walked(api, api.user_token("usr_one", "t1", "secrets:list"), "limit=10", &pages) == "apps");
    BOOST_TEST(pages == 1); // straight to where it is
}

BOOST_AUTO_TEST_CASE(expiring_secrets_come_soonest_first) {
    Secrets api;
    api.put("c", "v", R"(,"options":{"expires_in":"10d"})");
    api.put("a", "v", R"(,"options":{"expires_in":"20d"})");
    api.put("b", "v", R"(,"options":{"expires_in":"10d"})");
    api.put("far", "v", R"(,"options":{"expires_in":"90d"})");
    api.put("never");
    const auto target = std::string("/v1/secrets/expiring");
    const auto all = api.as("t1", "GET", target);
    BOOST_REQUIRE_MESSAGE(all.status == 200, all.body);
    BOOST_TEST(joined(all.json.get("secrets"), "path") == "b c a");
    BOOST_TEST(joined(all.json.get("secrets"), "days_remaining") == "10 10 20");
    const auto first = api.as("t1", "GET", target + "?limit=1");
    BOOST_TEST(joined(first.json.get("secrets"), "path") == "b");
    const auto second = api.as("t1", "GET", target + "?limit=1&cursor=" + first.json.member("cursor"));
    BOOST_TEST(joined(second.json.get("secrets"), "path") == "c");
    BOOST_TEST(joined(api.as("t1", "GET", target + "?days=100&prefix=f").json.get("secrets"), "path") ==
               "far");
    BOOST_TEST(joined(api.as("t1", "GET", target + "?days=15").json.get("secrets"), "path") == "b c");
    api.clock.advance(std::chrono::hours(24 * 11));
    const auto late = api.as("t1", "GET", target + "?days=1");
    BOOST_TEST(joined(late.json.get("secrets"), "expired") == "true true");
    for (const auto* bad : {"?days=0", "?days=x", "?days=99999"})
        BOOST_TEST(api.as("t1", "GET", target + bad).code() == "invalid_request", bad);
}

BOOST_AUTO_TEST_SUITE_END()
