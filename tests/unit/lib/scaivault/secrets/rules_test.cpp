// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/rules.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace secrets = scaivault::secrets;
using scai::json::Value;
using namespace std::chrono_literals;

namespace {

const auto now = *scai::parse_iso8601("2026-05-01T00:00:00Z");

std::string code_of(const scai::Result<secrets::Write>& write) {
    return write ? "" : write.error().code;
}
/// "code field"
std::string refusal(std::string_view body, const std::optional<secrets::Tag>& expected = {}) {
    const auto write = secrets::parse_write(body, expected);
    if (write)
        return "";
    std::string out = write.error().code;
    for (const auto& field : write.error().fields)
        out += " " + field.path;
    return out;
}
std::string repeated(std::string_view part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += (i > 0 ? "/" : "") + std::string(part);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_secrets_rules)

BOOST_AUTO_TEST_CASE(good_paths_are_good) {
    for (const auto& path :
         {std::string("a"), std::string("apps/demo/login"), std::string("0/-/_"), std::string("metadata/x"),
          std::string("apps/batch"), std::string("apps/expiring"), std::string("rotate/versions/restore/x"),
          std::string("batches/x"), repeated("a", 10), std::string(512, 'a')})
        BOOST_TEST(static_cast<bool>(secrets::check_path(path)), path);
}

BOOST_AUTO_TEST_CASE(bad_paths_are_refused) {
    for (const auto& path : {std::string(""),           std::string("/a"),       std::string("a/"),
                             std::string("a//b"),       std::string("A"),        std::string("a/B"),
                             std::string("a b"),        std::string("a.b"),      std::string(".."),
                             std::string("a/../b"),     std::string("a%2fb"),    std::string("a*"),
                             std::string("\xc3\xa9"),   std::string("a\n"),      repeated("a", 11),
                             std::string(513, 'a'),     std::string("metadata"), std::string("a/metadata"),
                             std::string("a/versions"), std::string("a/rotate"), std::string("a/restore"),
                             std::string("batch"),      std::string("batch/x"),  std::string("expiring"),
                             std::string("expiring/x")}) {
        const auto checked = secrets::check_path(path);
        BOOST_REQUIRE_MESSAGE(!checked, path);
        BOOST_TEST(checked.error().code == "invalid_path");
        BOOST_TEST(!checked.error().message.empty());
    }
}

BOOST_AUTO_TEST_CASE(prefix_may_end_anywhere) {
    for (const auto* prefix : {"", "a", "apps/", "apps/de", "batch", "a/metadata"})
        BOOST_TEST(static_cast<bool>(secrets::check_prefix(prefix)), prefix);
    for (const auto* prefix : {"/", "a//", "A", "a*", "%"})
        BOOST_TEST(!secrets::check_prefix(prefix), prefix);
}

BOOST_AUTO_TEST_CASE(data_is_kept_as_written) {
    const auto write = secrets::parse_write(
        R"( {"options":{}, "data" : {"n": 0.70, "big":123456789012345678901, "x":"é" } } )", {});
    BOOST_REQUIRE(write);
    BOOST_TEST(write->data.reveal() == R"({"n": 0.70, "big":123456789012345678901, "x":"é" })");
    BOOST_TEST(!write->metadata.present());
    BOOST_TEST(!write->secret_type);
}

BOOST_AUTO_TEST_CASE(everything_of_a_write_is_read) {
    const auto write = secrets::parse_write(
        R"({"data":{"a":"b"},"secret_type":"json","metadata":{"description":"d","tags":["x","y"],"owner":"team:x","n":1},
            "options":{"max_versions":5,"expires_in":"30d","notify_before":["1d","7d","24h"],"rotation_policy_id":"rot_1",
                       "secret_policy_id":null,"cas":3}})",
        {});
    BOOST_REQUIRE(write);
    BOOST_TEST(*write->secret_type == "json");
    BOOST_TEST((secrets::tags_of(write->metadata) == std::vector<std::string>{"x", "y"}));
    BOOST_TEST(*write->options.max_versions == 5);
    BOOST_TEST((*write->options.expires_in == std::chrono::days(30)));
    BOOST_TEST((*write->options.notify_before == std::vector<std::string>{"7d", "24h"} ||
                *write->options.notify_before == std::vector<std::string>{"7d", "1d"}));
    BOOST_TEST(*write->options.rotation_policy_id == "rot_1");
    BOOST_TEST(write->options.secret_policy_id->empty());
    BOOST_TEST(*write->options.cas == 3);
}

