// The trail is written before the answer leaves, and nobody who serves requests can change it.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/journal.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

using namespace scaivault;
namespace db = scai::db;

namespace {

audit::Entry entry(const std::string& request = "req_1", const std::string& tenant = "tnt_a") {
    audit::Entry out;
    out.tenant_id = tenant;
    out.action = "read";
    out.identity_type = "service_account";
    out.identity_id = "sa:batcher";
    out.secret_path = "apps/demo/login";
    out.source_ip = "10.1.0.9";
    out.user_agent = "curl/8";
    out.request_id = request;
    out.duration_ms = 7;
    out.extra.set("version", 3);
    return out;
}

const std::vector<std::string> process_roles{"secrets", "policies", "auth",     "identity",
                                             "audit",   "rotation", "webhooks", "subscriptions",
                                             "system",  "jobs",     "cli"};

std::string sqlstate_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const db::Error& error) {
        return error.sqlstate();
    }
    return "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_audit_journal)

BOOST_AUTO_TEST_CASE(a_row_holds_what_the_request_was) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets"));
    audit::Journal journal(pool);
    journal.append(entry());
    auto denied = entry("req_2", "");
    denied.success = false;
    denied.secret_path = "";
    journal.append(denied);
    const auto rows =
        base.rows("SELECT tenant_id, action, identity_type, identity_id, secret_path, source_ip, user_agent, "
                  "success, duration_ms, request_id, extra_data FROM scaivault.audit_log ORDER BY seq");
    BOOST_REQUIRE(rows.size() == 2);
    BOOST_TEST((rows[0] == std::vector<std::string>{"tnt_a", "read", "service_account", "sa:batcher",
                                                    "apps/demo/login", "10.1.0.9", "curl/8", "t", "7",
                                                    "req_1", R"({"version": 3})"}));
    BOOST_TEST(rows[1][0] == "");
    BOOST_TEST(rows[1][4] == "NULL");
    BOOST_TEST(rows[1][7] == "f");
    BOOST_TEST(base.value("SELECT count(*) FROM scaivault.audit_log WHERE id ~ '^log_[a-z0-9]{20}$' AND "
                          "at BETWEEN now() - interval '1 minute' AND now()") == "2");
}

BOOST_AUTO_TEST_CASE(rows_of_many_threads_share_commits_and_none_is_lost) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets", 4));
    audit::Journal journal(pool);
    constexpr int threads = 16, each = 25;
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&journal, t] {
            for (int i = 0; i < each; ++i)
                journal.append(entry("req_" + std::to_string(t) + "_" + std::to_string(i),
                                     "tnt_" + std::to_string(t % 3)));
        });
    for (auto& thread : running)
        thread.join();
    BOOST_TEST(base.value("SELECT count(DISTINCT request_id) FROM scaivault.audit_log") ==
               std::to_string(threads * each));
    BOOST_TEST(base.value("SELECT count(*) FROM scaivault.audit_log") == std::to_string(threads * each));
    BOOST_TEST(base.value("SELECT count(DISTINCT txid) < count(*) FROM scaivault.audit_log") == "t");
}

BOOST_AUTO_TEST_CASE(rows_of_one_request_are_all_durable_when_append_returns) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets", 4));
    db::Pool readers(base.settings("", 8));
    audit::Journal journal(pool);
    constexpr int threads = 8, requests = 25, rows = 100; // more rows wait than one commit takes
    std::atomic<int> missing{0};
    std::vector<std::thread> crowd;
    for (int t = 0; t < threads; ++t)
        crowd.emplace_back([&, t] {
            for (int r = 0; r < requests; ++r) {
                const auto id = "req_" + std::to_string(t) + "_" + std::to_string(r);
                journal.append(std::vector<audit::Entry>(rows, entry(id)));
                const auto there = readers.read(db::Scope::all_tenants())
                                       .one<std::int64_t>("SELECT count(*) FROM scaivault.audit_log "
                                                          "WHERE request_id = :p1",
                                                          id);
                missing += there == rows ? 0 : 1;
            }
        });
    for (auto& one : crowd)
        one.join();
    BOOST_TEST(missing == 0);
}

