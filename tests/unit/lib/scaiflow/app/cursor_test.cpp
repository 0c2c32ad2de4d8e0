// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/app/cursor.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow;

namespace {

bool refused(std::string_view cursor) {
    const auto parts = read_cursor("users", cursor, 2);
    if (parts)
        return false;
    BOOST_TEST((parts.error().kind == scai::ErrorKind::unprocessable));
    BOOST_TEST(parts.error().fields.at(0).path == "query.cursor");
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_app_cursor)

BOOST_AUTO_TEST_CASE(cursor_comes_back_as_it_was_made) {
    for (const auto& key : std::vector<std::vector<std::string>>{
             {"tnt_1", "usr_1"}, {"", ""}, {"a\"b\\", "\xC3\xA4/?&"}, {std::string(300, 'x'), "y"}}) {
        const auto parts = read_cursor("users", make_cursor("users", key), 2);
        BOOST_REQUIRE(parts);
        BOOST_TEST(*parts == key);
    }
}

BOOST_AUTO_TEST_CASE(cursor_of_another_list_or_shape_is_refused) {
    BOOST_TEST(refused(make_cursor("groups", {"a", "b"})));
    BOOST_TEST(refused(make_cursor("users", {"a"})));
    BOOST_TEST(refused(make_cursor("users", {"a", "b", "c"})));
}

BOOST_AUTO_TEST_CASE(made_up_cursor_is_refused) {
    const std::string good = make_cursor("users", {"a", "b"});
    for (const auto& bad : {std::string(), std::string("x"), good + "=", good.substr(1), std::string("%%%"),
                            scai::crypto::base64url("{}"), scai::crypto::base64url(R"(["users",1,2])"),
                            scai::crypto::base64url(R"(["users","a","\u0000"])"),
                            scai::crypto::base64url("[\"users\",\"a\",\"\xFF\"]"), std::string(3000, 'A')})
        BOOST_TEST(refused(bad), bad);
}

BOOST_AUTO_TEST_CASE(number_cursor_takes_numbers_only) {
    BOOST_TEST(read_number_cursor("runs", make_cursor("runs", {"42"})).value() == 42);
    for (const auto* bad : {"-1", "x", "", "99999999999999999999", "1 "})
        BOOST_TEST(!read_number_cursor("runs", make_cursor("runs", {bad})));
}

BOOST_AUTO_TEST_SUITE_END()