BOOST_AUTO_TEST_CASE(null_clears_and_text_lists_are_lists) {
    const auto write = secrets::parse_write(
        R"({"data":{},"options":{"expires_in":null,"notify_before":"30d, 1d","max_versions":null}})", {});
    BOOST_REQUIRE(write);
    BOOST_TEST(write->options.expires_in->count() == 0);
    BOOST_TEST((*write->options.notify_before == std::vector<std::string>{"30d", "1d"}));
    BOOST_TEST(*write->options.max_versions == secrets::default_max_versions);
}

BOOST_AUTO_TEST_CASE(bad_writes_name_what_is_wrong) {
    BOOST_TEST(refusal("") == "invalid_request");
    BOOST_TEST(refusal("[]") == "invalid_request");
    BOOST_TEST(refusal("{\"data\":{},}") == "invalid_request");
    BOOST_TEST(refusal(R"({"data":{"a":1,"a":2}})") == "invalid_request");
    BOOST_TEST(refusal("{}") == "validation_error data");
    BOOST_TEST(refusal(R"({"data":"x"})") == "validation_error data");
    BOOST_TEST(refusal(R"({"data":null})") == "validation_error data");
    BOOST_TEST(refusal(R"({"data":{},"dat":1,"x":2})") == "validation_error dat x");
    BOOST_TEST(refusal(R"({"d\u0061ta":{}})") == "validation_error d\\u0061ta data");
    BOOST_TEST(refusal(R"({"data":{},"options":{"max_version":1}})") ==
               "validation_error options.max_version");
    BOOST_TEST(refusal(R"({"data":{},"options":{"max_versions":-1}})") ==
               "validation_error options.max_versions");
    BOOST_TEST(refusal(R"({"data":{},"options":{"max_versions":1.5,"cas":"1"}})") ==
               "validation_error options.max_versions options.cas");
    BOOST_TEST(refusal(R"({"data":{},"options":[]})") == "validation_error options");
    BOOST_TEST(refusal(R"({"data":{},"options":{"rotation_policy_id":""}})") ==
               "validation_error options.rotation_policy_id");
    BOOST_TEST(refusal(R"({"data":{},"metadata":[]})") == "validation_error metadata");
    BOOST_TEST(refusal(R"({"data":{},"metadata":{"tags":["a","a"," b","","c,d",1]}})") ==
               "validation_error metadata.tags[1] metadata.tags[2] metadata.tags[3] metadata.tags[4] "
               "metadata.tags[5]");
    BOOST_TEST(refusal(R"({"data":{},"metadata":{"description":1,"owner":[]}})") ==
               "validation_error metadata.description metadata.owner");
    BOOST_TEST(refusal(R"({"data":{},"metadata":{"n":1e999}})") == "validation_error metadata");
    BOOST_TEST(refusal(R"({"data":{},"secret_type":"password"})") == "invalid_secret_type");
    BOOST_TEST(refusal(R"({"data":{},"options":{"expires_in":"0d"}})") == "invalid_duration");
    BOOST_TEST(refusal(R"({"data":{},"options":{"expires_in":30}})") == "invalid_duration");
    BOOST_TEST(refusal(R"({"data":{},"options":{"notify_before":["1y"]}})") == "invalid_duration");
    BOOST_TEST(refusal(R"({"data":{},"generate_from":"sp_1"})") == "validation_error data");
    BOOST_TEST(refusal(R"({"generate_from":7})") == "validation_error generate_from");
    BOOST_TEST(refusal(R"({"data":{},"metadata":{"x":")" + std::string(70'000, 'x') + R"("}})") ==
               "validation_error metadata");
}

BOOST_AUTO_TEST_CASE(a_mebibyte_of_data_is_the_limit) {
    const auto body = [](std::size_t size) {
        return R"({"data":{"x":")" + std::string(size - 8, 'x') + R"("}})";
    };
    BOOST_TEST(refusal(body(secrets::max_data)).empty());
    BOOST_TEST(refusal(body(secrets::max_data + 1)) == "invalid_request");
}

