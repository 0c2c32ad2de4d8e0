// Who reaches what of whom, and what happens when many write at once. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

using test::joined;
using test::number;
using test::Secrets;

BOOST_AUTO_TEST_SUITE(handlers_scaivault_secrets_isolation)

BOOST_AUTO_TEST_CASE(same_path_in_two_tenants_is_two_secrets) {
    Secrets api;
    api.put("a", "of-t1");
    api.as("t2", "PUT", "/v1/secrets/a", R"({"data":{"k":"of-t2"}})");
    BOOST_TEST(api.read("a") == "of-t1");
    api.as("t2", "DELETE", "/v1/secrets/a?permanent=true");
    BOOST_TEST(api.read("a") == "of-t1");
    BOOST_TEST(api.as("t2", "GET", "/v1/secrets/a").code() == "secret_not_found");
}

BOOST_AUTO_TEST_CASE(no_trick_reaches_another_tenant) {
    Secrets api;
    api.put("a", "canary");
    const auto stranger = api.user_token("usr_t2", "t2", test::every_scope);
    const auto tried = [&](const std::string& method, const std::string& target, const std::string& body = "",
                           const test::VaultApi::Headers& headers = {}) {
        const auto answer = api.call_as(stranger, method, target, body, headers);
        BOOST_TEST(answer.status >= 400, method << " " << target << " " << answer.body);
        BOOST_TEST(answer.status < 500, method << " " << target << " " << answer.body);
        BOOST_TEST(answer.body.find("canary") == std::string::npos, target);
    };
    for (const auto* rest : {"secrets/a", "secrets/a/metadata", "secrets/a/versions"}) {
        tried("GET", std::string("/v1/t/t1/") + rest);
        tried("GET", std::string("/v1/") + rest);
        tried("GET", std::string("/v1/") + rest, "", {{"x-tenant-id", "t1"}});
        tried("GET", std::string("/v1/t/t2/") + rest, "", {{"x-tenant-id", "t1"}});
    }
    for (const auto* target :
         {"/v1/secrets/../t1/secrets/a", "/v1/secrets/..%2ft1%2fa", "/v1/secrets/%2e%2e/a",
          "/v1/secrets/t1/a", "/v1/secrets//a", "/v1/t/t1%2f..%2ft2/secrets/a", "/v1/t/*/secrets/a",
          "/v1/t//secrets/a", "/v1/secrets/A", "/v1/partner/secrets/a", "/v1/t/partner%2fp1/secrets/a",
          "/v1/secrets/a%00", "/v1/secrets/a?tenant_id=t1", "/v1/t/t1/secrets/expiring", "/v1/t/t1/secrets"})
        tried("GET", target);
    tried("PUT", "/v1/t/t1/secrets/a", R"({"data":{}})");
    tried("DELETE", "/v1/t/t1/secrets/a");
    tried("DELETE", "/v1/secrets/a", "", {{"x-tenant-id", "t1"}});
    tried("PATCH", "/v1/t/t1/secrets/a/metadata", R"({"metadata":{}})");
    tried("POST", "/v1/t/t1/secrets/a/restore");
    tried("POST", "/v1/t/t1/secrets/batch", R"({"paths":["a"]})");
    const auto own =
        api.call_as(stranger, "POST", "/v1/secrets/batch", R"({"paths":["a"],"tenant_id":"t1"})");
    BOOST_TEST(own.status == 422);
    BOOST_TEST(joined(api.call_as(stranger, "GET", "/v1/secrets").json.get("secrets"), "path").empty());
    BOOST_TEST(api.read("a") == "canary");
}

