// Sealing of the answer kept for the twin. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/auth/rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::auth;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

BOOST_AUTO_TEST_SUITE(scaiflow_auth_rules)

BOOST_AUTO_TEST_CASE(submissions_differ_in_every_part) {
    const auto hash = [](const char* code, const char* verifier, const char* uri) {
        return submission_of({.code = code, .verifier = verifier, .redirect_uri = uri}).hash;
    };
    BOOST_TEST(hash("a", "b", "c") == hash("a", "b", "c"));
    BOOST_TEST(hash("a", "b", "c") != hash("ab", "", "c"));
    BOOST_TEST(hash("a", "b", "c") != hash("a", "b", "d"));
    BOOST_TEST(hash("a", "b", "c") != hash("a", "x", "c"));
    BOOST_TEST(hash("1:a,", "b", "c") != hash("1", ":a,b", "c"));
}

BOOST_AUTO_TEST_CASE(outcome_survives_packing) {
    const auto tokens = unpack(pack(Value::object({{"access_token", "at"}})));
    BOOST_REQUIRE(tokens && *tokens);
    BOOST_TEST((*tokens)->member("access_token") == "at");
    const auto refused = unpack(pack(Result<Value>(Error{.kind = ErrorKind::bad_request,
                                                         .code = "invalid_grant",
                                                         .message = "used",
                                                         .extra = {{"error_description", "used"}}})));
    BOOST_REQUIRE(refused && !*refused);
    BOOST_TEST((refused->error().kind == ErrorKind::bad_request));
    BOOST_TEST(refused->error().code == "invalid_grant");
    BOOST_TEST(refused->error().extra.at(0).first == "error_description");
    const auto failed = unpack(pack(Result<Value>(Error{.kind = ErrorKind::upstream, .message = "down"})));
    BOOST_TEST((failed->error().kind == ErrorKind::upstream));
    for (const char* bad : {"", "{}", "[]", "x", R"({"upstream":"other"})", R"({"tokens":7})"})
        BOOST_TEST(!unpack(bad), bad);
}

BOOST_AUTO_TEST_CASE(sealed_answer_opens_only_for_its_submission) {
    const auto mine = submission_of({.code = "a", .verifier = "b", .redirect_uri = "c"});
    const auto other = submission_of({.code = "a", .verifier = "B", .redirect_uri = "c"});
    auto sealed = seal_answer(mine, "secret words");
    BOOST_TEST(open_answer(mine, sealed)->reveal() == "secret words");
    BOOST_TEST(!open_answer(other, sealed));
    BOOST_TEST(!open_answer(mine, "%%%"));
    sealed[sealed.size() / 2] = sealed[sealed.size() / 2] == 'A' ? 'B' : 'A';
    BOOST_TEST(!open_answer(mine, sealed));
}

BOOST_AUTO_TEST_SUITE_END()
