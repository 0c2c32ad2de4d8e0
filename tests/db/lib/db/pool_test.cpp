// lib/db against a real PostgreSQL. SPDX-License-Identifier: Apache-2.0
#include "lib/db/db.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace scai;

namespace {

constexpr auto select_text = "SELECT :p1::text";
constexpr auto insert_item = "INSERT INTO items (id, note) VALUES (:p1::bigint, :p2)";
constexpr auto count_items = "SELECT count(*) FROM items";
constexpr auto find_item = "SELECT note FROM items WHERE id = :p1::bigint";
constexpr auto all_items = "SELECT id, note FROM items ORDER BY id";
constexpr auto my_pid = "SELECT pg_backend_pid()";

test::Database items_database() {
    auto db = test::empty_database();
    db.sql("CREATE TABLE items (id bigint PRIMARY KEY, note text)");
    return db;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_db)

BOOST_AUTO_TEST_CASE(columns_of_every_type_are_read) {
    const auto db = test::empty_database();
    db::Pool pool(db.settings());
    auto reader = pool.read(db::Scope::none());
    static constexpr auto sql =
        "SELECT 'x'::text, 9007199254740993::bigint, -7, true, 1.5::float8, NULL::text";
    const auto [text, big, small, flag, real, none] =
        reader.one<std::string, std::int64_t, int, bool, double, std::optional<std::string>>(sql);
    BOOST_TEST(text == "x");
    BOOST_TEST(big == 9007199254740993);
    BOOST_TEST(small == -7);
    BOOST_TEST(flag);
    BOOST_TEST(real == 1.5);
    BOOST_TEST(!none.has_value());
}

BOOST_AUTO_TEST_CASE(parameters_of_every_type_are_bound) {
    const auto db = test::empty_database();
    db::Pool pool(db.settings());
    auto reader = pool.read(db::Scope::none());
    static constexpr auto sql =
        "SELECT concat_ws('|', :p1::text, :p2::bigint, :p3::boolean, :p4::float8, :p5::text, "
        ":p6::text[], :p7::bigint[], :p8::text)";
    const std::vector<std::string> words{"a,b", "c\"d", "e\\f", "", "NULL", "{g}"};
    const auto joined =
        reader.one<std::string>(sql, "it's :p2", std::int64_t{-5}, true, 0.1, nullptr, words,
                                std::vector<std::int64_t>{1, 2}, std::optional<std::string>());
    BOOST_TEST(joined == "it's :p2|-5|t|0.1|{\"a,b\",\"c\\\"d\",\"e\\\\f\",\"\",\"NULL\",\"{g}\"}|{1,2}");
    static constexpr auto empty_list = "SELECT cardinality(:p1::text[])";
    BOOST_TEST(reader.one<int>(empty_list, std::vector<std::string>{}) == 0);
}

BOOST_AUTO_TEST_CASE(a_parameter_may_occur_twice_and_out_of_order) {
    const auto db = test::empty_database();
    db::Pool pool(db.settings());
    static constexpr auto sql = "SELECT :p2::text || :p1::text || :p2::text";
    BOOST_TEST(pool.read(db::Scope::none()).one<std::string>(sql, "a", "b") == "bab");
}

BOOST_AUTO_TEST_CASE(a_kept_statement_takes_new_values_and_nulls) {
    const auto db = test::empty_database();
    db::Pool pool(db.settings("", 1));
    for (const char* value : {"one", "", "three"}) {
        const auto row = pool.read(db::Scope::none()).one<std::optional<std::string>>(select_text, value);
        BOOST_TEST(row.value_or("?") == value);
        BOOST_TEST(!pool.read(db::Scope::none()).one<std::optional<std::string>>(select_text, nullptr));
    }
    static constexpr auto kept =
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::text%'";
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(kept) == 1);
}

BOOST_AUTO_TEST_CASE(no_row_is_told_from_a_row) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    auto reader = pool.read(db::Scope::none());
    BOOST_TEST(!reader.maybe<std::string>(find_item, 1).has_value());
    BOOST_CHECK_THROW(reader.one<std::string>(find_item, 1), std::logic_error);
    BOOST_TEST(reader.all<std::string>(find_item, 1).empty());
    db.sql("INSERT INTO items VALUES (1, 'x'), (2, NULL)");
    BOOST_TEST(reader.maybe<std::string>(find_item, 1).value() == "x");
    BOOST_CHECK_THROW(reader.one<std::string>(find_item, 2), std::logic_error); // NULL into a plain string
    const auto rows = reader.all<std::int64_t, std::optional<std::string>>(all_items);
    BOOST_REQUIRE(rows.size() == 2U);
    BOOST_TEST(!std::get<1>(rows[1]));
}

BOOST_AUTO_TEST_CASE(text_with_nul_is_refused_not_cut) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    BOOST_CHECK_THROW(pool.read(db::Scope::none()).one<std::string>(select_text, std::string("a\0b", 3)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [](db::Tx& tx) {
                                    tx.copy_in("items (id, note)")->row({"1", std::string("a\0b", 3)});
                                }),
                      std::invalid_argument);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 0);
}

