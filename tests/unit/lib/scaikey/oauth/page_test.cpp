// The pages of the embedded provider. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/page.hpp"

#include <boost/test/unit_test.hpp>

namespace oauth = scaikey::oauth;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_page)

namespace {

std::string header(const scai::web::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(hostile_text_is_escaped_everywhere) {
    const std::string evil = R"("><script>alert('x')</script>&)";
    const std::string safe = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
    const auto sign_in = oauth::sign_in_page(
        {.application = evil, .tenant = evil, .email = evil, .csrf = evil, .error = evil}, "", 200);
    const auto choice = oauth::choice_page(
        {.application = evil, .email = evil, .csrf = evil, .flow = evil, .tenants = {{evil, evil}}}, "");
    const auto sign_out = oauth::sign_out_page({.email = evil, .csrf = evil}, "");
    const auto message = oauth::message_page(evil, evil, 400);
    for (const auto* page : {&sign_in, &choice, &sign_out, &message}) {
        BOOST_TEST(!has(page->body, "<script>"));
        BOOST_TEST(has(page->body, safe));
    }
}

BOOST_AUTO_TEST_CASE(every_page_forbids_frames_scripts_and_caching) {
    const auto page = oauth::sign_in_page({.application = "Flow"}, "https://flow.test", 200);
    const auto policy = header(page, "Content-Security-Policy");
    BOOST_TEST(has(policy, "default-src 'none'"));
    BOOST_TEST(has(policy, "frame-ancestors 'none'"));
    BOOST_TEST(has(policy, "form-action 'self' https://flow.test;"));
    BOOST_TEST(!has(policy, "unsafe"));
    BOOST_TEST(header(page, "X-Frame-Options") == "DENY");
    BOOST_TEST(header(page, "Cache-Control") == "no-store");
    const auto nonce = policy.substr(policy.find("nonce-") + 6, 24);
    BOOST_TEST(has(page.body, "<style nonce=\"" + nonce + "\">"));
    const auto again = oauth::sign_in_page({.application = "Flow"}, "", 200);
    BOOST_TEST(!has(header(again, "Content-Security-Policy"), nonce));
}

BOOST_AUTO_TEST_CASE(cursor_starts_where_typing_starts) {
    const auto fresh = oauth::sign_in_page({.application = "Flow"}, "", 200);
    BOOST_TEST(has(fresh.body, "value=\"\" autofocus"));
    const auto hinted = oauth::sign_in_page({.application = "Flow", .email = "bo@acme.test"}, "", 200);
    BOOST_TEST(has(hinted.body, "required autofocus"));
    BOOST_TEST(has(hinted.body, "value=\"bo@acme.test\">"));
}

BOOST_AUTO_TEST_SUITE_END()
