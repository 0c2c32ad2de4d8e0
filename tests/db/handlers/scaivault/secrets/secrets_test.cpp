// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

using test::number;
using test::Secrets;

namespace {

/// "field field" of a 422.
std::string fields_of(const test::VaultAnswer& answer) {
    return test::joined(answer.details().get("fields"), "field");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_secrets)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_as_it_was_written) {
    Secrets api;
    const std::string data = R"({ "n": 0.70, "big": 123456789012345678901234567890, "é": ["\u00e9", {}] })";
    const auto made = api.as(
        "t1", "PUT", "/v1/secrets/apps/demo/login",
        R"({"data":)" + data + R"(,"secret_type":"json","metadata":{"tags":["demo"],"owner":"team:core"}})");
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    BOOST_TEST(number(made, "version") == 1);
    BOOST_TEST(!made.json.get("data").present());
    BOOST_TEST(made.headers.at("ETag") == "\"1.1\"");
    const auto got = api.as("t1", "GET", "/v1/secrets/apps/demo/login");
    BOOST_REQUIRE(got.status == 200);
    BOOST_TEST(got.body.find("\"data\":" + data) != std::string::npos);
    BOOST_TEST(got.headers.at("Cache-Control") == "no-store");
    const auto small = api.as("t1", "PUT", "/v1/secrets/x", R"({"data":{}})");
    BOOST_TEST(small.json.member("secret_type") == "kv");
    const auto shape = api.as("t1", "GET", "/v1/secrets/x").json;
    for (const auto* member :
         {"path", "secret_type", "version", "data", "metadata", "created_at", "updated_at", "expires_at",
          "last_accessed_at", "rotation_policy_id", "secret_policy_id"})
        BOOST_TEST(shape.get(member).present(), member);
    BOOST_TEST(shape.member("created_at").ends_with("Z"));
}

BOOST_AUTO_TEST_CASE(every_write_is_a_version_and_old_ones_are_read) {
    Secrets api;
    BOOST_TEST(api.put("a", "one").status == 201);
    BOOST_TEST(api.put("a", "two", R"(,"secret_type":"api_key","metadata":{"tags":["x"]})").status == 200);
    BOOST_TEST(number(api.put("a", "three"), "version") == 3);
    BOOST_TEST(api.read("a") == "three");
    BOOST_TEST(api.read("a", "?version=1") == "one");
    BOOST_TEST(api.read("a", "?version=2") == "two");
    const auto now = api.as("t1", "GET", "/v1/secrets/a").json;
    BOOST_TEST(now.member("secret_type") == "api_key"); // unchanged by a write that does not say
    BOOST_TEST(now.get("metadata").get("tags").size() == 1);
    const auto gone = api.as("t1", "GET", "/v1/secrets/a?version=4");
    BOOST_TEST(gone.status == 404);
    BOOST_TEST(gone.code() == "version_not_found");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a?version=0").code() == "invalid_request");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a?version=x").code() == "invalid_request");
}

BOOST_AUTO_TEST_CASE(oldest_versions_drop_beyond_max_versions) {
    Secrets api;
    api.put("a", "v1", R"(,"options":{"max_versions":2})");
    for (const auto* value : {"v2", "v3", "v4"})
        BOOST_TEST(api.put("a", value).status == 200);
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a?version=2").code() == "version_not_found");
    BOOST_TEST(api.read("a", "?version=3") == "v3");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.secret_versions") == "2");
    api.put("b", "v1", R"(,"options":{"max_versions":0})");
    for (int i = 0; i < 15; ++i)
        api.put("b");
    BOOST_TEST(api.read("b", "?version=1") == "v1");
    const auto patched = api.as("t1", "PATCH", "/v1/secrets/b/metadata", R"({"options":{"max_versions":3}})");
    BOOST_TEST(number(patched, "version_count") == 3);
}