BOOST_AUTO_TEST_CASE(asking_for_the_wrong_columns_is_a_bug_not_garbage) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    db.sql("INSERT INTO items VALUES (1, 'x')");
    BOOST_CHECK_THROW((pool.read(db::Scope::none()).one<std::string, std::string>(select_text, "a")),
                      std::logic_error);
    BOOST_CHECK_THROW((pool.read(db::Scope::none()).one<int>(select_text, "a")), std::logic_error);
    BOOST_CHECK_THROW((pool.read(db::Scope::none()).one<std::string>(select_text)), std::logic_error);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 1);
}

BOOST_AUTO_TEST_CASE(run_counts_rows) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    static constexpr auto fill = "INSERT INTO items (id) SELECT generate_series(1, :p1::bigint)";
    static constexpr auto remove = "DELETE FROM items WHERE id <= :p1::bigint";
    const auto counted = db::in_tx(pool, db::Scope::none(), [](db::Tx& tx) {
        return std::tuple{tx.run(fill, 5), tx.run(remove, 2), tx.run(remove, 2), tx.run(all_items)};
    });
    BOOST_TEST((counted == std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(5, 2, 0, 3)));
}

BOOST_AUTO_TEST_CASE(a_throwing_transaction_leaves_nothing) {
    const auto db = items_database();
    db::Pool pool(db.settings("", 1));
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [](db::Tx& tx) {
                                    tx.run(insert_item, 1, "x");
                                    throw std::runtime_error("changed my mind");
                                }),
                      std::runtime_error);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 0);
    BOOST_TEST(pool.status().in_use == 0);
}

BOOST_AUTO_TEST_CASE(an_error_tells_its_state_and_never_the_row) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    const auto insert = [](db::Tx& tx) { tx.run(insert_item, 1, "very secret"); };
    db::in_tx(pool, db::Scope::none(), insert);
    try {
        db::in_tx(pool, db::Scope::none(), insert);
        BOOST_FAIL("a duplicate key was accepted");
    } catch (const db::Error& error) {
        BOOST_TEST(error.sqlstate() == "23505");
        BOOST_TEST(!error.connection_lost());
        BOOST_TEST(std::string(error.what()).find("secret") == std::string::npos);
        BOOST_TEST(std::string(error.what()).find("items") != std::string::npos); // the statement is named
    }
}

BOOST_AUTO_TEST_CASE(a_swallowed_error_cannot_be_committed) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    const auto swallow = [](db::Tx& tx) {
        tx.run(insert_item, 1, "x");
        try {
            tx.run(insert_item, 1, "x");
        } catch (const db::Error&) {
        }
    };
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(), swallow), db::Error);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 0);
}

BOOST_AUTO_TEST_CASE(serialization_failures_are_replayed_up_to_three_times) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    static constexpr auto fail = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$";
    int calls = 0;
    const auto work = [&](int failures) {
        calls = 0;
        db::in_tx(pool, db::Scope::none(), [&](db::Tx& tx) {
            tx.run(insert_item, ++calls, "x");
            if (calls <= failures)
                tx.script(fail);
        });
    };
    work(3);
    BOOST_TEST(calls == 4);
    BOOST_TEST(db.value("SELECT string_agg(id::text, ',') FROM items") == "4"); // failed tries left nothing
    db.sql("DELETE FROM items");
    BOOST_CHECK_EXCEPTION(work(10), db::Error, [](const db::Error& e) { return e.retryable(); });
    BOOST_TEST(calls == 4);
}

BOOST_AUTO_TEST_CASE(a_slow_statement_is_stopped) {
    const auto db = test::empty_database();
    auto settings = db.settings();
    settings.statement_timeout = std::chrono::milliseconds(50);
    db::Pool pool(settings);
    static constexpr auto slow = "SELECT pg_sleep(:p1::float8)::text";
    BOOST_CHECK_EXCEPTION(pool.read(db::Scope::none()).one<std::string>(slow, 5), db::Error,
                          [](const db::Error& e) { return e.sqlstate() == "57014" && !e.connection_lost(); });
}

BOOST_AUTO_TEST_CASE(a_session_says_who_it_is_and_speaks_utc) {
    auto db = test::migrated_database("scaiflow");
    auto settings = db.settings("scaiflow_admin");
    settings.application = "it's \\ me";
    db::Pool pool(settings);
    static constexpr auto who = "SELECT current_user::text, current_setting('TimeZone'), "
                                "current_setting('application_name'), current_setting('statement_timeout')";
    const auto [role, zone, name, limit] =
        pool.read(db::Scope::none()).one<std::string, std::string, std::string, std::string>(who);
    BOOST_TEST(role == "scaiflow_admin");
    BOOST_TEST(zone == "UTC");
    BOOST_TEST(name == "it's \\ me");
    BOOST_TEST(limit == "10s");
}

BOOST_AUTO_TEST_CASE(a_role_that_is_not_there_makes_the_database_unavailable) {
    const auto db = test::empty_database();
    db::Pool pool(db.settings("nobody_made_me"));
    BOOST_CHECK_THROW(pool.read(db::Scope::none()).one<int>(my_pid), db::Unavailable);
}

