// Exports: what is written, where, and what happens when the storage says no. The storage is an HTTP server
// that makes every signature itself. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/audit/chain.hpp"
#include "lib/scaivault/audit/exports.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace scaivault;
namespace db = scai::db;
using scai::json::Value;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

constexpr auto secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The signature of a request by the book (AWS General Reference, Signature Version 4), for what S3 is sent
/// here: no query, headers as they were signed.
std::string signature_of(const HttpRequest& request, const std::string& key, const std::string& region) {
    const auto authorization = request.header("Authorization");
    const auto part = [&](const std::string& name) {
        const auto at = authorization.find(name + "=") + name.size() + 1;
        return authorization.substr(at, authorization.find_first_of(", ", at) - at);
    };
    const auto names = part("SignedHeaders");
    std::string canonical = request.method + "\n" + request.path + "\n\n";
    std::stringstream list(names);
    for (std::string name; std::getline(list, name, ';');)
        canonical += name + ":" + request.header(name) + "\n";
    const auto hash = scai::crypto::to_hex(scai::crypto::sha256(request.body));
    canonical += "\n" + names + "\n" + hash;
    const auto date = request.header("x-amz-date");
    const auto scope = date.substr(0, 8) + "/" + region + "/s3/aws4_request";
    const auto to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" +
                         scai::crypto::to_hex(scai::crypto::sha256(canonical));
    std::string made = "AWS4" + key;
    for (const auto& step : {date.substr(0, 8), region, std::string("s3"), std::string("aws4_request")})
        made = scai::crypto::hmac_sha256(made, step);
    return part("Signature") == scai::crypto::to_hex(scai::crypto::hmac_sha256(made, to_sign)) &&
                   part("Credential").ends_with("/" + scope) && request.header("x-amz-content-sha256") == hash
               ? "good"
               : "bad";
}

class Storage {
public:
    std::map<std::string, std::string> objects;
    int refuse = 0; ///< so many requests
    int with = 503;
    scai::test::HttpServer server{[this](const HttpRequest& request) -> HttpReply {
        if (refuse > 0) {
            --refuse;
            return {.status = with,
                    .body = "<Error><Code>SlowDown</Code><Message>secret text</Message></Error>"};
        }
        if (request.method != "PUT" || signature_of(request, secret_key, "eu-west-1") != "good")
            return {.status = 403, .body = "<Error><Code>SignatureDoesNotMatch</Code></Error>"};
        objects[request.path] = request.body;
        return {};
    }};
};

struct Trail {
    test::Database base = test::migrated_database("scaivault");
    db::Pool pool{base.settings("scaivault_jobs")};
    db::Pool api{base.settings("scaivault_audit")};
    scai::http::CurlClient http;
    scai::SystemClock clock;

    void add(int rows, const std::string& tenant = "t1") {
        db::in_tx(pool, db::Scope::tenant(tenant), [&](db::Tx& tx) {
            for (int i = 0; i < rows; ++i) {
                audit::Entry entry;
                entry.tenant_id = tenant;
                entry.action = i % 2 == 0 ? "read" : "write";
                entry.identity_type = "user";
                entry.identity_id = "user:mia@x.test";
                entry.secret_path = "apps/x";
                entry.user_agent = "say \"hi\", twice\n";
                entry.request_id = "req_" + std::to_string(i);
                entry.extra.set("n", i);
                audit::write(tx, entry);
            }
        });
    }
    audit::Export row(const std::string& format = "jsonl") const {
        audit::Export out;
        out.id = audit::make_export_id();
        out.tenant_id = "t1";
        out.requested_by = "user:mia@x.test";
        out.format = format;
        out.filter.from = scai::from_unix_seconds(0);
        out.filter.to = clock.now() + std::chrono::hours(1);
        out.destination = {"s3", "bucket-1", "audit/2026 \u00e9/", "infra/s3", "eu-west-1"};
        return out;
    }
    audit::Export request(const std::string& format = "jsonl") {
        auto out = row(format);
        db::in_tx(api, db::Scope::tenant("t1"), [&](db::Tx& tx) { audit::store_export(tx, out); });
        return out;
    }
    audit::OpenSink opener(const Storage& storage, const std::string& key = secret_key) {
        return [this, &storage, key](const audit::Export& row) -> scai::Result<std::unique_ptr<audit::Sink>> {
            auto keys = audit::storage_keys_of(
                scai::SecretText(R"({"access_key_id":"AKID","secret_access_key":")" + key + R"("})"));
            if (!keys)
                return keys.error();
            return audit::s3_sink(http, clock, row.destination, std::move(*keys), storage.server.url());
        };
    }
};