BOOST_AUTO_TEST_CASE(moved_ciphertext_does_not_open) {
    Secrets api;
    api.put("a", "canary-one");
    api.put("a", "canary-two");
    api.put("b", "canary-b");
    api.as("t2", "PUT", "/v1/secrets/a", R"({"data":{"k":"mine"}})");
    const auto opaque = [&](const std::string& tenant, const std::string& target) {
        const auto answer = api.as(tenant, "GET", target);
        BOOST_TEST(answer.status == 500, target << " " << answer.body);
        BOOST_TEST(answer.code() == "internal_error");
        BOOST_TEST(answer.details().member("path") == target.substr(12, 1)); // says which
        BOOST_TEST(answer.body.find("canary") == std::string::npos);
    };
    const std::string versions = "UPDATE scaivault.secret_versions AS v SET key_id = w.key_id, "
                                 "wrapped_key = w.wrapped_key, ciphertext = w.ciphertext "
                                 "FROM scaivault.secret_versions AS w JOIN scaivault.secrets AS s USING "
                                 "(tenant_id, secret_id) ";
    const auto id = [&](const std::string& tenant, const std::string& path) {
        return api.db().value("SELECT secret_id FROM scaivault.secrets WHERE tenant_id = '" + tenant +
                              "' AND path = '" + path + "'");
    };
    api.db().sql(versions +
                 "WHERE s.tenant_id = 't1' AND s.path = 'a' AND w.version = 1 AND v.secret_id = '" +
                 id("t1", "a") + "' AND v.version = 2"); // an old version as the current one
    opaque("t1", "/v1/secrets/a");
    api.db().sql(versions + "WHERE s.tenant_id = 't1' AND s.path = 'b' AND v.secret_id = '" + id("t1", "a") +
                 "' AND v.version = 1"); // of another path
    opaque("t1", "/v1/secrets/a?version=1");
    api.db().sql(versions + "WHERE s.tenant_id = 't1' AND s.path = 'b' AND v.secret_id = '" + id("t2", "a") +
                 "'"); // of another tenant
    opaque("t2", "/v1/secrets/a");
    api.db().sql("UPDATE scaivault.secrets SET path = 'c' WHERE path = 'b'"); // the row itself moved
    opaque("t1", "/v1/secrets/c");
    api.put("d", "sound");
    const auto batch = api.as("t1", "POST", "/v1/secrets/batch", R"({"paths":["a","c","d"]})");
    BOOST_TEST(batch.status == 200, batch.body); // one damaged row does not take the others along
    BOOST_TEST(batch.json.get("secrets").get("d").get("data").member("k") == "sound");
    BOOST_TEST(batch.json.get("secrets").size() == 1);
    BOOST_TEST(batch.json.get("errors").get("a").member("code") == "internal_error");
    BOOST_TEST(batch.body.find("canary") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(concurrent_writers_lose_nothing) {
    Secrets api;
    constexpr int writers = 32;
    std::atomic<int> written{0}, lost{0};
    std::vector<std::thread> threads;
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&, i] {
            for (int attempt = 0; attempt < 500; ++attempt) {
                const auto now = api.call_as(token, "GET", "/v1/secrets/counter");
                const auto version = now.status == 200 ? number(now, "version") : 0;
                const auto list = now.json.get("data").member("k");
                const auto put = api.call_as(token, "PUT", "/v1/secrets/counter",
                                             R"({"data":{"k":")" + list + "," + std::to_string(i) +
                                                 R"("},"options":{"max_versions":0,"cas":)" +
                                                 std::to_string(version) + "}}");
                if (put.status == 200 || put.status == 201) {
                    ++written;
                    return;
                }
                if (put.code() != "version_conflict" && put.status != 503) {
                    ++lost;
                    return;
                }
            }
            ++lost;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(written == writers);
    BOOST_TEST(lost == 0);
    const auto list = api.read("counter");
    BOOST_TEST(std::count(list.begin(), list.end(), ',') == writers); // everybody's mark is there
    BOOST_TEST(api.db().value("SELECT string_agg(version::text, ',' ORDER BY version) = (SELECT "
                              "string_agg(i::text, ',' ORDER BY i) FROM generate_series(1, 32) i) FROM "
                              "scaivault.secret_versions") == "t");
}

BOOST_AUTO_TEST_CASE(a_write_is_seen_by_another_process_at_once) {
    Secrets api;
    test::VaultApi other(api, "secrets", scaivault::secrets_api::routes());
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    for (const auto* value : {"one", "two", "three"}) {
        api.put("a", value);
        BOOST_TEST(other.call_as(token, "GET", "/v1/secrets/a").json.get("data").member("k") == value);
    }
    api.as("t1", "DELETE", "/v1/secrets/a");
    BOOST_TEST(other.call_as(token, "GET", "/v1/secrets/a").status == 404);
}

