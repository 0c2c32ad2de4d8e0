// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/rules.hpp"

#include <boost/test/unit_test.hpp>

namespace webhooks = scaikey::webhooks;
using scai::json::Value;

BOOST_AUTO_TEST_SUITE(lib_scaikey_webhooks_rules)

namespace {

// contract scaikey.md 14.2
const std::string vector_body =
    R"({"actor":{"id":"usr_adm1","type":"admin"},"data":{"group_id":"grp_ops","user_id":"usr_bo1"},"event_id":"evt_T3stVect0r000001","event_type":"group.member_added","partner_id":"prt_p1","resource":{"id":"grp_ops","type":"group"},"tenant_id":"tnt_t1","timestamp":"2026-05-20T08:00:00Z"})";
const std::string vector_hex = "8a299b8d729dde950238fca2e316276a52e1e1daa8652df1ad236b16a0157f12";

webhooks::Event vector_event() {
    webhooks::Event event;
    event.id = "evt_T3stVect0r000001";
    event.type = "group.member_added";
    event.timestamp = "2026-05-20T08:00:00Z";
    event.tenant_id = "tnt_t1";
    event.partner_id = "prt_p1";
    event.resource_type = "group";
    event.resource_id = "grp_ops";
    event.actor_type = "admin";
    event.actor_id = "usr_adm1";
    event.data = Value::object({{"user_id", "usr_bo1"}, {"group_id", "grp_ops"}});
    return event;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_body_is_compact_with_sorted_members) {
    BOOST_TEST(webhooks::body_of(vector_event()) == vector_body);
}

BOOST_AUTO_TEST_CASE(the_signature_is_that_of_the_test_vector) {
    BOOST_TEST(webhooks::signature(1779264000, vector_body, {"whsec-demo-key"}) ==
               "t=1779264000,v1=" + vector_hex);
}

BOOST_AUTO_TEST_CASE(another_byte_time_or_secret_gives_another_signature) {
    const auto good = webhooks::signature(1779264000, vector_body, {"whsec-demo-key"});
    BOOST_TEST(webhooks::signature(1779264000, vector_body + " ", {"whsec-demo-key"}) != good);
    BOOST_TEST(webhooks::signature(1779264001, vector_body, {"whsec-demo-key"}).substr(13) !=
               good.substr(13));
    BOOST_TEST(webhooks::signature(1779264000, vector_body, {"whsec-demo-keY"}) != good);
}

BOOST_AUTO_TEST_CASE(during_a_rotation_both_secrets_sign) {
    const auto both = webhooks::signature(1779264000, vector_body, {"new-secret", "whsec-demo-key"});
    BOOST_TEST(both.ends_with(",v1=" + vector_hex));
    BOOST_TEST(both.size() == std::string("t=1779264000").size() + 2 * (4 + 64));
}

BOOST_AUTO_TEST_CASE(an_event_without_tenant_partner_or_actor_leaves_them_out) {
    auto event = vector_event();
    event.tenant_id = event.partner_id = event.actor_id = "";
    const auto body = webhooks::body_of(event);
    BOOST_TEST(body.find("tenant_id") == std::string::npos);
    BOOST_TEST(body.find("partner_id") == std::string::npos);
    BOOST_TEST(body.find(R"("actor":{"id":null,"type":"admin"})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(patterns_name_known_events_or_families) {
    for (const char* good : {"*", "user.*", "group.*", "application.*", "user.created", "group.member_added"})
        BOOST_TEST(webhooks::valid_pattern(good), good);
    for (const char* bad :
         {"", "user", "user.", ".*", "user.crea", "nothing.*", "**", "user.created ", "USER.*"})
        BOOST_TEST(!webhooks::valid_pattern(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