BOOST_AUTO_TEST_CASE(what_a_client_sent_never_keeps_a_row_out) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets"));
    audit::Journal journal(pool);
    auto odd = entry();
    odd.user_agent = std::string("a\0b", 3) + "\xC3\x28 \xF0\x9F\x98\x80 \xED\xA0\x80";
    odd.secret_path = std::string(5000, 'p') + "\xC3\xA9";
    odd.source_ip = "\xFF";
    odd.duration_ms = -5;
    odd.extra.set("text", std::string(100000, 'x'));
    journal.append(odd);
    const auto row =
        base.rows("SELECT user_agent, length(secret_path), source_ip, duration_ms, extra_data->>'truncated' "
                  "FROM scaivault.audit_log")[0];
    BOOST_TEST(row[0] == "a\uFFFDb\uFFFD( \U0001F600 \uFFFD\uFFFD\uFFFD");
    BOOST_TEST(row[1] == "1024");
    BOOST_TEST(row[2] == "\uFFFD");
    BOOST_TEST(row[3] == "0");
    BOOST_TEST(row[4] == "true");
}

BOOST_AUTO_TEST_CASE(a_row_the_database_refuses_fails_alone) {
    const auto base = test::migrated_database("scaivault");
    base.sql("ALTER TABLE scaivault.audit_log ADD CONSTRAINT no_bad CHECK (action <> 'bad')");
    db::Pool pool(base.settings("scaivault_secrets", 2));
    audit::Journal journal(pool);
    std::atomic<int> failed = 0, wrong = 0;
    std::vector<std::thread> running;
    for (int t = 0; t < 12; ++t)
        running.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                auto row = entry("req_" + std::to_string(t * 10 + i));
                if (t == 0)
                    row.action = "bad";
                const auto state = sqlstate_of([&] { journal.append(row); });
                if (t == 0 && state == "23514")
                    ++failed;
                else if (state != "none")
                    ++wrong;
            }
        });
    for (auto& thread : running)
        thread.join();
    BOOST_TEST(failed == 10);
    BOOST_TEST(wrong == 0);
    BOOST_TEST(base.value("SELECT count(*) FROM scaivault.audit_log") == "110");
}

BOOST_AUTO_TEST_CASE(
    without_a_server_every_waiting_request_fails_and_the_next_one_after_it_is_back_succeeds) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets", 2));
    audit::Journal journal(pool);
    journal.append(entry("before"));
    test::postgres().stop(true);
    std::atomic<int> unavailable = 0;
    std::vector<std::thread> running;
    for (int t = 0; t < 8; ++t)
        running.emplace_back([&] {
            try {
                journal.append(entry("lost"));
            } catch (const db::Unavailable&) {
                ++unavailable;
            }
        });
    for (auto& thread : running)
        thread.join();
    test::postgres().start();
    BOOST_TEST(unavailable == 8);
    journal.append(entry("after"));
    BOOST_TEST(base.value("SELECT string_agg(request_id, ',' ORDER BY seq) FROM scaivault.audit_log") ==
               "before,after");
}

BOOST_AUTO_TEST_CASE(every_acknowledged_row_survives_a_crash_of_the_server) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets", 4));
    audit::Journal journal(pool);
    std::mutex mutex;
    std::set<std::string> acknowledged;
    std::atomic<bool> stop = false;
    std::vector<std::thread> running;
    for (int t = 0; t < 6; ++t)
        running.emplace_back([&, t] {
            for (int i = 0; !stop; ++i) {
                const auto request = "req_" + std::to_string(t) + "_" + std::to_string(i);
                try {
                    journal.append(entry(request));
                } catch (const db::Error&) {
                    std::this_thread::yield();
                    continue;
                }
                const std::lock_guard lock(mutex);
                acknowledged.insert(request);
            }
        });
    const auto reached = [&](std::size_t count) {
        for (;;) {
            {
                const std::lock_guard lock(mutex);
                if (acknowledged.size() >= count)
                    return acknowledged.size();
            }
            std::this_thread::yield();
        }
    };
    const auto before = reached(50);
    test::postgres().restart(true);
    reached(before + 50);
    stop = true;
    for (auto& thread : running)
        thread.join();
    std::set<std::string> stored;
    for (const auto& row : base.rows("SELECT request_id FROM scaivault.audit_log"))
        stored.insert(row[0]);
    BOOST_TEST(std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
}