BOOST_AUTO_TEST_CASE(a_url_that_is_none_is_refused_without_repeating_it) {
    try {
        db::Pool pool({.url = "postgresql://user:geheim@[::1/d"});
        BOOST_FAIL("accepted");
    } catch (const std::runtime_error& error) {
        BOOST_TEST(std::string(error.what()).find("geheim") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(an_exhausted_pool_says_so_in_time_and_recovers) {
    const auto db = test::empty_database();
    auto settings = db.settings("", 2);
    settings.lease_timeout = std::chrono::milliseconds(30);
    db::Pool pool(settings);
    {
        const auto first = pool.read(db::Scope::none());
        const auto second = pool.read(db::Scope::none());
        BOOST_TEST(pool.status().in_use == 2);
        BOOST_CHECK_THROW(pool.read(db::Scope::none()), db::Unavailable);
        BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(), [](db::Tx&) {}), db::Unavailable);
    }
    BOOST_TEST(pool.status().in_use == 0);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(my_pid) > 0);
}

BOOST_AUTO_TEST_CASE(threads_share_few_sessions) {
    const auto db = items_database();
    db::Pool pool(db.settings("", 3));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto mine = std::to_string(t) + "/" + std::to_string(i);
                wrong += pool.read(db::Scope::none()).one<std::string>(select_text, mine) != mine;
                db::in_tx(pool, db::Scope::none(),
                          [&](db::Tx& tx) { tx.run(insert_item, t * 1000 + i, mine); });
            }
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 400);
}

BOOST_AUTO_TEST_CASE(copy_keeps_every_byte) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    const std::vector<std::optional<std::string>> notes{"plain",
                                                        "tab\tnewline\nreturn\rback\\slash",
                                                        "\\N",
                                                        "\\.",
                                                        "",
                                                        std::nullopt,
                                                        "ünï → ☃",
                                                        "a\\tb",
                                                        std::string(200000, 'x')};
    const auto copied = db::in_tx(pool, db::Scope::none(), [&](db::Tx& tx) {
        auto copy = tx.copy_in("items (id, note)");
        for (std::size_t i = 0; i < notes.size(); ++i)
            copy->row({std::to_string(i), notes[i]});
        return copy->finish();
    });
    BOOST_TEST(copied == static_cast<std::int64_t>(notes.size()));
    const auto rows = pool.read(db::Scope::none()).all<int, std::optional<std::string>>(all_items);
    BOOST_REQUIRE(rows.size() == notes.size());
    for (std::size_t i = 0; i < notes.size(); ++i)
        BOOST_CHECK(std::get<1>(rows[i]) == notes[i]);
}

BOOST_AUTO_TEST_CASE(an_abandoned_copy_leaves_nothing_and_a_usable_session) {
    const auto db = items_database();
    db::Pool pool(db.settings("", 1));
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [](db::Tx& tx) {
                                    auto copy = tx.copy_in("items (id, note)");
                                    copy->row({"1", "x"});
                                    throw std::runtime_error("stop");
                                }),
                      std::runtime_error);
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [](db::Tx& tx) {
                                    auto copy = tx.copy_in("items (id, note)");
                                    tx.run(insert_item, 1, "x");
                                }),
                      std::logic_error);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count_items) == 0);
}

BOOST_AUTO_TEST_CASE(a_bad_row_fails_the_copy_with_its_state) {
    const auto db = items_database();
    db::Pool pool(db.settings());
    const auto state = [&](const char* target, const char* id) -> std::string {
        try {
            db::in_tx(pool, db::Scope::none(), [&](db::Tx& tx) {
                auto copy = tx.copy_in(target);
                copy->row({id, "x"});
                copy->finish();
            });
        } catch (const db::Error& error) {
            return error.sqlstate();
        }
        return "none";
    };
    BOOST_TEST(state("items (id, note)", "seven") == "22P02");
    BOOST_TEST(state("no_such_table (id, note)", "1") == "42P01");
    BOOST_TEST(state("items (id, note)", "1") == "none");
    BOOST_TEST(state("items (id, note)", "1") == "23505");
}

BOOST_AUTO_TEST_CASE(an_advisory_lock_has_one_holder) {
    const auto db = test::empty_database();
    const auto key = db::lock_key("a job");
    BOOST_TEST(key != db::lock_key("another job"));
    auto held = db::AdvisoryLock::try_acquire(db.settings(), key);
    BOOST_REQUIRE(held);
    BOOST_TEST(held->still_held());
    BOOST_CHECK(!db::AdvisoryLock::try_acquire(db.settings(), key));
    BOOST_CHECK(db::AdvisoryLock::try_acquire(db.settings(), key + 1));
    db.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
           "AND pid <> pg_backend_pid()");
    BOOST_TEST(!held->still_held());
    held.reset();
    BOOST_CHECK(db::AdvisoryLock::try_acquire(db.settings(), key));
}

BOOST_AUTO_TEST_SUITE_END()
