// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/names.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaivault::identity;

namespace {

std::string read(std::string_view text, std::optional<Type> type = std::nullopt) {
    const auto name = parse_name(text, type, "identity_id");
    return name ? std::string(name_of(name->type)) + " " + name->text : name.error().fields.at(0).path;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_identity_names)

BOOST_AUTO_TEST_CASE(every_spelling_of_the_contract_is_read) {
    BOOST_TEST(read("user:mia@example.test") == "user mia@example.test");
    BOOST_TEST(read("user:usr_1") == "user usr_1");
    BOOST_TEST(read("usr_1") == "user usr_1");
    BOOST_TEST(read("mia@example.test") == "user mia@example.test");
    BOOST_TEST(read("group:ops") == "group ops");
    BOOST_TEST(read("grp_1") == "group grp_1");
    BOOST_TEST(read("group:Site Reliability") == "group Site Reliability");
    BOOST_TEST(read("sa:batcher") == "service_account batcher");
    BOOST_TEST(read("service_account:batcher") == "service_account batcher");
    BOOST_TEST(read("system:rotation-scheduler") == "system system:rotation-scheduler");
    BOOST_TEST(read("dynamic:pg1") == "system dynamic:pg1");
}

BOOST_AUTO_TEST_CASE(the_type_beside_it_says_what_a_bare_name_is) {
    BOOST_TEST(read("batcher", Type::service_account) == "service_account batcher");
    BOOST_TEST(read("ops", Type::group) == "group ops");
    BOOST_TEST(read("u4711", Type::user) == "user u4711");
    BOOST_TEST(read("rotation-scheduler", Type::system) == "system system:rotation-scheduler");
}

BOOST_AUTO_TEST_CASE(what_is_no_identity_is_refused) {
    for (const auto* text : {"", "  ", "batcher", "user:", "group:", "sa:", "sa:a b", "sa:a/b",
                             "system:", "system:a b", "dynamic:"})
        BOOST_TEST(read(text) == "identity_id", text);
    BOOST_TEST(read("user:" + std::string(400, 'a')) == "identity_id");
}

BOOST_AUTO_TEST_CASE(a_type_that_contradicts_the_prefix_is_refused) {
    BOOST_TEST(read("sa:batcher", Type::user) == "identity_id");
    BOOST_TEST(read("usr_1", Type::group) == "identity_id");
    BOOST_TEST(read("group:ops", Type::group) == "group ops");
}

BOOST_AUTO_TEST_CASE(canonical_names_hold_the_directory_id) {
    BOOST_TEST(canonical(Type::user, "usr_1") == "user:usr_1");
    BOOST_TEST(canonical(Type::service_account, "batcher") == "sa:batcher");
    BOOST_TEST(canonical(Type::group, "grp_1") == "group:grp_1");
    BOOST_TEST(canonical(Type::system, "dynamic:pg1") == "dynamic:pg1");
}

BOOST_AUTO_TEST_SUITE_END()
