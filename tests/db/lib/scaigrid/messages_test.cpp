// Messages of ScaiQueue: what is handed out, to whom, and what the clock does.
// SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaigrid/desk.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

using namespace desk_of_test; // NOLINT(google-build-using-namespace)

BOOST_AUTO_TEST_SUITE(lib_scaigrid_queues_messages)

BOOST_AUTO_TEST_CASE(a_scope_comes_with_its_five_system_queues) {
    Desk desk;
    const auto list = queues::list_queues(desk.pool, desk.caller, "desk", "", 50);
    Texts slugs;
    for (const auto& row : list->rows)
        slugs.push_back(row.member("slug"));
    BOOST_TEST(slugs == (Texts{"_audit", "_corrections", "_dead_letter", "_events", "_integrity", "work"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(messages_are_handed_out_in_the_order_of_the_queue) {
    Desk desk;
    for (const auto* type : {"a", "b", "c"})
        desk.publish(type);
    BOOST_TEST(desk.types("ann", 2) == (Texts{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(desk.types("bob", 5) == (Texts{"c"}), boost::test_tools::per_element());
    BOOST_TEST(desk.types("bob", 5).empty());
    BOOST_TEST(desk.depth("pending") == 0);
    BOOST_TEST(desk.depth("claimed") == 3);
}

BOOST_AUTO_TEST_CASE(priority_goes_by_tier_then_score_then_age) {
    Desk desk(R"({"slug":"work","ordering":"priority"})");
    const auto put = [&](const std::string& type, const std::string& tier, std::int64_t score) {
        queues::Publication message;
        message.message_type = type;
        message.priority_tier = tier;
        message.priority_score = score;
        BOOST_REQUIRE(desk.publish(message));
    };
    put("late", "background", 1000);
    put("plain", "normal", 500);
    put("better", "normal", 501);
    put("plain2", "normal", 500);
    put("first", "critical", 0);
    BOOST_TEST(desk.types("ann", 9) == (Texts{"first", "better", "plain", "plain2", "late"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(deadline_goes_by_the_nearest_and_those_without_come_last) {
    Desk desk(R"({"slug":"work","ordering":"deadline"})");
    const auto put = [&](const std::string& type, std::optional<std::string> deadline) {
        queues::Publication message;
        message.message_type = type;
        message.deadline = std::move(deadline);
        BOOST_REQUIRE(desk.publish(message));
    };
    put("none", std::nullopt);
    put("near", "2031-01-01T00:00:00Z");
    put("far", "2030-12-31T23:30:00-01:00");
    put("nearest", "2030-12-31T23:30:00+01:00");
    BOOST_TEST(desk.types("ann", 9) == (Texts{"nearest", "near", "far", "none"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_message_goes_to_exactly_one_of_many_claimers) {
    Desk desk;
    constexpr int count = 120;
    for (int i = 0; i < count; ++i)
        desk.publish("m" + std::to_string(i));
    std::mutex mutex;
    std::map<std::string, int> seen;
    std::vector<std::thread> claimers;
    for (int t = 0; t < 6; ++t)
        claimers.emplace_back([&, t] {
            while (true) {
                const auto claimed = desk.claim("w" + std::to_string(t), 3);
                if (!claimed || claimed->empty())
                    return;
                for (const auto& message : *claimed) {
                    const std::lock_guard lock(mutex);
                    ++seen[message.member("id")];
                }
            }
        });
    for (auto& claimer : claimers)
        claimer.join();
    // A claimer that met only rows others were about to take has gone home early; whoever asks now gets the
    // rest.
    const auto rest = desk.claim("last", 100);
    for (const auto& message : *rest)
        ++seen[message.member("id")];
    BOOST_TEST(seen.size() == static_cast<std::size_t>(count));
    for (const auto& [id, times] : seen)
        BOOST_TEST(times == 1, id);
    BOOST_TEST(desk.depth("claimed") == count);
    BOOST_TEST(desk.depth("pending") == 0);
    BOOST_TEST(desk.db.value("SELECT count(*) FROM scaigrid.messages WHERE attempts <> 1") == "0");
}

BOOST_AUTO_TEST_CASE(a_claimer_that_is_killed_gives_its_message_back_when_the_timeout_is_over) {
    Desk desk(R"({"slug":"work","visibility_timeout_s":1})");
    const auto id = desk.publish("a");
    int ready[2];
    BOOST_REQUIRE(::pipe(ready) == 0);
    const auto settings = desk.db.settings("scaigrid_handler", 1);
    const pid_t child = ::fork();
    if (child == 0) {
        scai::db::Pool own(settings);
        const auto claimed = scai::db::in_tx(own, Scope::tenant("t1"), [](Tx& tx) {
            return queues::claim(tx, "t1", {"desk", "work", 1, "", {}, {"doomed", "user"}});
        });
        const char answer = claimed && claimed->size() == 1 ? 'y' : 'n';
        if (::write(ready[1], &answer, 1) != 1)
            ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    char answer = '?';
    BOOST_TEST(::read(ready[0], &answer, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    BOOST_TEST(answer == 'y');
    BOOST_TEST(desk.claim("ann")->empty());
    std::vector<Value> again;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (again.empty() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        again = desk.claim("ann").value();
    }
    BOOST_REQUIRE(again.size() == 1);
    BOOST_TEST(again.front().member("id") == id);
    BOOST_TEST(again.front().get("attempts").integer().value_or(0) == 2);
    BOOST_TEST(desk.trail(id) ==
                   (Texts{"message.published", "message.claimed", "message.returned", "message.claimed"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_claim_that_ran_out_cannot_complete_and_the_next_one_can) {
    Desk desk;
    desk.publish("a");
    const auto first = desk.claim("ann")->front();
    desk.let_claims_run_out();
    const auto refused =
        desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", Desk::held(first), Value("x")); });
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().code == "SCAIQUEUE_NOT_CLAIMED");
    const auto second = desk.claim("bob")->front();
    // The same person, but not the same claim.
    const auto stale =
        desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", Desk::held(first, "bob"), Value("x")); });
    BOOST_TEST(!stale);
    const auto fine = desk.tx([&](Tx& tx) {
        return queues::complete(tx, "t1", Desk::held(second, "bob"), Value::object({{"ok", 1}}));
    });
    BOOST_REQUIRE(fine);
    BOOST_TEST(fine->message.member("state") == "completed");
    BOOST_TEST(fine->message.get("result").dump() == R"({"ok":1})");
    BOOST_TEST(desk.depth("claimed") == 0);
}

BOOST_AUTO_TEST_CASE(the_same_completion_again_is_answered_and_another_one_is_refused) {
    Desk desk;
    desk.publish("a");
    const auto held = Desk::held(desk.claim("ann")->front());
    const auto complete = [&](const Value& result) {
        return desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", held, result); });
    };
    BOOST_TEST(!!complete(json(R"({"a":1,"b":2})")));
    BOOST_TEST(!!complete(json(R"({"b":2,"a":1})")));
    BOOST_TEST(!complete(json(R"({"a":2})")));
    BOOST_TEST(desk.trail(held.message).back() == "message.completed");
    BOOST_TEST(desk.trail(held.message).size() == 3U);
}

BOOST_AUTO_TEST_CASE(failures_wait_longer_each_time_and_end_in_the_dead_letter_queue) {
    Desk desk(R"({"slug":"work","max_retries":2})");
    const auto id = desk.publish("a");
    const auto fail = [&] {
        const auto message = desk.claim("ann")->front();
        return desk.tx([&](Tx& tx) { return queues::fail(tx, "t1", Desk::held(message), "no luck"); });
    };
    const auto first = fail();
    BOOST_TEST(first->member("state") == "pending");
    BOOST_TEST(first->member("failure_reason") == "no luck");
    BOOST_TEST(desk.claim("ann")->empty()); // still backing off
    BOOST_TEST(desk.depth("pending") == 1);
    desk.let_delays_end();
    const auto second = fail();
    BOOST_TEST(second->member("state") == "pending");
    BOOST_TEST(second->member("dead_lettered_from") == desk.queue().member("id"));
    BOOST_TEST(second->member("queue_id") == desk.queue("_dead_letter").member("id"));
    BOOST_TEST(desk.depth("pending") == 0);
    BOOST_TEST(desk.depth("pending", "_dead_letter") == 1);
    // It can be taken up there, and fails no further.
    const auto dead = desk.claim("ann", 1, "_dead_letter")->front();
    BOOST_TEST(dead.member("id") == id);
    const auto third = desk.tx([&](Tx& tx) {
        return queues::fail(tx, "t1", Desk::held(dead, "ann", "_dead_letter"), "still none", false);
    });
    BOOST_TEST(third->member("queue_id") == desk.queue("_dead_letter").member("id"));
}

BOOST_AUTO_TEST_CASE(a_failure_without_retry_goes_to_the_dead_letter_queue_at_once) {
    Desk desk;
    desk.publish("a");
    const auto held = Desk::held(desk.claim("ann")->front());
    const auto failed = desk.tx([&](Tx& tx) { return queues::fail(tx, "t1", held, "never", false); });
    BOOST_TEST(failed->member("queue_id") == desk.queue("_dead_letter").member("id"));
}

BOOST_AUTO_TEST_CASE(a_message_that_kills_its_claimers_ends_in_the_dead_letter_queue) {
    Desk desk(R"({"slug":"work","max_retries":2})");
    desk.publish("a");
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(desk.claim("ann")->size() == 1U);
        desk.let_claims_run_out();
    }
    BOOST_TEST(desk.claim("ann")->empty());
    BOOST_TEST(desk.types("ann", 1, "_dead_letter") == (Texts{"a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_form_somebody_left_open_is_never_dead_lettered) {
    Desk desk(R"({"slug":"work","max_retries":0})");
    queues::Publication message;
    message.message_type = "hitl_request";
    message.hitl_spec = json(review);
    BOOST_REQUIRE(desk.publish(message));
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(desk.claim("ann")->size() == 1U);
        desk.let_claims_run_out();
    }
    BOOST_TEST(desk.claim("ann")->size() == 1U);
}

BOOST_AUTO_TEST_CASE(releasing_gives_the_attempt_back_and_extending_holds_longer) {
    Desk desk;
    desk.publish("a");
    auto message = desk.claim("ann")->front();
    const auto released = desk.tx([&](Tx& tx) { return queues::release(tx, "t1", Desk::held(message)); });
    BOOST_TEST(released->get("attempts").integer().value_or(9) == 0);
    message = desk.claim("bob")->front();
    const auto held = Desk::held(message, "bob");
    const auto longer = desk.tx([&](Tx& tx) { return queues::extend(tx, "t1", held, 3600); });
    BOOST_TEST(longer->member("claim_expires_at") > message.member("claim_expires_at"));
    const auto other = desk.tx([&](Tx& tx) {
        return queues::extend(tx, "t1", {"desk", "work", held.message, std::nullopt, {"ann", "user"}}, 60);
    });
    BOOST_TEST(!other);
    // Whoever claimed it is believed without the claim's id too.
    const auto own = desk.tx([&](Tx& tx) {
        return queues::release(tx, "t1", {"desk", "work", held.message, std::nullopt, {"bob", "user"}}, 60);
    });
    BOOST_TEST(!!own);
    BOOST_TEST(desk.claim("bob")->empty());
}

BOOST_AUTO_TEST_CASE(a_delayed_message_appears_later_and_one_past_its_life_never) {
    Desk desk;
    queues::Publication later;
    later.message_type = "later";
    later.delay_seconds = 3600;
    BOOST_REQUIRE(desk.publish(later));
    queues::Publication brief;
    brief.message_type = "brief";
    brief.ttl_seconds = 3600;
    const auto brief_id = desk.publish(brief).value();
    desk.db.sql("UPDATE scaigrid.messages SET expires_at = clock_timestamp() WHERE ttl_seconds IS NOT NULL");
    BOOST_TEST(desk.claim("ann", 9)->empty());
    BOOST_TEST(desk.message(brief_id).member("state") == "expired");
    BOOST_TEST(desk.depth("pending") == 1);
    desk.let_delays_end();
    BOOST_TEST(desk.types("ann", 9) == (Texts{"later"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_job_does_what_a_claim_does_and_counts_it) {
    Desk desk(R"({"slug":"work","max_retries":1})");
    queues::Publication later;
    later.message_type = "later";
    later.delay_seconds = 3600;
    BOOST_REQUIRE(desk.publish(later));
    queues::Publication brief;
    brief.message_type = "brief";
    brief.ttl_seconds = 3600;
    BOOST_REQUIRE(desk.publish(brief));
    desk.publish("dead");
    BOOST_TEST(desk.sweep().sum() == 0);
    BOOST_TEST(desk.types("ann", 2) == (Texts{"brief", "dead"}), boost::test_tools::per_element());
    desk.let_delays_end();
    desk.let_claims_run_out();
    auto swept = desk.sweep();
    BOOST_TEST(swept.ready == 1);
    BOOST_TEST(swept.dead_lettered == 2);
    desk.publish("x");
    desk.db.sql("UPDATE scaigrid.messages SET expires_at = clock_timestamp() WHERE message_type = 'x'");
    swept = desk.sweep();
    BOOST_TEST(swept.expired == 1);
    BOOST_TEST(desk.sweep().sum() == 0);
    BOOST_TEST(desk.depth("claimed") == 0);
    BOOST_TEST(desk.depth("pending", "_dead_letter") == 2);
}

BOOST_AUTO_TEST_CASE(another_tenant_sees_and_takes_nothing) {
    Desk desk;
    const auto id = desk.publish("a");
    const queues::Caller other{"t2", {"eve", "user"}};
    BOOST_TEST(queues::list_scopes(desk.pool, other, "", 50).rows.empty());
    BOOST_TEST(!queues::get_scope(desk.pool, other, "desk"));
    BOOST_TEST(!queues::get_queue(desk.pool, other, "desk", "work"));
    BOOST_TEST(!queues::get_message(desk.pool, other, "desk", "work", id));
    const auto claimed = scai::db::in_tx(desk.pool, Scope::tenant("t2"), [](Tx& tx) {
        return queues::claim(tx, "t2", {"desk", "work", 1, "", {}, {"eve"}});
    });
    BOOST_TEST(!claimed);
    // Row-level security: even a statement that names the other tenant finds nothing.
    const auto behind = scai::db::in_tx(desk.pool, Scope::tenant("t2"), [](Tx& tx) {
        return queues::claim(tx, "t1", {"desk", "work", 1, "", {}, {"eve"}});
    });
    BOOST_TEST(!behind);
    BOOST_TEST(desk.claim("ann")->size() == 1U);
}

BOOST_AUTO_TEST_CASE(finished_messages_are_purged_with_their_keys) {
    Desk desk;
    queues::Publication message;
    message.message_type = "a";
    message.idempotency_key = "k";
    BOOST_REQUIRE(desk.publish(message));
    desk.publish("b");
    const auto held = Desk::held(desk.claim("ann")->front());
    BOOST_REQUIRE(desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", held, Value()); }));
    desk.db.sql("UPDATE scaigrid.messages SET finished_at = finished_at - interval '31 days'");
    const auto gone =
        scai::db::in_tx(desk.jobs, Scope::all_tenants(), [](Tx& tx) { return queues::purge(tx, 30, 100); });
    BOOST_TEST(gone == 1);
    BOOST_TEST(desk.db.value("SELECT count(*) FROM scaigrid.message_keys") == "0");
    BOOST_TEST(desk.depth("pending") == 1);
}

BOOST_AUTO_TEST_CASE(only_an_empty_archived_scope_can_be_deleted) {
    Desk desk;
    desk.publish("a");
    BOOST_TEST(!queues::delete_scope(desk.pool, desk.caller, "desk"));
    BOOST_TEST(queues::delete_queue(desk.pool, desk.caller, "desk", "work").error().code ==
               "SCAIQUEUE_NOT_EMPTY");
    BOOST_TEST(queues::delete_queue(desk.pool, desk.caller, "desk", "_events").error().code ==
               "SCAIQUEUE_SYSTEM_QUEUE");
    const auto held = Desk::held(desk.claim("ann")->front());
    BOOST_REQUIRE(queues::change_scope(desk.pool, desk.caller, "desk", "archive"));
    BOOST_TEST(queues::delete_scope(desk.pool, desk.caller, "desk").error().code == "SCAIQUEUE_NOT_EMPTY");
    BOOST_REQUIRE(desk.tx([&](Tx& tx) { return queues::complete(tx, "t1", held, Value()); }));
    BOOST_TEST(!!queues::delete_scope(desk.pool, desk.caller, "desk"));
    BOOST_TEST(!queues::get_scope(desk.pool, desk.caller, "desk"));
    BOOST_TEST(desk.db.value("SELECT count(*) FROM scaigrid.queue_depths") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