BOOST_AUTO_TEST_CASE(a_row_of_a_transaction_goes_with_it) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_secrets"));
    struct Stop {};
    BOOST_CHECK_THROW(db::in_tx(pool, db::Scope::tenant("tnt_a"),
                                [&](db::Tx& tx) {
                                    audit::write(tx, entry("undone"));
                                    throw Stop{};
                                }),
                      Stop);
    // What belongs to the partner is changed under the partner's scope; the row is the caller's tenant's.
    db::in_tx(pool, db::Scope::tenant("partner/ptn_a"), [&](db::Tx& tx) { audit::write(tx, entry("kept")); });
    BOOST_TEST(base.value("SELECT string_agg(tenant_id || request_id, ',') FROM scaivault.audit_log") ==
               "tnt_akept");
}

BOOST_AUTO_TEST_CASE(a_tenant_reads_its_own_trail_only) {
    const auto base = test::migrated_database("scaivault");
    db::Pool pool(base.settings("scaivault_audit"));
    audit::Journal journal(pool);
    journal.append(entry("req_a", "tnt_a"));
    journal.append(entry("req_b", "tnt_b"));
    static constexpr auto all = "SELECT request_id FROM scaivault.audit_log";
    BOOST_TEST(pool.read(db::Scope::tenant("tnt_b")).one<std::string>(all) == "req_b");
    BOOST_TEST(pool.read(db::Scope::none()).all<std::string>(all).empty());
}

BOOST_AUTO_TEST_CASE(no_process_role_can_change_or_remove_a_row_or_choose_its_place) {
    const auto base = test::migrated_database("scaivault");
    const auto part =
        base.value("SELECT tableoid::regclass FROM (SELECT 1) o, LATERAL (SELECT i.inhrelid AS tableoid FROM "
                   "pg_inherits i WHERE i.inhparent = 'scaivault.audit_log'::regclass LIMIT 1) p");
    for (const auto& role : process_roles) {
        BOOST_TEST_CONTEXT(role) {
            db::Pool pool(base.settings("scaivault_" + role));
            audit::Journal(pool).append(entry(role));
            const auto refused = [&](const std::string& sql) {
                return sqlstate_of(
                    [&] { db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) { tx.script(sql); }); });
            };
            for (const std::string& table :
                 std::vector<std::string>{"scaivault.audit_log", part, "scaivault.audit_seals"}) {
                BOOST_TEST_CONTEXT(table) {
                    BOOST_TEST(refused("UPDATE " + table + " SET tenant_id = 'x'") == "42501");
                    BOOST_TEST(refused("DELETE FROM " + table) == "42501");
                    BOOST_TEST(refused("TRUNCATE " + table) == "42501");
                    BOOST_TEST(refused("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY") == "42501");
                    BOOST_TEST(refused("DROP TABLE " + table + " CASCADE") == "42501");
                }
            }
            for (const char* column : {"at", "txid", "seq"})
                BOOST_TEST(refused("INSERT INTO scaivault.audit_log (" + std::string(column) +
                                   ") OVERRIDING SYSTEM VALUE VALUES (NULL)") == "42501");
            BOOST_TEST(refused("SELECT setval('scaivault.audit_log_seq_seq', 1)") == "42501");
            if (role != "jobs") {
                BOOST_TEST(refused("SELECT scaivault.audit_retire('tnt_a', 10)") == "42501");
                BOOST_TEST(refused("SELECT scaivault.audit_reclaim(10)") == "42501");
                BOOST_TEST(refused("INSERT INTO scaivault.audit_seals (tenant_id) VALUES ('tnt_a')") ==
                           "42501");
            }
        }
    }
    BOOST_TEST(base.value("SELECT count(*) FROM scaivault.audit_log") ==
               std::to_string(process_roles.size()));
}

BOOST_AUTO_TEST_SUITE_END()
