// What lib/db does when the server goes away, and what row-level security hides. SPDX-License-Identifier:
// Apache-2.0
#include "lib/db/db.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

using namespace scai;

namespace {

constexpr auto count_items = "SELECT count(*) FROM items";
constexpr auto insert_item = "INSERT INTO items (id) VALUES (:p1::bigint)";
constexpr auto kill_me = "SELECT pg_terminate_backend(pg_backend_pid())";

void kill_others(const test::Database& db) {
    db.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
           "AND pid <> pg_backend_pid()");
}

struct Fixture {
    Fixture() : db(test::empty_database()), pool(one_session(db)) {
        db.sql("CREATE TABLE items (id bigint PRIMARY KEY)");
    }
    static db::PoolSettings one_session(const test::Database& db) {
        auto settings = db.settings("", 1);
        settings.lease_timeout = std::chrono::milliseconds(200);
        return settings;
    }
    int items() { return pool.read(db::Scope::none()).one<int>(count_items); }
    test::Database db;
    db::Pool pool;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_db_faults)

BOOST_FIXTURE_TEST_CASE(a_read_after_a_server_restart_succeeds, Fixture) {
    BOOST_TEST(items() == 0);
    test::postgres().restart();
    BOOST_TEST(items() == 0);
    test::postgres().restart(true);
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_transaction_after_a_server_restart_succeeds_once, Fixture) {
    BOOST_TEST(items() == 0);
    test::postgres().restart(true);
    int calls = 0;
    db::in_tx(pool, db::Scope::none(), [&](db::Tx& tx) { tx.run(insert_item, ++calls); });
    BOOST_TEST(calls == 1);
    BOOST_TEST(items() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_lease_held_over_a_restart_goes_on, Fixture) {
    auto lease = pool.read(db::Scope::none());
    BOOST_TEST(lease.one<int>(count_items) == 0);
    kill_others(db);
    BOOST_TEST(lease.one<int>(count_items) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_server_is_unavailable_and_comes_back, Fixture) {
    BOOST_TEST(items() == 0);
    test::postgres().stop();
    BOOST_CHECK_THROW(items(), db::Unavailable);
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(), [](db::Tx&) {}), db::Unavailable);
    BOOST_CHECK_THROW(db::AdvisoryLock::try_acquire(pool.settings(), 1), db::Unavailable);
    BOOST_TEST(pool.status().in_use == 0);
    test::postgres().start();
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_connection_lost_inside_a_transaction_is_unavailable_and_not_replayed, Fixture) {
    int calls = 0;
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [&](db::Tx& tx) {
                                    tx.run(insert_item, ++calls);
                                    kill_others(db);
                                    tx.run(insert_item, 77);
                                }),
                      db::Unavailable);
    BOOST_TEST(calls == 1);
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_connection_lost_before_the_commit_is_in_doubt_and_not_replayed, Fixture) {
    int calls = 0;
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [&](db::Tx& tx) {
                                    tx.run(insert_item, ++calls);
                                    kill_others(db);
                                }),
                      db::InDoubt);
    BOOST_TEST(calls == 1);
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_connection_lost_during_copy_is_unavailable, Fixture) {
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::none(),
                                [&](db::Tx& tx) {
                                    auto copy = tx.copy_in("items (id)");
                                    copy->row({"1"});
                                    kill_others(db);
                                    copy->finish();
                                }),
                      db::Unavailable);
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_statement_that_kills_its_own_session_is_unavailable, Fixture) {
    BOOST_CHECK_THROW(pool.read(db::Scope::none()).one<bool>(kill_me), db::Unavailable);
    BOOST_TEST(items() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_plan_that_no_longer_fits_is_made_again, Fixture) {
    static constexpr auto list = "SELECT id FROM items";
    db.sql("INSERT INTO items VALUES (1)");
    BOOST_TEST(pool.read(db::Scope::none()).one<std::string>(list) == "1");
    db.sql("ALTER TABLE items ALTER COLUMN id TYPE text");
    BOOST_TEST(pool.read(db::Scope::none()).one<std::string>(list) == "1");
    db.sql("ALTER TABLE items ALTER COLUMN id TYPE bigint USING id::bigint");
    const auto value =
        db::in_tx(pool, db::Scope::none(), [](db::Tx& tx) { return tx.one<std::string>(list); });
    BOOST_TEST(value == "1");
}

BOOST_AUTO_TEST_CASE(an_answer_without_sqlstate_means_that_nobody_answered) {
    for (const char* none : {"", "     "}) { // SOCI spells it in blanks
        BOOST_TEST(db::Error(none, "x").connection_lost());
        BOOST_TEST(db::Error(none, "x").sqlstate() == "");
        BOOST_TEST(db::Error(none, "x").what() == std::string("database error (connection lost) in: x"));
    }
    BOOST_TEST(!db::Error("23505", "x").connection_lost());
}

BOOST_AUTO_TEST_CASE(a_query_without_its_tenant_clause_shows_one_tenant_at_most) {
    const auto db = test::migrated_database("scaiflow");
    db.sql("INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('t1', 'a', 'x'), ('t1', 'b', 'x'), "
           "('t2', 'c', 'x')");
    static constexpr auto careless = "SELECT id FROM scaiflow.users ORDER BY id";
    db::Pool pool(db.settings("scaiflow_admin", 1)); // one session: each scope must undo the one before
    const auto ids = [&](const db::Scope& scope) {
        std::string read, written;
        for (const auto& id : pool.read(scope).all<std::string>(careless))
            read += id;
        for (const auto& id :
             db::in_tx(pool, scope, [](db::Tx& tx) { return tx.all<std::string>(careless); }))
            written += id;
        return read + "/" + written;
    };
    BOOST_TEST(ids(db::Scope::none()) == "/");
    BOOST_TEST(ids(db::Scope::tenant("t1")) == "ab/ab");
    BOOST_TEST(ids(db::Scope::tenant("t2")) == "c/c");
    BOOST_TEST(ids(db::Scope::all_tenants()) == "abc/abc");
    BOOST_TEST(ids(db::Scope::tenant("t'; DROP TABLE x; --")) == "/");
    BOOST_TEST(ids(db::Scope::none()) == "/");
}

BOOST_AUTO_TEST_CASE(a_transaction_does_not_leak_its_scope_into_the_next_read) {
    const auto db = test::migrated_database("scaiflow");
    db.sql("INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('t1', 'a', 'x')");
    static constexpr auto count = "SELECT count(*) FROM scaiflow.users";
    db::Pool pool(db.settings("scaiflow_admin", 1));
    db::in_tx(pool, db::Scope::all_tenants(), [](db::Tx& tx) { BOOST_TEST(tx.one<int>(count) == 1); });
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count) == 0);
    BOOST_TEST(pool.read(db::Scope::tenant("t1")).one<int>(count) == 1);
    BOOST_TEST(pool.read(db::Scope::none()).one<int>(count) == 0);
}

