// Publishing to ScaiQueue: keys, depth, paused places, broadcast.
// SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaigrid/desk.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

using namespace desk_of_test; // NOLINT(google-build-using-namespace)

BOOST_AUTO_TEST_SUITE(lib_scaigrid_queues_publish)

BOOST_AUTO_TEST_CASE(the_same_key_is_the_same_message_or_a_conflict) {
    Desk desk;
    queues::Publication message;
    message.message_type = "pay";
    message.idempotency_key = "run-12";
    message.body = json(R"({"a":1,"b":2})");
    const auto first = desk.publish(message).value();
    message.body = json(R"({"b":2,"a":1})");
    BOOST_TEST(desk.publish(message).value() == first);
    message.body = json(R"({"a":1})");
    BOOST_TEST(desk.publish(message).error().code == "SCAIQUEUE_IDEMPOTENCY_CONFLICT");
    BOOST_TEST(desk.depth("pending") == 1);
    // In another queue it is another key.
    message.queue = "_corrections";
    BOOST_TEST(desk.publish(message).value() != first);
}

BOOST_AUTO_TEST_CASE(publishers_with_one_key_at_the_same_time_make_one_message) {
    Desk desk;
    std::mutex mutex;
    std::map<std::string, int> ids;
    std::vector<std::thread> publishers;
    for (int t = 0; t < 6; ++t)
        publishers.emplace_back([&] {
            queues::Publication message;
            message.message_type = "pay";
            message.idempotency_key = "once";
            message.body = Value::object({{"a", 1}});
            const auto id = desk.publish(message);
            const std::lock_guard lock(mutex);
            ++ids[id ? *id : id.error().code];
        });
    for (auto& publisher : publishers)
        publisher.join();
    BOOST_TEST(ids.size() == 1U);
    BOOST_TEST(desk.db.value("SELECT count(*) FROM scaigrid.messages") == "1");
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_or_makes_room_as_it_was_told) {
    const auto depth_with = [](const std::string& policy, const auto& look) {
        Desk desk(R"({"slug":"work","max_depth":2,"overflow_policy":")" + policy + "\"}");
        desk.publish("a");
        desk.publish("b");
        queues::Publication message;
        message.message_type = "c";
        look(desk, desk.publish(message));
    };
    depth_with("reject", [](Desk& desk, const auto& answer) {
        BOOST_TEST(answer.error().code == "SCAIQUEUE_QUEUE_FULL");
        BOOST_TEST((answer.error().kind == scai::ErrorKind::rate_limited));
        BOOST_TEST(desk.types("ann", 9) == (Texts{"a", "b"}), boost::test_tools::per_element());
        // Room again.
        BOOST_TEST(!desk.publish("d").empty());
    });
    depth_with("drop_oldest", [](Desk& desk, const auto& answer) {
        BOOST_TEST(!!answer);
        BOOST_TEST(desk.types("ann", 9) == (Texts{"b", "c"}), boost::test_tools::per_element());
        BOOST_TEST(desk.types("ann", 9, "_dead_letter") == (Texts{"a"}), boost::test_tools::per_element());
    });
    depth_with("dead_letter", [](Desk& desk, const auto& answer) {
        BOOST_TEST(!!answer);
        BOOST_TEST(desk.types("ann", 9) == (Texts{"a", "b"}), boost::test_tools::per_element());
        BOOST_TEST(desk.types("ann", 9, "_dead_letter") == (Texts{"c"}), boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(publishers_at_the_same_time_do_not_pass_the_depth) {
    Desk desk(R"({"slug":"work","max_depth":5})");
    std::vector<std::thread> publishers;
    for (int t = 0; t < 6; ++t)
        publishers.emplace_back([&] {
            for (int i = 0; i < 4; ++i) {
                queues::Publication message;
                message.message_type = "m";
                (void)desk.publish(message);
            }
        });
    for (auto& publisher : publishers)
        publisher.join();
    BOOST_TEST(desk.depth("pending") == 5);
}

BOOST_AUTO_TEST_CASE(paused_and_archived_take_nothing_and_hand_out_nothing) {
    Desk desk;
    desk.publish("a");
    const auto message = desk.claim("ann")->front();
    queues::Publication more;
    more.message_type = "b";
    BOOST_REQUIRE(queues::change_queue(desk.pool, desk.caller, "desk", "work", "pause"));
    BOOST_TEST(desk.publish(more).error().code == "SCAIQUEUE_QUEUE_PAUSED");
    BOOST_TEST(desk.claim("ann").error().code == "SCAIQUEUE_QUEUE_PAUSED");
    // What is under way may end.
    BOOST_TEST(!!desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", Desk::held(message), Value()); }));
    BOOST_REQUIRE(queues::change_queue(desk.pool, desk.caller, "desk", "work", "resume"));
    BOOST_REQUIRE(queues::change_scope(desk.pool, desk.caller, "desk", "pause"));
    BOOST_TEST(desk.publish(more).error().code == "SCAIQUEUE_SCOPE_PAUSED");
    BOOST_REQUIRE(queues::change_scope(desk.pool, desk.caller, "desk", "resume"));
    BOOST_TEST(!!desk.publish(more));
    BOOST_REQUIRE(queues::change_scope(desk.pool, desk.caller, "desk", "archive"));
    BOOST_TEST(desk.publish(more).error().code == "SCAIQUEUE_SCOPE_PAUSED");
    BOOST_TEST(!queues::change_scope(desk.pool, desk.caller, "desk", "resume"));
    BOOST_REQUIRE(queues::change_scope(desk.pool, desk.caller, "desk", "unarchive"));
    BOOST_TEST(desk.claim("ann")->size() == 1U);
}

BOOST_AUTO_TEST_CASE(broadcast_gives_every_consumer_every_message_once) {
    Desk desk(R"({"slug":"work","consumer_mode":"broadcast"})");
    const auto a = desk.publish("a");
    desk.publish("b");
    BOOST_TEST(desk.types("ann", 9) == (Texts{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(desk.types("ann", 9).empty());
    const auto bobs = desk.claim("bob", 9).value();
    BOOST_REQUIRE(bobs.size() == 2U);
    BOOST_TEST(bobs.front().member("parent_id") == a);
    BOOST_TEST(desk.depth("pending") == 2);
    // Done when the last consumer is.
    desk.let_claims_run_out();
    const auto complete = [&](const std::string& who) {
        const auto message = desk.claim(who)->front();
        return desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", Desk::held(message, who), Value()); });
    };
    BOOST_TEST(!!complete("ann"));
    BOOST_TEST(desk.message(a).member("state") == "pending");
    BOOST_TEST(!!complete("bob"));
    BOOST_TEST(desk.message(a).member("state") == "completed");
    BOOST_TEST(desk.depth("pending") == 1);
}

BOOST_AUTO_TEST_CASE(two_claims_of_one_consumer_copy_a_broadcast_once) {
    Desk desk(R"({"slug":"work","consumer_mode":"broadcast"})");
    for (int i = 0; i < 20; ++i)
        desk.publish("m" + std::to_string(i));
    std::mutex mutex;
    std::map<std::string, int> seen;
    std::atomic<int> failed = 0;
    std::vector<std::thread> claimers;
    for (int t = 0; t < 4; ++t)
        claimers.emplace_back([&] {
            for (int i = 0; i < 10; ++i) {
                const auto claimed = desk.claim("ann", 2);
                if (!claimed) {
                    ++failed;
                    return;
                }
                for (const auto& message : *claimed) {
                    const std::lock_guard lock(mutex);
                    ++seen[message.member("parent_id")];
                }
            }
        });
    for (auto& claimer : claimers)
        claimer.join();
    BOOST_TEST(failed == 0);
    const auto rest = desk.claim("ann", 50);
    for (const auto& message : *rest)
        ++seen[message.member("parent_id")];
    BOOST_TEST(seen.size() == 20U);
    for (const auto& [id, times] : seen)
        BOOST_TEST(times == 1, id);
}

BOOST_AUTO_TEST_SUITE_END()
