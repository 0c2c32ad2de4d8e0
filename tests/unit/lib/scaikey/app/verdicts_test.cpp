// How long a verdict on a token is believed. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/verdicts.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using scai::web::Access;
using scai::web::ErasedRoute;
using scai::web::Principal;
using scaikey::Verdicts;

namespace {

constexpr std::int64_t now = 1'000'000;

std::shared_ptr<const Principal> somebody() {
    auto out = std::make_shared<Principal>();
    out->subject = "svc";
    return out;
}

Verdicts& with_token(Verdicts& verdicts, const std::string& token) {
    verdicts.keep(token, somebody(), now + 60, verdicts.mark());
    return verdicts;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaikey_app_verdicts)

BOOST_AUTO_TEST_CASE(a_token_is_believed_until_it_expires) {
    Verdicts verdicts;
    BOOST_TEST(!verdicts.find("t", now));
    with_token(verdicts, "t");
    BOOST_REQUIRE(verdicts.find("t", now + 59));
    BOOST_TEST(verdicts.find("t", now)->subject == "svc");
    BOOST_TEST(!verdicts.find("t", now + 60));
    BOOST_TEST(!verdicts.find("T", now));
    BOOST_TEST(!verdicts.find("", now));
}

BOOST_AUTO_TEST_CASE(a_verdict_reached_before_a_change_is_not_kept) {
    Verdicts verdicts;
    const auto mark = verdicts.mark();
    verdicts.clear();
    verdicts.keep("t", somebody(), now + 60, mark);
    BOOST_TEST(!verdicts.find("t", now));
}

BOOST_AUTO_TEST_CASE(the_number_of_verdicts_is_bounded) {
    Verdicts verdicts;
    for (int i = 0; i <= 1000; ++i)
        with_token(verdicts, std::to_string(i));
    BOOST_TEST(!verdicts.find("0", now));
    BOOST_TEST(!!verdicts.find("1000", now));
}

BOOST_AUTO_TEST_CASE(whatever_may_change_something_forgets_them) {
    struct Case {
        const char* method;
        Access access;
        bool forgets;
    };
    for (const Case& each :
         {Case{"GET", Access::permission("admin:read"), false}, Case{"GET", Access::authenticated(), false},
          Case{"GET", Access::open(), true}, Case{"POST", Access::permission("admin:write"), true},
          Case{"PATCH", Access::permission("admin:write"), true}, Case{"DELETE", Access::open(), true}}) {
        Verdicts verdicts;
        bool throws = false;
        const auto routes = scaikey::with_fresh_verdicts(
            {ErasedRoute{each.method, "/v1/x", each.access, 0,
                         [&](const scai::web::Request&) -> scai::Result<scai::web::Response> {
                             if (throws)
                                 throw std::runtime_error("half done");
                             return scai::web::Response::no_content();
                         }}},
            verdicts);
        with_token(verdicts, "t");
        BOOST_TEST(routes.at(0).handler({})->status == 204);
        BOOST_TEST(!verdicts.find("t", now) == each.forgets, each.method);
        with_token(verdicts, "t");
        throws = true;
        BOOST_CHECK_THROW(routes.at(0).handler({}), std::runtime_error);
        BOOST_TEST(!verdicts.find("t", now) == each.forgets, each.method);
    }
}

BOOST_AUTO_TEST_SUITE_END()