bool never() {
    return false;
}

Value destination(const std::string& text) {
    return *scai::json::parse(text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_audit_exports)

BOOST_AUTO_TEST_CASE(an_export_is_signed_complete_and_says_what_it_holds) {
    Trail trail;
    Storage storage;
    trail.add(5);
    trail.add(3, "t2");
    audit::seal_log(trail.pool, 100, never);
    const auto wanted = trail.request();
    const auto report = audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never);
    BOOST_TEST(report.completed == 1);
    BOOST_TEST(report.records == 5);

    const auto folder = "/bucket-1/audit/2026%20%C3%A9/" + wanted.id + "/";
    BOOST_REQUIRE(storage.objects.size() == 2);
    const auto& content = storage.objects.at(folder + "part-00001.jsonl");
    BOOST_TEST(std::count(content.begin(), content.end(), '\n') == 5);
    const auto first = scai::json::parse(content.substr(0, content.find('\n')));
    BOOST_REQUIRE(first);
    BOOST_TEST(first->member("request_id") == "req_0"); // oldest first
    BOOST_TEST(*first->get("extra_data").get("n").integer() == 0);
    const auto manifest = scai::json::parse(storage.objects.at(folder + "manifest.json"));
    BOOST_REQUIRE(manifest);
    const auto file = manifest->get("files").at(0);
    BOOST_TEST(file.member("name") == wanted.id + "/part-00001.jsonl");
    BOOST_TEST(file.member("sha256") == scai::crypto::to_hex(scai::crypto::sha256(content)));
    BOOST_TEST(*file.get("size_bytes").integer() == static_cast<std::int64_t>(content.size()));
    BOOST_TEST(*file.get("records").integer() == 5);
    BOOST_TEST(manifest->get("seals").at(0).member("hash") == audit::anchors(trail.pool, "t1").at(0).hash);

    const auto row = audit::find_export(trail.api, "t1", wanted.id);
    BOOST_REQUIRE(row);
    BOOST_TEST(row->status == "completed");
    BOOST_TEST(row->records.value_or(0) == 5);
    BOOST_TEST(to_json(*row).get("manifest").get("files").size() == 1);
    BOOST_TEST(!audit::find_export(trail.api, "t2", wanted.id));
    BOOST_TEST(audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never).completed == 0);
}

