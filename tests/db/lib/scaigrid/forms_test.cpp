// Forms that people answer in ScaiQueue, and the checkpoints behind them.
// SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaigrid/desk.hpp"

#include <boost/test/unit_test.hpp>

using namespace desk_of_test; // NOLINT(google-build-using-namespace)

BOOST_AUTO_TEST_SUITE(lib_scaigrid_queues_forms)

BOOST_AUTO_TEST_CASE(an_answered_form_names_its_checkpoint_and_stays_work_until_it_is_resumed) {
    Desk desk;
    queues::Publication message;
    message.message_type = "hitl_request";
    message.correlation_id = "cp-1";
    message.hitl_spec = json(review);
    message.source_type = "scaicore";
    message.source_id = "core_1";
    BOOST_REQUIRE(desk.publish(message));
    const auto held = Desk::held(desk.claim("ann")->front());
    const auto complete = [&](const std::string& answer) {
        return desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", held, json(answer)); });
    };
    const auto refused = complete(R"({"verdict":"maybe"})");
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().fields.size() == 2U);
    BOOST_TEST(refused.error().fields.at(0).path == "result.note");
    BOOST_TEST(refused.error().fields.at(1).path == "result.verdict");
    BOOST_TEST(desk.message(held.message).member("state") == "claimed");
    const auto done = complete(R"({"verdict":"approve","note":"fine"})");
    BOOST_REQUIRE(done);
    BOOST_TEST(done->checkpoint_id.value_or("") == "cp-1");
    BOOST_TEST(done->resolution.text_or("") == "approve");
    BOOST_TEST(done->message.get("result").member("note") == "fine");
    BOOST_TEST(
        desk.db.value("SELECT count(*) FROM scaigrid.events WHERE type = 'scaiqueue.message.completed' "
                      "AND core_id = 'core_1'") == "1");
    const auto waiting = [&] {
        return scai::db::in_tx(desk.jobs, Scope::all_tenants(),
                               [](Tx& tx) { return queues::take_resumes(tx, 10); });
    };
    BOOST_TEST(waiting().empty()); // whoever completed it tries first
    desk.db.sql("UPDATE scaigrid.messages SET resume_at = clock_timestamp()");
    const auto found = waiting();
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found.front().checkpoint_id == "cp-1");
    BOOST_TEST(found.front().by == "ann");
    BOOST_TEST(found.front().resolution.text_or("") == "approve");
    BOOST_TEST(waiting().empty()); // put off for whoever took it
    desk.tx([&](Tx& tx) { queues::resumed(tx, "t1", held.message); });
    BOOST_TEST(desk.db.value("SELECT count(*) FROM scaigrid.messages WHERE resume_at IS NOT NULL") == "0");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_settled_elsewhere_takes_its_form_off_the_queue) {
    Desk desk;
    queues::Publication message;
    message.message_type = "hitl_request";
    message.correlation_id = "cp-1";
    message.hitl_spec = json(review);
    const auto id = desk.publish(message).value();
    BOOST_TEST(desk.tx([&](Tx& tx) { return queues::withdraw(tx, "t1", "cp-1", {"bob"}); }) == 1);
    BOOST_TEST(desk.tx([&](Tx& tx) { return queues::withdraw(tx, "t1", "cp-1", {"bob"}); }) == 0);
    BOOST_TEST(desk.claim("ann")->empty());
    BOOST_TEST(desk.message(id).member("state") == "cancelled");
    BOOST_TEST(desk.depth("pending") == 0);
}

BOOST_AUTO_TEST_CASE(a_pattern_fills_the_form_and_a_missing_parameter_is_named) {
    Desk desk;
    BOOST_REQUIRE(!!queues::create_pattern(
        desk.pool, desk.caller, "desk",
        json(
            R"({"name":"pay","spec":{"sections":[{"type":"context","title":"Pay {{who}}","content":"{{amount}}"},
                 {"type":"decision","field":"d","options":"{{options}}"}]}})")));
    queues::Publication message;
    message.message_type = "hitl_request";
    message.hitl_spec = json(R"({"pattern":"pay","parameters":{"who":"Ann","options":["yes"]}})");
    BOOST_TEST(desk.publish(message).error().fields.front().path == "parameters.amount");
    message.hitl_spec =
        json(R"({"pattern":"pay","parameters":{"who":"Ann","amount":42,"options":["yes","no"]}})");
    const auto id = desk.publish(message).value();
    const auto section = desk.message(id).get("hitl_spec").get("sections").at(0);
    BOOST_TEST(section.member("title") == "Pay Ann");
    BOOST_TEST(section.get("content").integer().value_or(0) == 42);
}

BOOST_AUTO_TEST_SUITE_END()
