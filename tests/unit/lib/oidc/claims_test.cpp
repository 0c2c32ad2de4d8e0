// Claim rules of contract scaikey.md 7, edge by edge. SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"

#include "tests/support/fake_clock.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using scai::from_unix_seconds;
using scai::json::Value;
using scai::oidc::check_claims;
using scai::oidc::Expectations;

namespace {

constexpr std::int64_t now = 1'779'264'000;
const std::vector<std::string> issuers{"https://key.test", "https://login.test/x"};

Value user() {
    return scai::json::parse(R"({"iss":"https://key.test/tenants/tnt_t1","aud":"cid1","sub":"usr_bo1",
        "client_id":"cid1","tenant_id":"tnt_t1","scope":"openid  profile email","groups":["grp_ops",7],
        "roles":["tenant_user"],"permissions":["scaicore:view"],"email":"bo@acme.test","name":"Bo Berg",
        "iat":1779264000,"exp":1779267600})")
        .value();
}

Value with(const Value& claims, const char* name, Value value) {
    Value copy = scai::json::parse(claims.dump()).value(); // copies share their members otherwise
    return copy.set(name, std::move(value));
}

std::string outcome(const Value& claims, Expectations expectations = {{"cid1"}, 60s}) {
    const auto result = check_claims(claims, issuers, expectations, from_unix_seconds(now));
    if (result)
        return "ok";
    BOOST_TEST((result.error().kind == scai::ErrorKind::unauthenticated));
    BOOST_TEST(result.error().code == ""); // plain text detail on the wire
    return result.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_oidc_claims)

BOOST_AUTO_TEST_CASE(every_claim_is_read) {
    const auto claims = check_claims(user(), issuers, {{"cid1"}, 60s}, from_unix_seconds(now)).value();
    BOOST_TEST(claims.subject == "usr_bo1");
    BOOST_TEST(claims.tenant_id == "tnt_t1");
    BOOST_TEST(claims.client_id == "cid1");
    BOOST_TEST(claims.email == "bo@acme.test");
    BOOST_TEST(claims.name == "Bo Berg");
    BOOST_TEST(claims.scopes == (std::vector<std::string>{"openid", "profile", "email"}),
               boost::test_tools::per_element());
    BOOST_TEST(claims.groups == std::vector<std::string>{"grp_ops"}, boost::test_tools::per_element());
    BOOST_TEST(claims.roles == std::vector<std::string>{"tenant_user"}, boost::test_tools::per_element());
    BOOST_TEST(claims.permissions == std::vector<std::string>{"scaicore:view"},
               boost::test_tools::per_element());
    BOOST_TEST(!claims.service);
    BOOST_TEST((claims.expires_at == from_unix_seconds(1779267600)));
}

BOOST_AUTO_TEST_CASE(expiry_ends_exactly_with_the_leeway) {
    BOOST_TEST(outcome(with(user(), "exp", now - 59)) == "ok");
    BOOST_TEST(outcome(with(user(), "exp", now - 60)) == "invalid token: Signature has expired");
    BOOST_TEST(outcome(with(user(), "exp", static_cast<double>(now) - 59.5)) ==
               "invalid token: Signature has expired"); // a fraction counts down
    BOOST_TEST(outcome(with(user(), "exp", now), {{"cid1"}, 0s}) == "invalid token: Signature has expired");
    BOOST_TEST(outcome(with(user(), "exp", now + 1), {{"cid1"}, 0s}) == "ok");
    for (const Value& none : {Value(nullptr), Value("1779267600"), Value(true), Value::array()})
        BOOST_TEST(outcome(with(user(), "exp", none)) == "invalid token: no exp claim");
    BOOST_TEST(outcome(with(user(), "exp", -1)) == "invalid token: Signature has expired");
    BOOST_TEST(outcome(with(user(), "exp", 1e300)) == "ok"); // clamped, not overflown
}

BOOST_AUTO_TEST_CASE(times_in_the_future_are_refused_beyond_the_leeway) {
    BOOST_TEST(outcome(with(user(), "nbf", now + 60)) == "ok");
    BOOST_TEST(outcome(with(user(), "nbf", now + 61)) == "invalid token: not yet valid (nbf)");
    BOOST_TEST(outcome(with(user(), "iat", now + 60)) == "ok");
    BOOST_TEST(outcome(with(user(), "iat", now + 61)) == "invalid token: issued in the future (iat)");
    BOOST_TEST(outcome(with(user(), "iat", Value(nullptr))) == "ok");
    BOOST_TEST(outcome(with(user(), "nbf", "soon")) == "invalid token: broken nbf claim");
}

