// Applications and webhook subscriptions of the directory API. SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaikey_directory.hpp"

#include "lib/crypto/crypto.hpp"

using test::admin;
using test::Directory;

BOOST_AUTO_TEST_SUITE(handlers_scaikey_applications)

BOOST_AUTO_TEST_CASE(a_secret_is_shown_when_made_and_never_again) {
    Directory d;
    const auto made = d.post(
        "/v1/admin/applications/",
        R"({"name":"Flow","application_type":"WEB","scope":"GLOBAL","redirect_uris":["https://flow.test/cb"],
                                 "allowed_scopes":["openid","admin:read"]})");
    BOOST_TEST(made.status == 201);
    const auto secret = made.body.member("client_secret");
    BOOST_TEST(secret.size() >= 32U);
    BOOST_TEST(made.body.member("client_id") != made.id());
    const auto path = "/v1/admin/applications/" + made.id();
    const auto hash = [&] { return d.db.value("SELECT client_secret_hash FROM scaikey.applications"); };
    BOOST_TEST(hash() == scai::crypto::to_hex(scai::crypto::sha256(secret)));
    BOOST_TEST(!d.get(path).body.get("client_secret").present());
    BOOST_TEST(d.get(path).text.find(hash()) == std::string::npos);
    const auto rotated = d.post(path + "/rotate-secret").body.member("client_secret");
    BOOST_TEST(rotated != secret);
    BOOST_TEST(hash() == scai::crypto::to_hex(scai::crypto::sha256(rotated)));
    const auto spa =
        d.post("/v1/admin/applications/", R"({"name":"S","application_type":"SPA","scope":"GLOBAL"})");
    BOOST_TEST(!spa.body.get("client_secret").present());
    BOOST_TEST(d.post("/v1/admin/applications/" + spa.id() + "/rotate-secret").status == 409);
    BOOST_TEST(d.get("/v1/admin/applications/?application_type=SPA").total() == 1);
    BOOST_TEST(d.remove(path).status == 204);
    for (const auto& gone :
         {d.get(path), d.remove(path), d.patch(path, "{}"), d.post(path + "/rotate-secret")})
        BOOST_TEST(gone.status == 404);
}

BOOST_AUTO_TEST_CASE(a_patch_replaces_lists) {
    Directory d;
    const auto path =
        "/v1/admin/applications/" +
        d.made("/v1/admin/applications/", R"({"name":"Flow","application_type":"WEB","scope":"GLOBAL",
                             "allowed_scopes":["openid","email"],"redirect_uris":["https://flow.test/cb"]})");
    const auto changed = d.patch(path, R"({"allowed_scopes":["openid","groups:read"]})");
    BOOST_TEST(changed.body.get("allowed_scopes").dump() == R"(["openid","groups:read"])");
    BOOST_TEST(changed.body.get("redirect_uris").dump() == R"(["https://flow.test/cb"])");
    for (const char* body :
         {R"({"scope":"TENANT"})", R"({"application_type":"SPA"})", R"({"client_secret":"x"})",
          R"({"allowed_scopes":"openid"})", R"({"allowed_scopes":["two words"]})",
          R"({"redirect_uris":["/relative"]})", R"({"redirect_uris":["https://*.test/"]})",
          R"({"redirect_uris":["https://flow.test/#x"]})", R"({"redirect_uris":["javascript:void"]})",
          R"({"allowed_origins":["https://flow.test/path"]})", R"({"token_lifetime":5})",
          R"({"assign_all_users":"yes"})"})
        BOOST_TEST(d.patch(path, body).status == 422, body);
    for (const char* body :
         {R"({"name":"x","application_type":"WEB"})",
          R"({"name":"x","application_type":"WEB","scope":"TENANT"})",
          R"({"name":"x","application_type":"WEB","scope":"GLOBAL","tenant_id":"t"})",
          R"({"name":"x","application_type":"WEB","scope":"PARTNER","partner_id":"prt_none"})",
          R"({"name":"x","application_type":"WEB","scope":"TENANT","tenant_id":"tnt_none"})",
          R"({"name":"x","application_type":"CLI","scope":"GLOBAL"})"})
        BOOST_TEST(d.post("/v1/admin/applications/", body).status == 422, body);
}

BOOST_AUTO_TEST_CASE(the_signing_algorithm_is_chosen_changed_and_given_up) {
    Directory d;
    const auto made =
        d.post("/v1/admin/applications/",
               R"({"name":"Flow","application_type":"WEB","scope":"GLOBAL","signing_algorithm":"ES256"})");
    BOOST_TEST(made.body.member("signing_algorithm") == "ES256");
    const auto path = "/v1/admin/applications/" + made.id();
    BOOST_TEST(d.patch(path, R"({"signing_algorithm":"RS256"})").body.member("signing_algorithm") == "RS256");
    BOOST_TEST(d.patch(path, R"({"name":"Flow 2"})").body.member("signing_algorithm") == "RS256");
    for (const char* body : {R"({"signing_algorithm":"HS256"})", R"({"signing_algorithm":"none"})",
                             R"({"signing_algorithm":""})", R"({"signing_algorithm":"es256"})",
                             R"({"signing_algorithm":256})"}) {
        const auto refused = d.patch(path, body);
        BOOST_TEST(refused.status == 422, body);
        BOOST_TEST(refused.text.find("signing_algorithm") != std::string::npos, body);
    }
    BOOST_TEST(d.get(path).body.member("signing_algorithm") == "RS256");
    BOOST_TEST(d.patch(path, R"({"signing_algorithm":null})").body.get("signing_algorithm").is_null());
    BOOST_TEST(d.db.value("SELECT signing_algorithm IS NULL FROM scaikey.applications") == "t");
}