BOOST_AUTO_TEST_CASE(secrets_of_a_partner_are_read_by_its_tenants_and_written_by_its_admins) {
    Secrets api;
    api.add_user("t1", "usr_boss", "boss@x.test");
    api.add_role("t1", "usr_boss", "partner_admin");
    api.allow("t1", "user:usr_boss", "**", {"admin"});
    const auto boss = api.user_token("usr_boss", "t1", test::every_scope);
    const std::string target = "/v1/partner/secrets/shared/ca";
    const std::string body = R"({"data":{"k":"v"},"metadata":{"tags":["x"]}})";
    BOOST_TEST(api.as("t1", "PUT", target, body).code() == "forbidden");
    const auto made = api.call_as(boss, "PUT", target, body);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    BOOST_TEST(api.as("t1", "GET", target).json.get("data").member("k") == "v");
    BOOST_TEST(api.as("t3", "GET", target).json.get("data").member("k") == "v");
    BOOST_TEST(api.as("t2", "GET", target).status == 404); // of another partner
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/shared/ca").status == 404);
    for (const auto* method : {"DELETE", "PUT"})
        BOOST_TEST(api.as("t3", method, target, std::string(method) == "PUT" ? body : "").code() ==
                   "forbidden");
    BOOST_TEST(api.as("t3", "PATCH", target + "/metadata", R"({"metadata":{}})").code() == "forbidden");
    api.put("own");
    const auto list = api.as("t1", "GET", "/v1/secrets?limit=10").json.get("secrets");
    BOOST_TEST(joined(list, "path") == "own shared/ca");
    BOOST_TEST(joined(list, "scope") == "tenant partner");
    api.put("shared/ca", "mine"); // the tenant's row wins
    BOOST_TEST(joined(api.as("t1", "GET", "/v1/secrets").json.get("secrets"), "scope") == "tenant tenant");
    BOOST_TEST(joined(api.as("t3", "GET", "/v1/secrets").json.get("secrets"), "scope") == "partner");
    BOOST_TEST(joined(api.as("t1", "GET", "/v1/partner/secrets").json.get("secrets"), "path") == "shared/ca");
    const auto batch = api.as("t3", "POST", "/v1/partner/secrets/batch", R"({"paths":["shared/ca"]})");
    BOOST_TEST(batch.json.get("secrets").get("shared/ca").get("data").member("k") == "v");
    BOOST_TEST(api.as("t1", "GET", target + "/metadata").json.member("scope") == "partner");
    BOOST_TEST(api.call_as(boss, "DELETE", target).status == 200);
    BOOST_TEST(api.call_as(boss, "POST", target + "/restore").status == 200);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.audit_log WHERE tenant_id = 't1' AND action = "
                              "'write' AND success AND extra_data->>'scope' = 'partner'") == "2");
}

BOOST_AUTO_TEST_CASE(scopes_are_needed_besides_policies) {
    Secrets api;
    api.put("a");
    const auto refused = [&](const std::string& scopes, const std::string& method, const std::string& target,
                             const std::string& body = "") {
        const auto answer =
            api.call_as(api.user_token("usr_t1", "t1", scopes), method, "/v1/secrets" + target, body);
        BOOST_TEST(answer.code() == "insufficient_scope", method << " " << target << " " << answer.body);
    };
    refused("secrets:list", "GET", "/a");
    refused("secrets:read", "PUT", "/a", R"({"data":{}})");
    refused("secrets:read secrets:write", "DELETE", "/a");
    refused("secrets:read", "GET", "/a/metadata");
    refused("secrets:read", "GET", "");
    refused("secrets:read", "GET", "/expiring");
    refused("secrets:list", "PATCH", "/a/metadata", R"({"metadata":{}})");
    refused("secrets:list", "POST", "/batch", R"({"paths":["a"]})");
    refused("secrets:read", "POST", "/batch/metadata", R"({"paths":["a"]})");
    BOOST_TEST(api.call("GET", "/v1/secrets/a").code() == "authentication_required");
}

BOOST_AUTO_TEST_SUITE_END()
