// Registration: what is asked of ScaiKey and how the env file changes. SPDX-License-Identifier: Apache-2.0
#include "lib/config/settings.hpp"
#include "lib/scaiflow/registration/rules.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace scaiflow::registration;
using scai::json::Value;

Wish wish() {
    Wish out;
    out.scaikey_url = "https://key.test";
    out.public_url = "https://flow.test";
    out.redirect_uris = redirect_uris_for(out.public_url);
    out.allowed_scopes = wanted_scopes();
    out.webhook_url = out.public_url + "/api/v1/webhooks/scaikey";
    return out;
}

Value complete_application() {
    auto body = application_body(wish());
    body.set("id", Value("app_1"));
    return body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_registration_rules)

BOOST_AUTO_TEST_CASE(trailing_slashes_of_a_url_go) {
    BOOST_TEST(clean_url(" https://flow.test/// ", "--url").value() == "https://flow.test");
    BOOST_TEST(clean_url("http://127.0.0.1:8080", "--url").value() == "http://127.0.0.1:8080");
}

BOOST_AUTO_TEST_CASE(what_is_no_absolute_http_url_is_refused_by_the_name_of_its_option) {
    for (const char* bad :
         {"", "flow.test", "ftp://flow.test", "https://", "https:///x", "https://a@flow.test",
          "https://flow.test?x=1", "https://flow.test#x", "https://flow test", "https://f\"x"}) {
        const auto result = clean_url(bad, "--url");
        BOOST_TEST(!result, bad);
        if (!result)
            BOOST_TEST(result.error().message.find("--url") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(loopback_is_known_by_name_and_by_number) {
    for (const char* yes : {"http://127.0.0.1:8080", "http://localhost", "http://LOCALHOST:1",
                            "http://[::1]:80/x", "http://127.9.9.9"})
        BOOST_TEST(is_loopback(yes), yes);
    for (const char* no :
         {"https://flow.test", "http://10.0.0.1", "http://localhost.example", "http://[::2]"})
        BOOST_TEST(!is_loopback(no), no);
}

BOOST_AUTO_TEST_CASE(a_loopback_address_gets_both_of_its_names_as_redirect_uris) {
    const auto uris = redirect_uris_for("http://127.0.0.1:8080");
    BOOST_TEST_REQUIRE(uris.size() == 2U);
    BOOST_TEST(uris[0] == "http://127.0.0.1:8080/auth/callback");
    BOOST_TEST(uris[1] == "http://localhost:8080/auth/callback");
    BOOST_TEST(redirect_uris_for("https://flow.test").size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_application_is_a_web_application_with_the_scopes_of_both_walks) {
    const auto body = application_body(wish());
    BOOST_TEST(body.member("application_type") == "WEB");
    BOOST_TEST(body.member("scope") == "GLOBAL");
    BOOST_TEST(!body.get("tenant_id").present());
    BOOST_TEST(!body.get("assign_all_users").present());
    const auto scopes = body.get("allowed_scopes").dump();
    for (const char* scope : {"openid", "admin:read", "admin:write", "groups:read", "users:read"})
        BOOST_TEST(scopes.find('"' + std::string(scope) + '"') != std::string::npos, scope);
}

BOOST_AUTO_TEST_CASE(a_complete_application_needs_no_patch) {
    BOOST_TEST(!application_patch(complete_application(), wish()));
}

BOOST_AUTO_TEST_CASE(a_patch_keeps_what_others_added) {
    auto existing = complete_application();
    existing.set("redirect_uris", Value::array({Value("https://other.test/cb")}));
    existing.set("allowed_scopes", Value::array({Value("openid"), Value("billing:read")}));
    const auto patch = application_patch(existing, wish());
    BOOST_TEST_REQUIRE(patch.has_value());
    BOOST_TEST(patch->get("redirect_uris").dump() ==
               R"(["https://other.test/cb","https://flow.test/auth/callback"])");
    const auto scopes = patch->get("allowed_scopes").dump();
    BOOST_TEST(scopes.find("billing:read") != std::string::npos);
    BOOST_TEST(scopes.find("admin:write") != std::string::npos);
    BOOST_TEST(!patch->get("allowed_origins").present());
    BOOST_TEST(!patch->get("name").present());
}

BOOST_AUTO_TEST_CASE(lists_of_every_shape_are_found) {
    for (const char* shape : {R"([{"id":"a"}])", R"({"data":[{"id":"a"}]})",
                              R"({"data":{"items":[{"id":"a"}]}})", R"({"items":[{"id":"a"}],"total":1})",
                              R"({"results":[{"id":"a"}]})", R"({"webhooks":[{"id":"a"}]})"})
        BOOST_TEST(rows_of(scai::json::parse(shape).value()).at(0).member("id") == "a", shape);
    BOOST_TEST(!rows_of(scai::json::parse(R"({"detail":"x"})").value()).present());
}

BOOST_AUTO_TEST_CASE(a_resource_comes_bare_or_in_data) {
    BOOST_TEST(resource_of(scai::json::parse(R"({"id":"a","data":{"id":"b"}})").value()).member("id") == "a");
    BOOST_TEST(resource_of(scai::json::parse(R"({"data":{"id":"b"},"meta":{}})").value()).member("id") ==
               "b");
}

BOOST_AUTO_TEST_CASE(settings_are_replaced_in_place_and_the_rest_stays) {
    const std::string before =
        "# mine\n\nSCAIKEY_BASE_URL=http://old\nexport OTHER='x y'\nSCAIKEY_BASE_URL=http://older\nlast";
    const auto after = merge_env_file(before, {{"SCAIKEY_BASE_URL", "http://new"}, {"SCAIFLOW_X", "1"}});
    BOOST_TEST_REQUIRE(static_cast<bool>(after));
    BOOST_TEST(*after == "# mine\n\nSCAIKEY_BASE_URL=http://new\nexport OTHER='x y'\nlast\nSCAIFLOW_X=1\n");
}

BOOST_AUTO_TEST_CASE(written_values_are_read_back_as_they_were) {
    for (const std::string value :
         {"plain", "with space", "it's", "'quoted'", "a=b#c", "\"x\"", "$(x)`y`", "tail\t"}) {
        const auto text = merge_env_file("", {{"NAME", value}});
        BOOST_TEST_REQUIRE(static_cast<bool>(text));
        const auto read = scai::config::parse_env_file(*text);
        BOOST_TEST_REQUIRE(static_cast<bool>(read), value);
        BOOST_TEST(read->at("NAME") == value);
    }
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_value_is_refused) {
    for (const std::string& bad : {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
        const auto result = merge_env_file("", {{"NAME", bad}});
        BOOST_TEST_REQUIRE(!result);
        BOOST_TEST(result.error().message == "NAME cannot hold a line break");
    }
}

BOOST_AUTO_TEST_SUITE_END()