BOOST_AUTO_TEST_CASE(a_statement_that_fails_under_a_new_scope_leaves_no_doubt_about_the_next) {
    const auto db = test::migrated_database("scaiflow");
    db.sql("INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('t1', 'a', 'x'), ('t2', 'b', 'x'), "
           "('t2', 'c', 'x')");
    static constexpr auto count = "SELECT count(*) FROM scaiflow.users";
    static constexpr auto broken = "SELECT 1 / count(*)::int FROM scaiflow.users WHERE id = :p1";
    static constexpr auto no_table = "SELECT 1 FROM scaiflow.nothing";
    db::Pool pool(db.settings("scaiflow_admin", 1));
    BOOST_TEST(pool.read(db::Scope::tenant("t1")).one<int>(count) == 1);
    for (const auto* sql : {broken, no_table}) {
        if (sql == broken)
            BOOST_CHECK_THROW(pool.read(db::Scope::tenant("t2")).one<int>(sql, "nobody"), db::Error);
        else
            BOOST_CHECK_THROW(pool.read(db::Scope::tenant("t2")).one<int>(sql), db::Error);
        BOOST_TEST(pool.read(db::Scope::tenant("t1")).one<int>(count) == 1);
        BOOST_TEST(pool.read(db::Scope::tenant("t2")).one<int>(count) == 2);
        BOOST_TEST(pool.read(db::Scope::none()).one<int>(count) == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_tenant_cannot_write_into_another) {
    const auto db = test::migrated_database("scaiflow");
    static constexpr auto insert =
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES (:p1, 'u', 'x')";
    db::Pool pool(db.settings("scaiflow_jobs"));
    db::in_tx(pool, db::Scope::tenant("t1"), [](db::Tx& tx) { tx.run(insert, "t1"); });
    BOOST_CHECK_EXCEPTION(db::in_tx(pool, db::Scope::tenant("t1"), [](db::Tx& tx) { tx.run(insert, "t2"); }),
                          db::Error, [](const db::Error& e) { return e.sqlstate() == "42501"; });
}

BOOST_AUTO_TEST_SUITE_END()