BOOST_AUTO_TEST_CASE(expected_versions_are_compared) {
    Secrets api;
    const auto put = [&](const std::string& options, const test::VaultApi::Headers& headers = {}) {
        return api.as("t1", "PUT", "/v1/secrets/a", R"({"data":{"k":"v"})" + options + "}", headers);
    };
    BOOST_TEST(put(R"(,"options":{"cas":1})").code() == "version_conflict");
    BOOST_TEST(put(R"(,"options":{"cas":0})").status == 201);
    const auto taken = put(R"(,"options":{"cas":0})");
    BOOST_TEST(taken.status == 409);
    BOOST_TEST(taken.details().get("current_version").integer().value_or(-1) == 1);
    BOOST_TEST(put("", {{"if-none-match", "*"}}).code() == "version_conflict");
    BOOST_TEST(put("", {{"if-match", "\"1\""}}).status == 200);
    BOOST_TEST(put("", {{"if-match", "\"1\""}}).code() == "version_conflict");
    const auto etag = api.as("t1", "GET", "/v1/secrets/a").headers.at("ETag");
    BOOST_TEST(api.as("t1", "PATCH", "/v1/secrets/a/metadata", R"({"metadata":{"x":1}})").status == 200);
    BOOST_TEST(put("", {{"if-match", etag}}).code() == "version_conflict"); // the metadata moved on
    BOOST_TEST(put("", {{"if-match", "W/\"2\""}}).code() == "invalid_request");
    BOOST_TEST(put(R"(,"options":{"cas":9})", {{"if-match", "\"2\""}}).code() == "invalid_request");
}

BOOST_AUTO_TEST_CASE(unchanged_secret_is_not_sent_again) {
    Secrets api;
    api.put("a");
    const auto first = api.as("t1", "GET", "/v1/secrets/a");
    const auto etag = first.headers.at("ETag");
    const auto second = api.as("t1", "GET", "/v1/secrets/a", "", {{"if-none-match", etag}});
    BOOST_TEST(second.status == 304);
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a", "", {{"if-none-match", "\"0\", W/" + etag}}).status ==
               304);
    BOOST_TEST(second.body.empty());
    BOOST_TEST(api.trail("read").size() == 3); // that it was asked for counts
    api.put("a");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a", "", {{"if-none-match", etag}}).status == 200);
}

BOOST_AUTO_TEST_CASE(bad_writes_are_refused_by_name) {
    Secrets api;
    const auto put = [&](const std::string& body) { return api.as("t1", "PUT", "/v1/secrets/a", body); };
    BOOST_TEST(put("").code() == "invalid_request");
    BOOST_TEST(put("{").code() == "invalid_request");
    BOOST_TEST(fields_of(put("{}")) == "data");
    BOOST_TEST(put("{}").status == 422);
    BOOST_TEST(fields_of(put(R"({"data":{},"datas":1})")) == "datas");
    BOOST_TEST(put(R"({"data":{},"secret_type":"x"})").code() == "invalid_secret_type");
    BOOST_TEST(put(R"({"data":{},"options":{"expires_in":"soon"}})").code() == "invalid_duration");
    BOOST_TEST(put(R"({"data":{},"options":{"secret_policy_id":"sp_none"}})").code() ==
               "secret_policy_not_found");
    BOOST_TEST(put(R"({"data":{},"options":{"rotation_policy_id":"rot_none"}})").code() ==
               "rotation_policy_not_found");
    const auto large = put(R"({"data":{"k":")" + std::string(1U << 20U, 'x') + R"("}})");
    BOOST_TEST(large.status == 400);
    BOOST_TEST(large.code() == "invalid_request");
    const auto huge = put(R"({"data":{"k":")" + std::string(3U << 20U, 'x') + R"("}})");
    BOOST_TEST(huge.status == 413);
    const auto full = put(R"({"data":{"k":")" + std::string((1U << 20U) - 8, 'x') + R"("}})");
    BOOST_TEST(full.status == 201);
    BOOST_TEST(api.read("a").size() == (1U << 20U) - 8);
    for (const auto* path : {"A", "a/B", "a/metadata", "batch", "batch/x", "expiring/x", "a.b", "a/rotate"}) {
        const auto refused = api.as("t1", "PUT", std::string("/v1/secrets/") + path, R"({"data":{}})");
        BOOST_TEST((refused.code() == "invalid_path" || refused.status == 405), path << " " << refused.body);
    }
}