BOOST_AUTO_TEST_CASE(who_may_register_and_see_which_scope) {
    Directory d;
    const auto north = d.made("/v1/admin/partners/", R"({"name":"North","slug":"north"})");
    const auto acme = d.tenant("acme", north);
    const auto other = d.tenant("other");
    const auto app = [&](const std::string& owner) {
        return d.post("/v1/admin/applications/", R"({"name":"x","application_type":"SPA",)" + owner + "}");
    };
    const auto global = app(R"("scope":"GLOBAL")").id();
    const auto of_partner = app(R"("scope":"PARTNER","partner_id":")" + north + "\"").id();
    const auto of_other = app(R"("scope":"TENANT","tenant_id":")" + other + "\"").id();
    d.who = admin("tenant_admin", acme);
    const auto own = app(R"("scope":"TENANT")");
    BOOST_TEST(own.status == 201);
    BOOST_TEST(own.body.member("tenant_id") == acme);
    BOOST_TEST(app(R"("scope":"GLOBAL")").status == 403);
    BOOST_TEST(app(R"("scope":"TENANT","tenant_id":")" + other + "\"").status == 422);
    BOOST_TEST(d.get("/v1/admin/applications/").total() == 3); // GLOBAL, the partner's, the own
    BOOST_TEST(d.get("/v1/admin/applications/" + of_partner).status == 200);
    BOOST_TEST(d.patch("/v1/admin/applications/" + of_partner, "{}").status == 403);
    BOOST_TEST(d.remove("/v1/admin/applications/" + global).status == 403);
    BOOST_TEST(d.get("/v1/admin/applications/" + of_other).status == 404);
    d.who = admin("partner_admin", acme, north);
    BOOST_TEST(d.get("/v1/admin/applications/").total() == 3);
    BOOST_TEST(d.patch("/v1/admin/applications/" + of_partner, R"({"name":"y"})").status == 200);
    BOOST_TEST(app(R"("scope":"GLOBAL")").status == 403);
}

BOOST_AUTO_TEST_CASE(webhooks_live_through_their_verbs) {
    Directory d;
    const auto tenant = d.tenant("acme");
    const auto made =
        d.post("/v1/admin/webhooks/",
               R"({"name":"flow","url":"https://flow.test/hook","events":["user.*","group.*"]})");
    BOOST_TEST(made.status == 201);
    BOOST_TEST(made.body.member("secret").starts_with("whsec_"));
    const auto path = "/v1/admin/webhooks/" + made.id();
    BOOST_TEST(!d.get(path).body.get("secret").present());
    BOOST_TEST(d.get("/v1/admin/webhooks/").total() == 1);
    BOOST_TEST(d.get("/v1/admin/webhooks/?tenant_id=" + tenant).total() == 0);
    BOOST_TEST(d.get("/v1/admin/webhooks/events").body.get("data").size() > 20U);
    BOOST_TEST(d.patch(path, R"({"events":["*"]})").body.get("events").dump() == R"(["*"])");
    for (const char* body : {R"({"url":"ftp://x"})", R"({"events":[]})", R"({"events":["cow.moved"]})",
                             R"({"secret":"12345678"})", R"({"enabled":1})", R"({"tenant_id":"x"})"})
        BOOST_TEST(d.patch(path, body).status == 422, body);
    for (const char* body : {"{}", R"({"url":"x"})", R"({"url":"https://h/","secret":"short"})",
                             R"({"url":"https://h/","tenant_id":"tnt_none"})",
                             R"({"url":"https://h/","partner_id":"prt_none"})"})
        BOOST_TEST(d.post("/v1/admin/webhooks/", body).status == 422, body);
    BOOST_TEST(d.get(path + "/deliveries?status=odd").status == 422);
    BOOST_TEST(d.get(path + "/deliveries/x").status == 404);
    BOOST_TEST(d.get(path + "/deliveries/4711").status == 404);
    BOOST_TEST(d.post(path + "/deliveries/4711/redeliver").status == 404);
    d.who = admin("tenant_admin", tenant);
    for (const auto& hidden : {d.get(path), d.patch(path, "{}"), d.remove(path), d.post(path + "/test"),
                               d.post(path + "/rotate-secret"), d.get(path + "/deliveries")})
        BOOST_TEST(hidden.status == 404);
    const auto own = d.post("/v1/admin/webhooks/", R"({"url":"https://h/"})");
    BOOST_TEST(own.body.member("tenant_id") == tenant);
    BOOST_TEST(d.get("/v1/admin/webhooks/").total() == 1);
    d.who = test::service({"admin:write"});
    BOOST_TEST(d.remove(path).status == 204);
    BOOST_TEST(d.get(path).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
