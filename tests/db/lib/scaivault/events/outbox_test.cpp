// The outbox against a real database. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/events/outbox.hpp"

#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

using scai::db::in_tx;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;
using scaivault::events::Event;

BOOST_AUTO_TEST_SUITE(lib_scaivault_events_outbox)

namespace {

struct Stage {
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_secrets")};
    scaivault::Caller who;

    Stage() {
        who.identity_id = "user:mia@example.test";
        who.tenant_id = "tnt_a";
        who.partner_id = "ptn_1";
        who.request_id = "req_7";
    }
    void emit(const std::string& path, const std::string& owner = "tnt_a") {
        in_tx(pool, Scope::tenant(owner), [&](Tx& tx) {
            scaivault::events::emit(tx, who,
                                    {.type = "secret.created",
                                     .owner = owner,
                                     .path = path,
                                     .secret_type = "kv",
                                     .tags = {"a", "b c"},
                                     .data = Value::object({{"version", 1}})});
        });
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_event_is_a_row_of_the_transaction_that_caused_it) {
    Stage s;
    s.emit("apps/x");
    BOOST_CHECK_THROW(in_tx(s.pool, Scope::tenant("tnt_a"),
                            [&](Tx& tx) {
                                scaivault::events::emit(tx, s.who,
                                                        {.type = "secret.deleted", .owner = "tnt_a"});
                                throw std::runtime_error("the effect failed");
                            }),
                      std::runtime_error);
    const auto rows = s.db.rows(
        "SELECT event_type, partner_id, identity_id, path, secret_type, tags::text, data::text, request_id "
        "FROM scaivault.events");
    BOOST_REQUIRE(rows.size() == 1U);
    const std::vector<std::string> expected = {"secret.created",   "ptn_1", "user:mia@example.test",
                                               "apps/x",           "kv",    "{a,\"b c\"}",
                                               R"({"version":1})", "req_7"};
    BOOST_TEST(rows.front() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_event_of_another_tenant_cannot_be_written) {
    Stage s;
    BOOST_CHECK_THROW(in_tx(s.pool, Scope::tenant("tnt_b"),
                            [&](Tx& tx) {
                                scaivault::events::emit(tx, s.who,
                                                        {.type = "secret.deleted", .owner = "tnt_a"});
                            }),
                      scai::db::Error);
    BOOST_TEST(s.db.value("SELECT count(*) FROM scaivault.events") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
