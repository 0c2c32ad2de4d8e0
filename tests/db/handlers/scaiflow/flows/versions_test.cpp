// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

using scai::json::Value;
using test::field_of;
using test::People;

namespace {

constexpr auto versions = "/v1/flows/f1/versions";

/// Versions 1.0.1 and up, each with one node more.
void write_versions(const test::Database& db, int last) {
    for (int n = 2; n <= last; ++n) {
        std::string nodes;
        for (int i = 1; i < n; ++i)
            nodes += std::string(i > 1 ? "," : "") + R"({"id":"node_)" + std::to_string(i) +
                     R"(","type":"trigger_manual","label":"N","position":{"x":0,"y":0}})";
        const auto version = "1.0." + std::to_string(n - 1);
        db.sql("INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, "
               "content_sha256, "
               "created_by) VALUES ('t1', 'f1', " +
               std::to_string(n) + ", '" + version + R"(', '{"id":"f1","name":"Invoice triage","version":")" +
               version + R"(","nodes":[)" + nodes + R"(],"edges":[]}', '', 'ed'))" +
               "; UPDATE scaiflow.flows SET number = number + 1, version = '" + version +
               "', revision = revision + 1, updated_by = 'ed', updated_at = clock_timestamp()");
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_versions)

BOOST_AUTO_TEST_CASE(versions_come_newest_first_in_pages) {
    People api;
    write_versions(api.db, 5);
    const auto all = api.as("vic", "GET", versions);
    BOOST_REQUIRE(all.status == 200);
    BOOST_TEST(all.json.get("total").integer().value_or(-1) == 5);
    BOOST_TEST(all.json.get("items").size() == 5);
    const auto newest = all.json.get("items").at(0);
    BOOST_TEST(newest.member("version") == "1.0.4");
    BOOST_TEST(newest.get("number").integer().value_or(-1) == 5);
    BOOST_TEST(newest.get("is_current").boolean().value_or(false));
    BOOST_TEST(newest.member("created_by") == "ed");
    BOOST_TEST(newest.member("created_by_name") == "Ed");
    BOOST_TEST(newest.get("restored_from").is_null());
    BOOST_TEST(newest.member("created_at").ends_with("Z"));
    const auto oldest = all.json.get("items").at(4);
    BOOST_TEST(!oldest.get("is_current").boolean().value_or(true));
    BOOST_TEST(
        oldest.get("size").integer().value_or(-1) ==
        std::stoll(api.db.value("SELECT length(content) FROM scaiflow.flow_versions WHERE number = 1")));
    for (const auto* limit : {"1", "2", "5", "500"}) {
        std::string seen, cursor;
        do {
            const auto page = api.as("vic", "GET",
                                     std::string(versions) + "?limit=" + limit +
                                         (cursor.empty() ? "" : "&cursor=" + cursor));
            page.json.get("items").each_item(
                [&](const Value& item) { seen += item.member("version") + " "; });
            cursor = page.json.member("next_cursor");
        } while (!cursor.empty());
        BOOST_TEST(seen == "1.0.4 1.0.3 1.0.2 1.0.1 1.0.0 ", limit);
    }
    BOOST_TEST(field_of(api.as("vic", "GET", std::string(versions) + "?limit=0")) == "query.limit");
    BOOST_TEST(field_of(api.as("vic", "GET", std::string(versions) + "?cursor=AAAA")) == "query.cursor");
}

BOOST_AUTO_TEST_CASE(old_version_is_read_as_it_was_and_may_be_kept) {
    People api;
    write_versions(api.db, 3);
    const auto path = std::string(versions) + "/1.0.1";
    const auto first = api.as("vic", "GET", path);
    BOOST_REQUIRE(first.status == 200);
    BOOST_TEST(first.json.member("id") == "f1");
    BOOST_TEST(first.json.member("owner_id") == "ann");
    BOOST_TEST(first.json.member("tenant_id") == "t1");
    BOOST_TEST(first.json.member("version") == "1.0.1");
    BOOST_TEST(first.json.member("created_by") == "ed");
    BOOST_TEST(first.json.get("content").get("nodes").size() == 1);
    BOOST_TEST(first.json.get("content").member("version") == "1.0.1");
    BOOST_TEST(first.headers.at("Cache-Control") == "private, max-age=3600");
    const auto etag = first.headers.at("ETag");
    BOOST_TEST((etag.starts_with('"') && etag.ends_with('"')));

    api.db.sql("UPDATE scaiflow.flows SET revision = revision + 1, updated_at = clock_timestamp()");
    BOOST_TEST(api.as("ed", "GET", path).headers.at("ETag") == etag);
    for (const auto& sent : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
        const auto same = api.as("vic", "GET", path, "", {{"if-none-match", sent}});
        BOOST_TEST(same.status == 304, sent);
        BOOST_TEST(same.body.empty());
        BOOST_TEST(same.headers.at("ETag") == etag);
    }
    BOOST_TEST(api.as("vic", "GET", path, "", {{"if-none-match", "\"x\""}}).status == 200);
    BOOST_TEST(api.as("vic", "GET", std::string(versions) + "/1.0.2").headers.at("ETag") != etag);
}

BOOST_AUTO_TEST_CASE(unknown_version_is_404_and_says_which) {
    People api;
    for (const auto* version : {"9.9.9", "1", "latest", "1.0.0 ", "'"})
        for (const auto& path :
             {std::string(versions) + "/" + version, std::string(versions) + "/" + version + "/diff/1.0.0",
              std::string(versions) + "/1.0.0/diff/" + version}) {
            const auto answer = api.as("vic", "GET", path);
            BOOST_TEST(answer.status == 404, path);
            BOOST_TEST(answer.detail() == "version_not_found");
            BOOST_TEST(answer.json.get("detail").member("version") == version);
        }
}