BOOST_AUTO_TEST_CASE(a_long_trail_becomes_several_files_and_none_is_lost_between_them) {
    Trail trail;
    trail.add(5000); // more than a page of rows, too
    auto wanted = trail.row();
    wanted.filter.actions = {"read"};
    std::string folder = "/tmp/scai-export-XXXXXX";
    BOOST_REQUIRE(mkdtemp(folder.data()) != nullptr);
    const auto sink = audit::file_sink(folder);
    const auto written = audit::write_export(trail.pool, wanted, *sink, trail.clock, never, 100'000);
    BOOST_REQUIRE(written);
    BOOST_TEST(written->records == 2500);
    BOOST_TEST(written->manifest.get("files").size() > 3);
    std::int64_t lines = 0, expected = 0;
    written->manifest.get("files").each_item([&](const Value& file) {
        std::ifstream in(folder + "/" + file.member("name"));
        for (std::string line; std::getline(in, line); ++lines) {
            BOOST_REQUIRE(line.find("\"req_" + std::to_string(expected) + "\"") != std::string::npos);
            expected += 2;
        }
        BOOST_TEST(*file.get("size_bytes").integer() < 102'000);
    });
    BOOST_TEST(lines == 2500);
    // What is there already is not overwritten.
    BOOST_TEST(!audit::write_export(trail.pool, wanted, *sink, trail.clock, never, 100'000));
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(csv_quotes_what_needs_it) {
    Trail trail;
    Storage storage;
    trail.add(1);
    const auto wanted = trail.request("csv");
    audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never);
    const auto& text = storage.objects.at("/bucket-1/audit/2026%20%C3%A9/" + wanted.id + "/part-00001.csv");
    BOOST_TEST(text.starts_with(
        "id,timestamp,action,identity_type,identity_id,secret_path,source_ip,user_agent,success,"
        "duration_ms,request_id,extra_data\r\nlog_"));
    BOOST_TEST(text.find("\"say \"\"hi\"\", twice\n\",true,0,req_0,\"{\"\"n\"\": 0}\"\r\n") !=
                   std::string::npos,
               text);
}

BOOST_AUTO_TEST_CASE(an_empty_period_gives_an_empty_file_and_a_manifest) {
    Trail trail;
    Storage storage;
    const auto wanted = trail.request();
    BOOST_TEST(audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never).completed == 1);
    BOOST_TEST(storage.objects.size() == 2);
    BOOST_TEST(audit::find_export(trail.api, "t1", wanted.id)->records.value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_storage_in_trouble_is_asked_again_and_a_refusal_is_said_and_tried_five_times) {
    Trail trail;
    Storage storage;
    trail.add(1);
    trail.request();
    storage.refuse = 2;
    BOOST_TEST(audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never).completed == 1);

    const auto refused = trail.request();
    for (int run = 1; run <= 5; ++run) {
        const auto report =
            audit::run_exports(trail.pool, trail.opener(storage, "wrong/key"), trail.clock, never);
        BOOST_TEST(report.postponed == (run < 5 ? 1 : 0));
        BOOST_TEST(report.failed == (run < 5 ? 0 : 1));
        const auto row = audit::find_export(trail.api, "t1", refused.id);
        BOOST_TEST(row->status == (run < 5 ? "pending" : "failed"));
        BOOST_TEST(row->error == "the storage answered 403 SignatureDoesNotMatch");
    }
    BOOST_TEST(audit::count_waiting(trail.pool) == 0);
}

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_is_repeated) {
    Trail trail;
    Storage storage;
    trail.add(2);
    const auto wanted = trail.request();
    trail.base.sql("UPDATE scaivault.audit_exports SET status = 'running', attempts = 1, started_at = now()");
    BOOST_TEST(audit::run_exports(trail.pool, trail.opener(storage), trail.clock, never).completed == 1);
    const auto stopped = trail.request();
    int asked = 0;
    BOOST_TEST(audit::run_exports(trail.pool, trail.opener(storage), trail.clock, [&] {
                   return ++asked > 1;
               }).postponed == 1);
    BOOST_TEST(audit::find_export(trail.api, "t1", stopped.id)->error == "stopped");
}

BOOST_DATA_TEST_CASE(
    a_destination_that_cannot_be_used_is_refused,
    boost::unit_test::data::make({
        R"({})",
        R"([])",
        R"({"type":"gcs","bucket":"abc","credentials_path":"a"})",
        R"({"type":"azure_blob","bucket":"abc","credentials_path":"a"})",
        R"({"type":"ftp","bucket":"abc","credentials_path":"a"})",
        R"({"type":"file","bucket":"abc","credentials_path":"a"})",
        R"({"type":"s3","bucket":"abc"})",
        R"({"type":"s3","credentials_path":"a"})",
        R"({"type":"s3","bucket":"x","credentials_path":"a"})",
        R"({"type":"s3","bucket":"a/b","credentials_path":"a"})",
        R"({"type":"s3","bucket":"evil.test#","credentials_path":"a"})",
        R"({"type":"s3","bucket":"a..b","credentials_path":"a"})",
        R"({"type":"s3","bucket":"abc","credentials_path":"a","prefix":"/x"})",
        R"({"type":"s3","bucket":"abc","credentials_path":"a","prefix":"x/../../y"})",
        R"({"type":"s3","bucket":"abc","credentials_path":"a","prefix":"a\nb"})",
        R"({"type":"s3","bucket":"abc","credentials_path":"a","region":"x.evil.test"})",
        R"({"type":"s3","bucket":"abc","credentials_path":"a","secret_access_key":"inline"})",
    }),
    text) {
    const auto made = audit::destination_of(destination(text));
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error().code == "invalid_config");
    BOOST_TEST(made.error().message.find("inline") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(credentials_are_taken_from_a_secret_by_their_usual_names) {
    const auto keys = [](const char* text) { return audit::storage_keys_of(scai::SecretText(text)); };
    const auto full = keys(
        R"({"access_key_id":"A","secret_access_key":"s\/k","session_token":"t","region":"eu-west-1","x":{"y":1}})");
    BOOST_REQUIRE(full);
    BOOST_TEST(full->access_key == "A");
    BOOST_TEST(full->secret_key.reveal() == "s/k");
    BOOST_TEST(full->session_token.reveal() == "t");
    BOOST_TEST(full->region == "eu-west-1");
    BOOST_TEST(static_cast<bool>(keys(R"({"access_key":"A","secret_key":"b"})")));
    for (const auto* broken : {R"({})", R"({"access_key":"A"})", R"({"access_key":1,"secret_key":"b"})",
                               R"({"access_key":"A","secret_key":"b\u0041"})",
                               R"({"access_key":"A","secret_key":"b","region":"x.evil.test"})"})
        BOOST_TEST(keys(broken).error().code == "invalid_config");
}

BOOST_AUTO_TEST_SUITE_END()