BOOST_AUTO_TEST_CASE(metadata_changes_without_a_version) {
    Secrets api;
    api.put("a", "v", R"(,"metadata":{"description":"d","tags":["x"],"n":1})");
    const auto patched =
        api.as("t1", "PATCH", "/v1/secrets/a/metadata",
               R"({"metadata":{"n":null,"owner":"team:x","tags":["x","y"]},"options":{"expires_in":"30d"}})");
    BOOST_REQUIRE_MESSAGE(patched.status == 200, patched.body);
    BOOST_TEST(number(patched, "version") == 1);
    BOOST_TEST(number(patched, "revision") == 2);
    BOOST_TEST(number(patched, "version_count") == 1);
    BOOST_TEST(patched.json.get("tags").size() == 2);
    const auto metadata = patched.json.get("metadata");
    BOOST_TEST(metadata.member("description") == "d");
    BOOST_TEST(metadata.member("owner") == "team:x");
    BOOST_TEST(!metadata.get("n").present());
    BOOST_TEST(!patched.json.get("expires_at").is_null());
    const auto got = api.as("t1", "GET", "/v1/secrets/a/metadata");
    BOOST_TEST(got.json.get("metadata").dump(true) == metadata.dump(true));
    BOOST_TEST(got.body.find("\"data\"") == std::string::npos);
    BOOST_TEST(got.json.member("scope") == "tenant");
    BOOST_TEST(api.as("t1", "PATCH", "/v1/secrets/none/metadata", R"({"metadata":{}})").code() ==
               "secret_not_found");
    BOOST_TEST(fields_of(api.as("t1", "PATCH", "/v1/secrets/a/metadata", R"({"data":{}})")) == "data");
    const auto cleared =
        api.as("t1", "PATCH", "/v1/secrets/a/metadata", R"({"options":{"expires_in":null}})");
    BOOST_TEST(cleared.json.get("expires_at").is_null());
}

BOOST_AUTO_TEST_CASE(versions_are_listed_newest_first) {
    Secrets api;
    for (int i = 0; i < 5; ++i)
        api.put("a");
    const auto page = api.as("t1", "GET", "/v1/secrets/a/versions?limit=2");
    BOOST_REQUIRE(page.status == 200);
    BOOST_TEST(test::joined(page.json.get("versions"), "version") == "5 4");
    BOOST_TEST(test::joined(page.json.get("versions"), "is_current") == "true false");
    BOOST_TEST(page.json.get("has_more").boolean().value_or(false));
    const auto next = api.as("t1", "GET", "/v1/secrets/a/versions?cursor=" + page.json.member("cursor"));
    BOOST_TEST(test::joined(next.json.get("versions"), "version") == "3 2 1");
    BOOST_TEST(next.json.get("cursor").is_null());
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a/versions?cursor=xyz").code() == "invalid_cursor");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/b/versions").code() == "secret_not_found");
}

BOOST_AUTO_TEST_CASE(removed_secret_comes_back_until_it_is_gone) {
    Secrets api;
    api.put("a", "one", R"(,"metadata":{"tags":["x"]})");
    api.put("a", "two");
    const auto removed = api.as("t1", "DELETE", "/v1/secrets/a");
    BOOST_REQUIRE_MESSAGE(removed.status == 200, removed.body);
    BOOST_TEST(number(removed, "version_count") == 2);
    BOOST_TEST(!removed.json.get("permanent").boolean().value_or(true));
    BOOST_TEST(removed.json.member("recoverable_until") ==
               scai::to_iso8601(api.clock.now() + std::chrono::days(30)));
    for (const auto* target : {"/v1/secrets/a", "/v1/secrets/a/metadata", "/v1/secrets/a/versions"})
        BOOST_TEST(api.as("t1", "GET", target).code() == "secret_not_found", target);
    BOOST_TEST(api.as("t1", "DELETE", "/v1/secrets/a").code() == "secret_not_found");
    const auto taken = api.put("a");
    BOOST_TEST(taken.status == 409);
    BOOST_TEST(taken.code() == "secret_exists");
    const auto restored = api.as("t1", "POST", "/v1/secrets/a/restore");
    BOOST_REQUIRE_MESSAGE(restored.status == 200, restored.body);
    BOOST_TEST(api.read("a") == "two");
    BOOST_TEST(test::joined(api.as("t1", "GET", "/v1/secrets?tags=x").json.get("secrets"), "path") == "a");
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/a/restore").code() == "secret_exists");
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/b/restore").code() == "secret_not_found");
    api.as("t1", "DELETE", "/v1/secrets/a");
    api.clock.advance(std::chrono::days(31));
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/a/restore").code() == "secret_not_found");
    BOOST_TEST(api.put("a", "new").status == 201); // its time is over: a new secret
    BOOST_TEST(api.read("a", "?version=1") == "new");
}

