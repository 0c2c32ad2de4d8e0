// List, detail, versions, download, install. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "tests/db/handlers/scaiflow/catalog/fixture.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using Fixture = test::CatalogFixture;

BOOST_FIXTURE_TEST_SUITE(handlers_scaiflow_catalog_read, Fixture)

BOOST_AUTO_TEST_CASE(the_list_is_a_bare_array_newest_first) {
    for (const auto* id : {"one", "two", "three"})
        BOOST_TEST(publish("ann", id).status == 201);
    BOOST_TEST(publish("ann", "one").status == 201);
    const auto answer = as("ben", "GET", "/api/v1/catalog");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.is_array());
    BOOST_TEST(ids("ben") == "one three two");
    BOOST_TEST(!answer.json.at(0).get("readme").present());
    BOOST_TEST(!answer.json.at(0).get("tenant_id").present());
    BOOST_TEST(!answer.headers.contains("Link"));
    BOOST_TEST(ids("far") == "");
}

BOOST_AUTO_TEST_CASE(pages_follow_one_another_by_header) {
    for (int i = 0; i < 7; ++i)
        BOOST_TEST(publish("ann", "p" + std::to_string(i)).status == 201);
    // Equal times: the id decides.
    db.sql(
        "UPDATE scaiflow.catalog_packages SET updated_at = '2026-05-01T00:00:00Z' WHERE package_id < 'p5'");
    for (const auto* person : {"ben", "root"}) {
        std::string seen;
        std::string query = "?limit=2";
        for (int page = 0; page < 9; ++page) {
            seen += ids(person, query) + "|";
            const auto answer = as(person, "GET", "/v1/catalog" + query);
            const auto cursor = answer.headers.find("X-Next-Cursor");
            if (cursor == answer.headers.end())
                break;
            BOOST_TEST(answer.headers.at("Link") ==
                       "</api/v1/catalog?limit=2&cursor=" + cursor->second + ">; rel=\"next\"");
            query = "?limit=2&cursor=" + cursor->second;
        }
        BOOST_TEST(seen == "p6 p5|p0 p1|p2 p3|p4|");
    }
    const auto searched = as("ben", "GET", "/v1/catalog?limit=1&search=Name%20of");
    BOOST_TEST(searched.headers.at("Link").find("&search=Name%20of>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(search_looks_at_id_name_and_description_in_any_case) {
    BOOST_TEST(post("ann", draft("invoice-triage").set("name", "Rechnungen")).status == 201);
    BOOST_TEST(post("ann", draft("other").set("description", "also about INVOICES")).status == 201);
    BOOST_TEST(post("ann", draft("third").set("name", "100%_done")).status == 201);
    BOOST_TEST(ids("ben", "?search=Invoice") == "other invoice-triage");
    BOOST_TEST(ids("ben", "?search=rechn") == "invoice-triage");
    BOOST_TEST(ids("ben", "?search=%25_") == "third"); // no pattern
    BOOST_TEST(ids("ben", "?search=nothing") == "");
    BOOST_TEST(ids("ben", "?search=") == "third other invoice-triage");
}

BOOST_AUTO_TEST_CASE(a_search_looks_at_ten_thousand_packages_a_page) {
    db.sql(
        "INSERT INTO scaiflow.catalog_packages (tenant_id, package_id, name, version, author_id, updated_at) "
        "SELECT 't1', 'p' || n, CASE n WHEN 1 THEN 'rare' ELSE 'common' END, '1.0.0', 'ann', "
        "'2026-05-01T00:00:00Z'::timestamptz + n * interval '1 second' FROM generate_series(1, 10002) n");
    for (const auto* person : {"ben", "boss", "root"}) {
        const auto first = as(person, "GET", "/v1/catalog?search=rare");
        BOOST_TEST(first.json.size() == 0U, person);
        BOOST_TEST_REQUIRE(first.headers.contains("X-Next-Cursor"), person);
        BOOST_TEST(ids(person, "?search=rare&cursor=" + first.headers.at("X-Next-Cursor")) == "p1");
    }
    BOOST_TEST(as("ben", "GET", "/v1/catalog?search=common&limit=3").json.size() == 3U);
}

BOOST_AUTO_TEST_CASE(bad_queries_are_422_naming_the_parameter) {
    BOOST_TEST(publish("ann", "p").status == 201);
    const std::string foreign = scai::crypto::base64url(R"(["users","1","a"])");
    const std::string huge = scai::crypto::base64url(R"(["catalog","999999999999999999","t1","p"])");
    const std::string negative = scai::crypto::base64url(R"(["catalog","-1","t1","p"])");
    for (const std::string& query :
         {std::string("limit=0"), std::string("limit=501"), std::string("limit=x"), std::string("cursor="),
          std::string("cursor=%21"), "cursor=" + foreign, "cursor=" + huge, "cursor=" + negative}) {
        const auto answer = as("ann", "GET", "/v1/catalog?" + query);
        BOOST_TEST(answer.status == 422, query);
        BOOST_TEST(answer.json.get("detail").at(0).get("loc").at(1).text_or("") ==
                   query.substr(0, query.find('=')));
        if (query != "cursor=" + negative)
            BOOST_TEST(as("ann", "GET", "/v1/catalog/p/versions?" + query).status == 422, query);
    }
    BOOST_TEST(as("ann", "GET", "/v1/catalog?search=" + std::string(201, 'x')).status == 422);
}

BOOST_AUTO_TEST_CASE(detail_has_readme_and_facts) {
    const auto published = post("ann", draft("p").set("readme", "# Read me"));
    BOOST_TEST(post("ann", draft("p").set("readme", "# Newer")).status == 201);
    const auto answer = as("ben", "GET", "/v1/catalog/p");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("readme") == "# Newer");
    BOOST_TEST(answer.json.member("version") == "0.1.1");
    BOOST_TEST(answer.json.member("tenant_id") == "t1");
    BOOST_TEST(answer.json.get("versions").integer().value_or(0) == 2);
    BOOST_TEST(answer.json.get("can_manage").boolean().value_or(true) == false);
    BOOST_TEST(as("ann", "GET", "/v1/catalog/p").json.get("can_manage").boolean().value_or(false));
    const auto bytes = as("ben", "GET", "/v1/catalog/p/versions/0.1.1/package").body;
    BOOST_TEST(answer.json.member("sha256") == scai::crypto::to_hex(scai::crypto::sha256(bytes)));
    BOOST_TEST(answer.json.get("size").integer().value_or(0) == static_cast<std::int64_t>(bytes.size()));
    BOOST_TEST(publish("ann", "q").status == 201);
    BOOST_TEST(as("ben", "GET", "/v1/catalog/q").json.get("readme").is_null());
    BOOST_TEST(as("ben", "GET", "/v1/catalog/unknown").status == 404);
    BOOST_TEST(as("ben", "GET", "/v1/catalog/unknown").detail() == "not_found");
}

BOOST_AUTO_TEST_CASE(versions_are_listed_newest_first_in_pages) {
    for (const auto* version : {"0.1.0", "0.2.0", "1.0.0", "0.3.0"})
        BOOST_TEST(publish("ann", "p", version).status == 201);
    std::string seen;
    std::string cursor;
    for (int page = 0; page < 9; ++page) {
        const auto answer =
            as("ben", "GET", "/v1/catalog/p/versions?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_TEST(answer.json.get("total").integer().value_or(0) == 4);
        answer.json.get("items").each_item([&](const Value& item) {
            seen += item.member("version") + (item.get("is_current").boolean().value_or(false) ? "* " : " ");
            BOOST_TEST(item.member("created_by") == "ann");
            BOOST_TEST(item.member("sha256").size() == 64U);
        });
        seen += "|";
        cursor = answer.json.member("next_cursor");
        if (cursor.empty())
            break;
    }
    BOOST_TEST(seen == "0.3.0* 1.0.0 0.2.0 |0.1.0 |");
    BOOST_TEST(publish("ann", "q").status == 201);
    // A cursor of another package's list.
    const auto first = as("ben", "GET", "/v1/catalog/p/versions?limit=1").json.member("next_cursor");
    BOOST_TEST(as("ben", "GET", "/v1/catalog/q/versions?cursor=" + first).status == 422);
}

BOOST_AUTO_TEST_CASE(the_package_is_downloaded_with_its_hash_as_etag) {
    BOOST_TEST(publish("ann", "p").status == 201);
    const auto answer = as("ben", "GET", "/v1/catalog/p/versions/0.1.0/package");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.headers.at("Content-Type") == "application/zip");
    BOOST_TEST(answer.headers.at("Content-Disposition") == "attachment; filename=\"p-0.1.0.scaipkg\"");
    const auto etag = "\"" + scai::crypto::to_hex(scai::crypto::sha256(answer.body)) + "\"";
    BOOST_TEST(answer.headers.at("ETag") == etag);
    const auto package = scaiflow::catalog::read_package(answer.body);
    BOOST_REQUIRE(package);
    BOOST_TEST(package->info.author_id == "ann");

    const std::string path = "/v1/catalog/p/versions/0.1.0/package";
    for (const std::string& known : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
        const auto again = as("ben", "GET", path, "", {{"if-none-match", known}});
        BOOST_TEST(again.status == 304, known);
        BOOST_TEST(again.body.empty());
    }
    BOOST_TEST(as("ben", "GET", path, "", {{"if-none-match", "\"x\""}}).status == 200);
    BOOST_TEST(as("ben", "GET", "/v1/catalog/p/versions/9.9.9/package").status == 404);
    BOOST_TEST(as("far", "GET", path).status == 404);
    BOOST_TEST(as("far", "GET", path, "", {{"if-none-match", "*"}}).status == 404);
}

BOOST_AUTO_TEST_CASE(install_gives_a_fresh_copy_and_stores_nothing) {
    BOOST_TEST(post("ann", draft("p").set("content", good_flow("old"))).status == 201);
    BOOST_TEST(post("ann", draft("p", "0.2.0").set("content", good_flow("new"))).status == 201);
    const auto newest = as("ben", "POST", "/v1/catalog/p/install");
    BOOST_TEST(newest.status == 200);
    const auto content = newest.json.get("content");
    BOOST_TEST(content.member("id").starts_with("flow_"));
    BOOST_TEST(content.member("id") != good_flow().member("id"));
    BOOST_TEST(content.member("version") == "1.0.0");
    BOOST_TEST(content.get("metadata").member("source_package") == "p");
    BOOST_TEST(content.get("metadata").member("source_version") == "0.2.0");
    BOOST_TEST(content.get("nodes").at(1).get("config").member("template") == "new");
    const auto old = as("ben", "POST", "/v1/catalog/p/install", R"({"version":"0.1.0"})");
    BOOST_TEST(old.json.get("content").get("nodes").at(1).get("config").member("template") == "old");
    BOOST_TEST(old.json.get("content").member("id") != content.member("id"));
    BOOST_TEST(count("flows") == "0");

    BOOST_TEST(as("ben", "POST", "/v1/catalog/p/install", R"({"version":"7.0.0"})").status == 404);
    BOOST_TEST(as("ben", "POST", "/v1/catalog/p/install", R"({"version":7})").status == 422);
    BOOST_TEST(as("ben", "POST", "/v1/catalog/p/install", "{").status == 400);
    BOOST_TEST(as("far", "POST", "/v1/catalog/p/install").status == 404);
    who = person("ben");
    who.permissions = {};
    BOOST_TEST(call("POST", "/v1/catalog/p/install").status == 403);
    who.permissions = {std::string(scaiflow::permission_view)}; // viewers may install
    BOOST_TEST(call("POST", "/v1/catalog/p/install").status == 200);
}

BOOST_AUTO_TEST_CASE(what_is_published_can_be_installed_and_published_again) {
    BOOST_TEST(publish("ann", "p").status == 201);
    const auto content = as("ben", "POST", "/v1/catalog/p/install").json.get("content");
    BOOST_TEST(post("ben", draft("p-of-ben").set("content", content)).status == 201);
}

BOOST_AUTO_TEST_CASE(a_super_admin_says_which_tenant_when_ids_clash) {
    BOOST_TEST(publish("far", "theirs").status == 201);
    BOOST_TEST(publish("ann", "both").status == 201);
    BOOST_TEST(publish("far", "both").status == 201);
    BOOST_TEST(as("root", "GET", "/v1/catalog/theirs").json.member("tenant_id") == "t2");
    BOOST_TEST(as("root", "GET", "/v1/catalog/both").json.member("tenant_id") == "t1"); // the own one
    BOOST_TEST(as("root", "GET", "/v1/catalog/both?tenant_id=t2").json.member("tenant_id") == "t2");
    BOOST_TEST(as("root", "GET", "/v1/catalog/both?tenant_id=t3").status == 404);
    BOOST_TEST(ids("root") == "both both theirs");
    BOOST_TEST(ids("root", "?tenant_id=t2") == "both theirs");
    BOOST_TEST(ids("ann", "?tenant_id=t2") == "both"); // of no meaning for others
    BOOST_TEST(as("ann", "GET", "/v1/catalog/both?tenant_id=t2").status == 404);
    db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t3')");
    db.sql("INSERT INTO scaiflow.catalog_packages (tenant_id, package_id, name, version, author_id) VALUES "
           "('t3', 'theirs', 'x', '1.0.0', 'x')");
    const auto ambiguous = as("root", "GET", "/v1/catalog/theirs");
    BOOST_TEST(ambiguous.status == 409);
    BOOST_TEST(ambiguous.detail() == "ambiguous_package");
    BOOST_TEST(ambiguous.json.get("detail").member("tenants") == "t2,t3");
}

BOOST_AUTO_TEST_SUITE_END()