BOOST_AUTO_TEST_CASE(both_forms_of_the_issuer_are_good) {
    BOOST_TEST(outcome(user()) == "ok");
    BOOST_TEST(outcome(with(user(), "iss", "https://key.test")) == "ok");
    BOOST_TEST(outcome(with(user(), "iss", "https://login.test/x")) == "ok");
    for (const char* iss : {"https://key.test/tenants/tnt_t2", "https://key.test/tenants/",
                            "https://key.test/", "https://key.test.evil.test", "https://evil.test",
                            "http://key.test", "", "https://key.test/tenants/tnt_t1/"})
        BOOST_TEST(outcome(with(user(), "iss", iss)) == "invalid token: Issuer doesn't match", iss);
    BOOST_TEST(outcome(with(user(), "iss", 7)) == "invalid token: Issuer doesn't match");
    // The tenant in the issuer must be the token's own.
    BOOST_TEST(outcome(with(user(), "tenant_id", "tnt_t2")) == "invalid token: Issuer doesn't match");
    BOOST_TEST(outcome(with(with(user(), "tenant_id", ""), "iss", "https://key.test/tenants/")) ==
               "invalid token: Issuer doesn't match");
}

BOOST_AUTO_TEST_CASE(the_audience_must_hold_one_of_ours) {
    BOOST_TEST(outcome(with(user(), "aud", Value::array({"other", "cid1"}))) == "ok");
    BOOST_TEST(outcome(user(), {{"portal", "cid1"}, 60s}) == "ok");
    for (const Value& aud : {Value("cid2"), Value("CID1"), Value(""), Value(nullptr), Value(7),
                             Value::array(), Value::array({7, nullptr}), Value::object({{"cid1", "cid1"}})})
        BOOST_TEST(outcome(with(user(), "aud", aud)) == "invalid token: Audience doesn't match");
    BOOST_TEST(outcome(user(), {{"user-portal"}, 60s}) == "invalid token: Audience doesn't match");
    // Nothing configured means nobody, not everybody.
    BOOST_TEST(outcome(user(), {{}, 60s}) == "invalid token: Audience doesn't match");
    BOOST_TEST(outcome(with(user(), "aud", ""), {{""}, 60s}) == "invalid token: Audience doesn't match");
}

BOOST_AUTO_TEST_CASE(users_need_subject_and_tenant_services_do_not) {
    BOOST_TEST(outcome(with(user(), "sub", "")) == "invalid token: no sub claim");
    BOOST_TEST(outcome(with(user(), "sub", 7)) == "invalid token: no sub claim");
    const Value homeless = with(with(user(), "tenant_id", Value(nullptr)), "iss", "https://key.test");
    BOOST_TEST(outcome(homeless) == "invalid token: no tenant_id claim");
    for (const Value& service : {with(homeless, "token_type", "client_credentials")})
        BOOST_TEST(outcome(service) == "ok");
    Value own = scai::json::parse(R"({"iss":"https://key.test","aud":"cid1","sub":"cid1","client_id":"cid1",
        "scope":"admin:read","exp":1779267600})")
                    .value();
    const auto claims = check_claims(own, issuers, {{"cid1"}, 60s}, from_unix_seconds(now)).value();
    BOOST_TEST(claims.service);
    BOOST_TEST(outcome(with(own, "client_id", "")) == "invalid token: no tenant_id claim");
}

BOOST_AUTO_TEST_CASE(the_first_thing_wrong_is_told) {
    Value all = with(with(with(user(), "sub", ""), "aud", "x"), "iss", "y");
    BOOST_TEST(outcome(with(all, "exp", 1)) == "invalid token: Signature has expired");
    BOOST_TEST(outcome(all) == "invalid token: Issuer doesn't match");
    BOOST_TEST(outcome(with(all, "iss", "https://key.test")) == "invalid token: Audience doesn't match");
}

BOOST_AUTO_TEST_SUITE_END()