BOOST_AUTO_TEST_CASE(no_error_repeats_a_value) {
    for (const auto* body :
         {R"({"data":{"p":"hunter2"},})", R"({"data":{"p":"hunter2"},"x":1})", R"({"data":"hunter2"})",
          R"({"data":{"p":"hunter2"},"options":{"expires_in":"x"}})"}) {
        const auto write = secrets::parse_write(body, {});
        BOOST_REQUIRE(!write);
        std::string all = write.error().message + write.error().details;
        for (const auto& field : write.error().fields)
            all += field.path + field.message;
        BOOST_TEST(all.find("hunter2") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(if_match_is_a_version_or_an_etag) {
    BOOST_TEST(!*secrets::parse_if_match(""));
    BOOST_TEST((*secrets::parse_if_match("\"3\""))->version == 3);
    BOOST_TEST((*secrets::parse_if_match("3"))->version == 3);
    const auto exact = *secrets::parse_if_match(secrets::etag(3, 7));
    BOOST_TEST(exact->version == 3);
    BOOST_TEST(*exact->revision == 7);
    for (const auto* bad :
         {"*", "W/\"3\"", "\"x\"", "\"\"", "\"3\", \"4\"", "-1", "\"3.\"", "\"3.7.1\"", "+3"})
        BOOST_TEST(!secrets::parse_if_match(bad), bad);
}

BOOST_AUTO_TEST_CASE(if_match_and_cas_must_agree) {
    const secrets::Tag third{.version = 3, .revision = 9};
    BOOST_TEST(refusal(R"({"data":{},"options":{"cas":4}})", third) == "invalid_request");
    const auto write = secrets::parse_write(R"({"data":{},"options":{"cas":3}})", third);
    BOOST_REQUIRE(write);
    BOOST_TEST(*write->options.cas == 3);
    BOOST_TEST(*write->options.revision == 9);
    BOOST_TEST(code_of(secrets::parse_write(R"({"data":{}})", third)).empty());
}

BOOST_AUTO_TEST_CASE(if_none_match_names_a_tag) {
    BOOST_TEST(secrets::names("\"3.7\"", "\"3.7\""));
    BOOST_TEST(secrets::names("\"1.1\", \"3.7\"", "\"3.7\""));
    BOOST_TEST(secrets::names("*", "\"3.7\""));
    BOOST_TEST(!secrets::names("", "\"3.7\""));
    BOOST_TEST(!secrets::names("\"3\"", "\"3.7\""));
    BOOST_TEST(secrets::names("W/\"3.7\"", "\"3.7\""));
}

BOOST_AUTO_TEST_CASE(patch_merges_and_null_takes_away) {
    const auto patch = secrets::parse_patch(
        R"({"metadata":{"a":null,"b":2,"tags":["x"]},"options":{"max_versions":3}})", {});
    BOOST_REQUIRE(patch);
    const auto merged = secrets::patched(R"({"a":1,"b":1,"c":{"d":1}})", patch->metadata);
    BOOST_REQUIRE(merged);
    BOOST_TEST(merged->dump(true) == R"({"b":2,"c":{"d":1},"tags":["x"]})");
    BOOST_TEST(*patch->options.max_versions == 3);
    BOOST_TEST(!secrets::parse_patch("{}", {}));
    BOOST_TEST(!secrets::parse_patch(R"({"data":{}})", {}));
    BOOST_TEST(!secrets::parse_patch(R"({"options":{"cas":1}})", {}));
    BOOST_TEST(!secrets::patched("{}", *scai::json::parse(R"({"tags":"x"})")));
}

BOOST_AUTO_TEST_CASE(batch_is_read) {
    const auto batch = secrets::parse_batch(
        R"({"paths":["a","b","a"],"options":{"include_metadata":true,"fail_fast":true,"version":2}})", false);
    BOOST_REQUIRE(batch);
    BOOST_TEST((batch->paths == std::vector<std::string>{"a", "b"}));
    BOOST_TEST(batch->include_metadata);
    BOOST_TEST(batch->fail_fast);
    BOOST_TEST(*batch->version == 2);
    const auto metadata =
        secrets::parse_batch(R"({"paths":["a/**"],"options":{"expand_wildcards":true}})", true);
    BOOST_REQUIRE(metadata);
    BOOST_TEST(metadata->expand_wildcards);
}

BOOST_AUTO_TEST_CASE(bad_batches_name_what_is_wrong) {
    std::string many = R"({"paths":[)";
    for (int i = 0; i <= 100; ++i)
        many += std::string(i > 0 ? "," : "") + "\"p" + std::to_string(i) + "\"";
    for (const auto& body :
         {std::string("{}"), std::string(R"({"paths":[]})"), std::string(R"({"paths":"a"})"), many + "]}",
          std::string(R"({"paths":[1]})"), std::string(R"({"paths":["a"],"option":{}})"),
          std::string(R"({"paths":["a"],"options":{"expand_wildcards":true}})"),
          std::string(R"({"paths":["a"],"options":{"fail_fast":1}})"),
          std::string(R"({"paths":["a"],"options":[]})"), std::string(R"({"paths":[""]})")}) {
        const auto batch = secrets::parse_batch(body, false);
        BOOST_REQUIRE_MESSAGE(!batch, body);
        BOOST_TEST(batch.error().code == "validation_error", body);
        BOOST_TEST(!batch.error().fields.empty(), body);
    }
}

BOOST_AUTO_TEST_CASE(each_threshold_is_told_once_in_order) {
    const auto expires = now + std::chrono::days(40);
    const std::vector<std::string> thresholds{"30d", "7d", "1d"};
    const auto first = secrets::first_notice(expires, thresholds, now);
    BOOST_REQUIRE(first.at);
    BOOST_TEST((*first.at == expires - std::chrono::days(30)));
    std::string told;
    auto next = first;
    int rounds = 0;
    while (next.at && ++rounds < 10) {
        secrets::Notice then;
        for (const auto& due :
             secrets::due_notices(expires, thresholds, next.noticed_seconds, *next.at, then))
            told += (due.threshold.empty() ? "expired" : due.threshold) + " ";
        next = then;
    }
    BOOST_TEST(told == "30d 7d 1d expired ");
    BOOST_TEST(rounds == 4);
}

BOOST_AUTO_TEST_CASE(thresholds_that_had_passed_are_not_told) {
    const auto expires = now + std::chrono::days(5);
    const auto first = secrets::first_notice(expires, {"30d", "7d", "1d"}, now);
    BOOST_REQUIRE(first.at);
    BOOST_TEST((*first.at == expires - std::chrono::days(1)));
}

BOOST_AUTO_TEST_CASE(a_late_run_tells_everything_it_missed) {
    const auto expires = now + std::chrono::days(40);
    const std::vector<std::string> thresholds{"30d", "7d", "1d"};
    const auto first = secrets::first_notice(expires, thresholds, now);
    secrets::Notice then;
    const auto due = secrets::due_notices(expires, thresholds, first.noticed_seconds, expires + 1h, then);
    BOOST_REQUIRE(due.size() == 4);
    BOOST_TEST(due.front().threshold == "30d");
    BOOST_TEST(due.back().threshold.empty());
    BOOST_TEST(!then.at);
    BOOST_TEST(secrets::due_notices(expires, thresholds, then.noticed_seconds, expires + 2h, then).empty());
}

BOOST_AUTO_TEST_CASE(no_expiry_no_notice) {
    BOOST_TEST(!secrets::first_notice(std::nullopt, {"1d"}, now).at);
    const auto only_end = secrets::first_notice(now + std::chrono::days(1), {}, now);
    BOOST_TEST((*only_end.at == now + std::chrono::days(1)));
}

BOOST_AUTO_TEST_CASE(days_are_rounded_up) {
    BOOST_TEST(secrets::days_remaining(now + std::chrono::days(3), now) == 3);
    BOOST_TEST(secrets::days_remaining(now + std::chrono::hours(1), now) == 1);
    BOOST_TEST(secrets::days_remaining(now, now) == 0);
    BOOST_TEST(secrets::days_remaining(now - std::chrono::days(2), now) == -2);
}

BOOST_AUTO_TEST_SUITE_END()