BOOST_AUTO_TEST_CASE(permanent_removal_leaves_nothing) {
    Secrets api;
    for (const auto* query : {"?permanent=true", "?hard=true"}) {
        api.put("a", "one", R"(,"metadata":{"tags":["x"]})");
        const auto removed = api.as("t1", "DELETE", std::string("/v1/secrets/a") + query);
        BOOST_TEST(removed.status == 200);
        BOOST_TEST(removed.json.get("permanent").boolean().value_or(false));
        BOOST_TEST(!removed.json.get("recoverable_until").present());
        for (const auto* table : {"secrets", "secret_versions", "secret_tags"})
            BOOST_TEST(api.db().value(std::string("SELECT count(*) FROM scaivault.") + table) == "0");
    }
    api.put("a");
    api.as("t1", "DELETE", "/v1/secrets/a");
    BOOST_TEST(api.as("t1", "DELETE", "/v1/secrets/a?permanent=true").status == 200);
    BOOST_TEST(api.as("t1", "DELETE", "/v1/secrets/a?permanent=maybe").code() == "invalid_request");
    api.put("a", "kept");
    const auto misspelt = api.as("t1", "DELETE", "/v1/secrets/a?verison=1");
    BOOST_TEST(misspelt.code() == "invalid_request");
    BOOST_TEST(misspelt.body.find("verison") != std::string::npos);
    BOOST_TEST(api.read("a") == "kept");
}

BOOST_AUTO_TEST_CASE(destroyed_version_is_gone_and_its_number_too) {
    Secrets api;
    for (const auto* value : {"one", "two", "three"})
        api.put("a", value);
    const auto destroyed = api.as("t1", "DELETE", "/v1/secrets/a?version=3");
    BOOST_REQUIRE_MESSAGE(destroyed.status == 200, destroyed.body);
    BOOST_TEST(number(destroyed, "current_version") == 2);
    BOOST_TEST(api.read("a") == "two");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a?version=3").code() == "version_not_found");
    BOOST_TEST(api.as("t1", "DELETE", "/v1/secrets/a?version=3").code() == "version_not_found");
    BOOST_TEST(number(api.put("a", "four"), "version") == 4);
    for (const auto* version : {"1", "2", "4"})
        api.as("t1", "DELETE", std::string("/v1/secrets/a?version=") + version);
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a").code() == "version_not_found");
    BOOST_TEST(number(api.put("a", "five"), "version") == 5);
}

BOOST_AUTO_TEST_CASE(expired_secret_is_still_read) {
    Secrets api;
    api.put("a", "v", R"(,"options":{"expires_in":"1d"})");
    api.clock.advance(std::chrono::hours(36));
    const auto got = api.as("t1", "GET", "/v1/secrets/a");
    BOOST_TEST(got.status == 200);
    BOOST_TEST((*scai::parse_iso8601(got.json.member("expires_at")) < api.clock.now()));
}