BOOST_AUTO_TEST_CASE(who_does_not_see_the_flow_sees_no_version) {
    People api;
    for (const auto* who : {"bo", "t2/boss2", "t2/stan", "t2/ann"})
        for (const auto* path : {"", "/1.0.0", "/9.9.9", "/1.0.0/diff/1.0.0"}) {
            const auto answer = api.as(who, "GET", std::string(versions) + path);
            BOOST_TEST(answer.status == 404);
            BOOST_TEST(answer.detail() == "not_found");
        }
}

BOOST_AUTO_TEST_CASE(difference_of_two_versions_names_nodes) {
    People api;
    write_versions(api.db, 3);
    const auto answer = api.as("vic", "GET", std::string(versions) + "/1.0.0/diff/1.0.2");
    BOOST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.json.member("flow_id") == "f1");
    BOOST_TEST(answer.json.member("from") == "1.0.0");
    BOOST_TEST(answer.json.member("to") == "1.0.2");
    const auto changes = answer.json.get("changes");
    BOOST_REQUIRE(changes.size() == 2);
    BOOST_TEST(changes.at(0).member("what") == "node");
    BOOST_TEST(changes.at(0).member("id") == "node_1");
    BOOST_TEST(changes.at(0).member("kind") == "added");
    BOOST_TEST(changes.at(1).member("id") == "node_2");
    BOOST_TEST(api.as("vic", "GET", std::string(versions) + "/1.0.2/diff/1.0.0")
                   .json.get("changes")
                   .at(0)
                   .member("kind") == "removed");
    BOOST_TEST(api.as("vic", "GET", std::string(versions) + "/1.0.1/diff/1.0.1").json.get("changes").size() ==
               0);
    BOOST_TEST(api.as("vic", "GET", std::string(versions) + "/1.0.0/diff/1.0.2", "",
                      {{"if-none-match", answer.headers.at("ETag")}})
                   .status == 304);
}

BOOST_AUTO_TEST_CASE(old_version_comes_back_as_a_new_one) {
    People api;
    write_versions(api.db, 3);
    const auto back = api.as("ed", "POST", std::string(versions) + "/1.0.1/restore");
    BOOST_REQUIRE(back.status == 200);
    BOOST_TEST(back.json.member("version") == "1.0.3");
    BOOST_TEST(back.json.get("content").member("version") == "1.0.3");
    BOOST_TEST(back.json.get("content").member("id") == "f1");
    BOOST_TEST(back.json.get("content").get("nodes").size() == 1);
    BOOST_TEST(back.headers.at("ETag") == "\"4\"");
    const auto now = api.as("vic", "GET", "/v1/flows/f1");
    BOOST_TEST(now.body == back.body);
    const auto items = api.as("vic", "GET", versions).json.get("items");
    BOOST_TEST(items.size() == 4);
    BOOST_TEST(items.at(0).member("version") == "1.0.3");
    BOOST_TEST(items.at(0).member("restored_from") == "1.0.1");
    BOOST_TEST(items.at(0).get("is_current").boolean().value_or(false));
    BOOST_TEST(items.at(1).get("restored_from").is_null());
    BOOST_TEST(
        api.db.value(
            "SELECT bool_and(a.listed_at = f.updated_at) FROM scaiflow.flow_acls a JOIN scaiflow.flows f "
            "ON f.id = a.flow_id") == "t");
    // What was replaced is still there, and can come back in its turn.
    BOOST_TEST(api.as("ed", "POST", std::string(versions) + "/1.0.2/restore").json.member("version") ==
               "1.0.4");
    BOOST_TEST(api.as("vic", "GET", "/v1/flows/f1").json.get("content").get("nodes").size() == 2);
}

BOOST_AUTO_TEST_CASE(current_or_unknown_version_is_not_restored) {
    People api;
    write_versions(api.db, 2);
    const auto current = api.as("ed", "POST", std::string(versions) + "/1.0.1/restore");
    BOOST_TEST(current.status == 409);
    BOOST_TEST(current.detail() == "already_current");
    const auto unknown = api.as("ed", "POST", std::string(versions) + "/9.9.9/restore");
    BOOST_TEST(unknown.status == 404);
    BOOST_TEST(unknown.detail() == "version_not_found");
    BOOST_TEST(api.as("vic", "POST", std::string(versions) + "/1.0.0/restore").status == 403);
    BOOST_TEST(api.as("bo", "POST", std::string(versions) + "/1.0.0/restore").status == 404);
    BOOST_TEST(api.as("ed", "POST", std::string(versions) + "/1.0.0/restore", "[]").status == 422);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_versions") == "2");
}

BOOST_AUTO_TEST_CASE(restore_honours_if_match_and_idempotency_key) {
    People api;
    write_versions(api.db, 3);
    const auto path = std::string(versions) + "/1.0.0/restore";
    const auto stale = api.as("ed", "POST", path, "", {{"if-match", "\"2\""}});
    BOOST_TEST(stale.status == 412);
    BOOST_TEST(stale.detail() == "version_conflict");
    BOOST_TEST(stale.json.get("detail").member("version") == "1.0.2");
    BOOST_TEST(stale.json.get("detail").member("updated_by_name") == "Ed");
    const test::FlowApi::Headers once = {{"if-match", "\"3\""}, {"idempotency-key", "k1"}};
    const auto first = api.as("ed", "POST", path, "", once);
    BOOST_TEST(first.status == 200);
    const auto again = api.as("ed", "POST", path, "", once);
    BOOST_TEST(again.status == 200);
    BOOST_TEST(again.body == first.body);
    BOOST_TEST(again.headers.at("Idempotency-Replayed") == "true");
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_versions") == "4");
}

BOOST_AUTO_TEST_SUITE_END()