BOOST_AUTO_TEST_CASE(last_access_is_kept) {
    Secrets api;
    api.put("a");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a").json.get("last_accessed_at").is_null());
    api.context().accesses.flush();
    const auto first = api.as("t1", "GET", "/v1/secrets/a").json.member("last_accessed_at");
    BOOST_TEST(first == scai::to_iso8601(api.clock.now()));
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a/metadata").json.member("last_accessed_at") == first);
}

BOOST_AUTO_TEST_CASE(every_change_is_an_event_and_a_row_of_the_trail) {
    Secrets api;
    api.put("a", "canary-value", R"(,"metadata":{"tags":["x"]})");
    api.put("a", "canary-value");
    api.as("t1", "DELETE", "/v1/secrets/a");
    api.as("t1", "POST", "/v1/secrets/a/restore");
    api.as("t1", "DELETE", "/v1/secrets/a?permanent=true");
    api.put("a", "x", R"(,"options":{"cas":7})"); // refused: no event
    std::string types, all;
    for (const auto& row :
         api.db().rows("SELECT event_type, data::text FROM scaivault.events ORDER BY seq")) {
        types += row[0] + " ";
        all += row[1];
    }
    BOOST_TEST(types == "secret.created secret.updated secret.deleted secret.created secret.deleted ");
    BOOST_TEST(all.find("canary-value") == std::string::npos);
    BOOST_TEST(api.trail("write").size() == 4);
    BOOST_TEST(api.trail("delete").size() == 2);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.audit_log WHERE NOT success") == "1");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.audit_log WHERE secret_path = 'a'") == "6");
    BOOST_TEST(api.db().value(
                   "SELECT count(*) FROM scaivault.audit_log a WHERE a::text LIKE '%canary-value%'") == "0");
}

BOOST_AUTO_TEST_CASE(a_recipe_makes_the_value_and_nobody_sees_it) {
    Secrets api;
    api.db().sql(
        "INSERT INTO scaivault.secret_policies (tenant_id, id, name, fields, created_by) VALUES ('t1', "
        "'sp_1', 'pw', '[{\"name\":\"k\",\"generator\":\"hex\",\"config\":{\"length\":20}}]', 'x')");
    const auto made = api.as("t1", "PUT", "/v1/secrets/a", R"({"generate_from":"sp_1"})");
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    const auto value = api.read("a");
    BOOST_TEST(value.size() == 20);
    BOOST_TEST(made.body.find(value) == std::string::npos);
    BOOST_TEST(api.as("t2", "PUT", "/v1/secrets/a", R"({"generate_from":"sp_1"})").code() ==
               "secret_policy_not_found");
    BOOST_TEST(api.put("b", "v", R"(,"options":{"rotation_policy_id":"rot_none"})").code() ==
               "rotation_policy_not_found");
}

BOOST_AUTO_TEST_CASE(rotation_now_is_as_the_policy_says) {
    Secrets api;
    api.db().sql(
        "INSERT INTO scaivault.rotation_policies (tenant_id, id, name, interval_text, interval_seconds, "
        "grace_text, grace_seconds, auto_generate, created_by) VALUES ('t1', 'rot_1', 'monthly', '30d', "
        "2592000, '1h', 3600, true, 'x')");
    BOOST_TEST(api.put("a", "old", R"(,"options":{"rotation_policy_id":"rot_1"})").status == 201);
    const auto rotated = api.as("t1", "POST", "/v1/secrets/a/rotate");
    BOOST_REQUIRE_MESSAGE(rotated.status == 200, rotated.body);
    BOOST_TEST(rotated.json.member("status") == "success");
    BOOST_TEST(number(rotated, "new_version") == 2);
    BOOST_TEST(api.read("a") != "old");
    BOOST_TEST(api.read("a", "?version=1") == "old"); // until the grace period ends
    api.clock.advance(std::chrono::hours(2));
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/a?version=1").code() == "version_not_found");
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/none/rotate").code() == "secret_not_found");
    api.put("free");
    BOOST_TEST(api.as("t1", "POST", "/v1/secrets/free/rotate").code() == "rotation_policy_not_found");
    BOOST_TEST(api.as("t1", "DELETE", "/v1/secrets/a?permanent=true").status == 200);
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.rotation_schedules") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
