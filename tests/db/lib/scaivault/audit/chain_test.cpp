// Whoever changes the trail is found: every manipulation is made as the superuser, who may do anything.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/chain.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <thread>

using namespace scaivault;
namespace db = scai::db;

namespace {

bool never() {
    return false;
}

struct Trail {
    test::Database base = test::migrated_database("scaivault");
    db::Pool pool{base.settings("scaivault_jobs", 6)};
    int requests = 0;

    audit::Entry entry(const std::string& tenant) {
        audit::Entry out;
        out.tenant_id = tenant;
        out.action = "read";
        out.identity_type = "user";
        out.identity_id = "user:mia@example.test";
        out.secret_path = "apps/demo/" + std::to_string(requests % 3);
        out.source_ip = "10.0.0.1";
        out.request_id = "req_" + std::to_string(++requests);
        return out;
    }
    void add(const std::string& tenant, int rows = 1) {
        db::in_tx(pool, db::Scope::tenant(tenant), [&](db::Tx& tx) {
            for (int i = 0; i < rows; ++i)
                audit::write(tx, entry(tenant));
        });
    }
    /// Three seals of tnt_a, two of tnt_b, one of nobody.
    void make_three_windows() {
        for (int window = 0; window < 3; ++window) {
            for (int i = 0; i < 3; ++i)
                add("tnt_a");
            if (window != 1)
                add("tnt_b", 2);
            if (window == 2)
                add("");
            settle();
            seal();
        }
    }
    /// Seals stop at the oldest open transaction, and an autovacuum of the cluster can be one.
    void settle() const {
        BOOST_REQUIRE(test::eventually([&] {
            return base.value("SELECT count(*) FROM scaivault.audit_log "
                              "WHERE txid >= pg_snapshot_xmin(pg_current_snapshot())") == "0";
        }));
    }
    audit::SealReport seal(std::int64_t batch = 1000) { return audit::seal_log(pool, batch, never); }
    audit::VerifyReport verify(const std::vector<audit::Anchor>& anchors = {},
                               const std::optional<std::string>& tenant = std::nullopt) {
        return audit::verify(pool, tenant, anchors);
    }
    /// Problems as "tenant seal what".
    std::vector<std::string> problems(const std::vector<audit::Anchor>& anchors = {}) {
        std::vector<std::string> out;
        for (const auto& problem : verify(anchors).problems)
            out.push_back(problem.tenant_id + " " + std::to_string(problem.seal) + " " + problem.what);
        return out;
    }
};

struct Manipulation {
    const char* name;
    const char* sql;
    const char* found; ///< the only problem
};
std::ostream& operator<<(std::ostream& out, const Manipulation& manipulation) {
    return out << manipulation.name;
}

// The second row of tnt_a's second seal, by window.
#define SECOND                                                                                               \
    "(SELECT seq FROM scaivault.audit_log WHERE tenant_id = 'tnt_a' ORDER BY txid, seq OFFSET 4 LIMIT 1)"
#define THIRD                                                                                                \
    "(SELECT seq FROM scaivault.audit_log WHERE tenant_id = 'tnt_a' ORDER BY txid, seq OFFSET 5 LIMIT 1)"

const Manipulation manipulations[] = {
    {"an edit", "UPDATE scaivault.audit_log SET identity_id = 'user:eve@example.test' WHERE seq = " SECOND,
     "tnt_a 2 a row of seal 2 was changed, or their order"},
    {"an edit of the details", "UPDATE scaivault.audit_log SET extra_data = '{\"a\":1}' WHERE seq = " SECOND,
     "tnt_a 2 a row of seal 2 was changed, or their order"},
    {"a path that becomes none", "UPDATE scaivault.audit_log SET secret_path = NULL WHERE seq = " SECOND,
     "tnt_a 2 a row of seal 2 was changed, or their order"},
    {"a moved time", "UPDATE scaivault.audit_log SET at = at - interval '1 microsecond' WHERE seq = " SECOND,
     "tnt_a 2 a row of seal 2 was changed, or their order"},
    {"a deletion", "DELETE FROM scaivault.audit_log WHERE seq = " SECOND,
     "tnt_a 2 seal 2 covers 3 rows, 2 are there"},
    {"an insertion",
     "INSERT INTO scaivault.audit_log (tenant_id, id, at, txid, action, identity_type, identity_id, "
     "source_ip, user_agent, "
     "success, duration_ms, request_id) SELECT tenant_id, 'log_forged', at, txid, action, identity_type, "
     "identity_id, "
     "source_ip, user_agent, success, duration_ms, request_id FROM scaivault.audit_log WHERE seq = " SECOND,
     "tnt_a 2 seal 2 covers 3 rows, 4 are there"},
    {"another order",
     "WITH two AS (SELECT min(seq) a, max(seq) b FROM scaivault.audit_log WHERE seq IN (" SECOND ", " THIRD
     ")), ids AS (SELECT (SELECT txid FROM scaivault.audit_log WHERE seq = a) ta, (SELECT txid FROM "
     "scaivault.audit_log WHERE seq = b) tb, a, b FROM two) UPDATE scaivault.audit_log SET txid = CASE WHEN "
     "seq = a THEN tb "
     "ELSE ta END FROM ids WHERE seq IN (a, b)",
     "tnt_a 2 a row of seal 2 was changed, or their order"},
    {"a row given to another tenant",
     "INSERT INTO scaivault.audit_log (tenant_id, id, at, txid, action, identity_type, identity_id, "
     "source_ip, user_agent, "
     "success, duration_ms, request_id) SELECT 'tnt_b', 'log_forged', at, txid, action, identity_type, "
     "identity_id, "
     "source_ip, user_agent, success, duration_ms, request_id FROM scaivault.audit_log WHERE seq = " SECOND,
     "tnt_b 0 1 rows between the seals were put there, or their seals are gone"},
    {"an edit with its seal's hash made to fit",
     "DELETE FROM scaivault.audit_log WHERE seq = " SECOND
     "; UPDATE scaivault.audit_seals SET row_count = 2 WHERE tenant_id = 'tnt_a' AND number = 2",
     "tnt_a 2 seal 2 was changed itself, or the one before it"},
    {"a seal with another hash",
     "UPDATE scaivault.audit_seals SET hash = repeat('0', 64) WHERE tenant_id = 'tnt_a' AND number = 1",
     "tnt_a 1 seal 1 was changed itself, or the one before it"},
    {"a seal that is gone, rows and all",
     "DELETE FROM scaivault.audit_log WHERE txid < (SELECT end_txid FROM scaivault.audit_seals WHERE "
     "tenant_id = 'tnt_a' AND "
     "number = 2) AND txid >= (SELECT begin_txid FROM scaivault.audit_seals WHERE tenant_id = 'tnt_a' AND "
     "number = 2); "
     "DELETE FROM scaivault.audit_seals WHERE tenant_id = 'tnt_a' AND number = 2",
     "tnt_a 3 seal 3 comes where seal 2 was expected"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_audit_chain)

BOOST_AUTO_TEST_CASE(a_trail_nobody_touched_verifies) {
    Trail trail;
    BOOST_TEST(trail.seal().seals == 0);
    trail.make_three_windows();
    trail.add("tnt_a", 2); // not sealed yet
    const auto report = trail.verify();
    BOOST_TEST(report.problems.empty());
    BOOST_TEST(report.seals == 6);
    BOOST_TEST(report.rows == 14);
    BOOST_TEST(report.unsealed == 2);
    BOOST_REQUIRE(report.anchors.size() == 3);
    BOOST_TEST(report.anchors[0].tenant_id == "");
    BOOST_TEST(report.anchors[1].number == 3);
    for (const auto& anchor : report.anchors) {
        const auto read = audit::parse_anchor(to_text(anchor));
        BOOST_REQUIRE(read);
        BOOST_TEST(read->tenant_id == anchor.tenant_id);
        BOOST_TEST(read->hash == anchor.hash);
    }
    BOOST_TEST(trail.verify(report.anchors).problems.empty());
    const auto one = trail.verify({}, "tnt_b");
    BOOST_TEST(one.problems.empty());
    BOOST_TEST(one.seals == 2);
    BOOST_TEST(one.anchors.size() == 1);
    for (const auto* broken : {"", "tnt_a 1", "tnt_a 0 00", "tnt_a x y", "tnt_a 1 zz"})
        BOOST_TEST(!audit::parse_anchor(broken));
}

BOOST_DATA_TEST_CASE(a_manipulation_is_found, boost::unit_test::data::make(manipulations), manipulation) {
    Trail trail;
    trail.make_three_windows();
    trail.base.sql(manipulation.sql);
    const auto found = trail.problems();
    BOOST_REQUIRE(!found.empty());
    BOOST_TEST(found[0] == manipulation.found);
    for (const auto& problem : found) // nothing that is whole is called broken
        BOOST_TEST((problem.starts_with("tnt_a") || problem == manipulation.found), problem);
    // What is sealed afterwards is fine, and the damage stays visible.
    trail.add("tnt_b");
    trail.seal();
    BOOST_TEST(!trail.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_tail_that_was_cut_off_is_found_with_an_anchor_only) {
    Trail trail;
    trail.make_three_windows();
    const auto kept = trail.verify().anchors;
    trail.base.sql(
        "DELETE FROM scaivault.audit_log WHERE tenant_id = 'tnt_a' AND txid >= (SELECT begin_txid FROM "
        "scaivault.audit_seals WHERE tenant_id = 'tnt_a' AND number = 3); DELETE FROM scaivault.audit_seals "
        "WHERE "
        "tenant_id = 'tnt_a' AND number = 3");
    BOOST_TEST(trail.problems().empty());
    BOOST_TEST(trail.problems(kept) ==
                   std::vector<std::string>{
                       "tnt_a 3 the chain ends at seal 2, the anchor names seal 3: its end was cut off"},
               boost::test_tools::per_element());
    // New rows over the gap do not hide it.
    trail.add("tnt_a");
    trail.seal();
    BOOST_TEST(trail.problems(kept) ==
                   std::vector<std::string>{"tnt_a 3 seal 3 is not the one the anchor names"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_chain_made_anew_over_an_edit_is_found_with_an_anchor) {
    Trail trail;
    trail.make_three_windows();
    const auto kept = audit::anchors(trail.pool, "tnt_b");
    BOOST_REQUIRE(kept.size() == 1);
    trail.base.sql("UPDATE scaivault.audit_log SET success = false WHERE tenant_id = 'tnt_b'; "
                   "DELETE FROM scaivault.audit_seals");
    trail.seal();
    BOOST_TEST(trail.problems().empty());
    BOOST_TEST(trail.problems(kept).size() == 1);
}

BOOST_AUTO_TEST_CASE(rows_of_a_transaction_that_is_still_open_wait_for_the_next_seal) {
    Trail trail;
    trail.add("tnt_a");
    std::mutex mutex;
    std::condition_variable changed;
    bool written = false, may_commit = false;
    std::thread slow([&] {
        db::in_tx(trail.pool, db::Scope::tenant("tnt_a"), [&](db::Tx& tx) {
            audit::write(tx, trail.entry("tnt_a"));
            std::unique_lock lock(mutex);
            written = true;
            changed.notify_all();
            changed.wait(lock, [&] { return may_commit; });
        });
    });
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return written; });
    }
    trail.add("tnt_a", 3); // committed before the slow one, after it in number
    const auto first = trail.seal();
    BOOST_TEST(first.rows == 1);
    BOOST_TEST(trail.seal().rows == 0);
    {
        const std::lock_guard lock(mutex);
        may_commit = true;
        changed.notify_all();
    }
    slow.join();
    BOOST_TEST(trail.seal().rows == 4);
    const auto report = trail.verify();
    BOOST_TEST(report.problems.empty());
    BOOST_TEST(report.rows == 5);
    BOOST_TEST(report.unsealed == 0);
}

BOOST_AUTO_TEST_CASE(sealing_beside_writers_covers_every_row_once) {
    Trail trail;
    audit::Journal journal(trail.pool);
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t)
        writers.emplace_back([&, t] {
            for (int i = 0; i < 60; ++i) {
                audit::Entry entry;
                entry.tenant_id = "tnt_" + std::to_string(t % 2);
                entry.request_id = std::to_string(t) + "_" + std::to_string(i);
                if (t == 0)
                    db::in_tx(trail.pool, db::Scope::tenant(entry.tenant_id), [&](db::Tx& tx) {
                        audit::write(tx, entry);
                        audit::write(tx, entry);
                    });
                else
                    journal.append(entry);
            }
        });
    std::int64_t sealed = 0;
    for (int i = 0; i < 10; ++i)
        sealed += trail.seal(7).rows;
    for (auto& writer : writers)
        writer.join();
    sealed += trail.seal(7).rows;
    const auto report = trail.verify();
    BOOST_TEST(report.problems.empty());
    BOOST_TEST(report.unsealed == 0);
    BOOST_TEST(report.rows == sealed);
    BOOST_TEST(std::to_string(sealed) == trail.base.value("SELECT count(*) FROM scaivault.audit_log"));
}

BOOST_AUTO_TEST_CASE(a_run_that_dies_between_two_windows_is_continued_by_the_next) {
    Trail trail;
    for (int i = 0; i < 12; ++i)
        trail.add(i % 2 == 0 ? "tnt_a" : "tnt_b", 2);
    int asked = 0;
    BOOST_TEST(audit::seal_log(trail.pool, 4, [&] { return ++asked > 2; }).rows == 8);
    // The third window fails half way.
    trail.base.sql("CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
                   "EXCEPTION 'no'; END $$; "
                   "CREATE TRIGGER fail BEFORE INSERT ON scaivault.audit_seals FOR EACH ROW WHEN "
                   "(NEW.tenant_id = 'tnt_b') "
                   "EXECUTE FUNCTION public.fail()");
    BOOST_CHECK_THROW(trail.seal(4), db::Error);
    BOOST_TEST(trail.base.value("SELECT sum(row_count) FROM scaivault.audit_seals") == "8");
    trail.base.sql("DROP TRIGGER fail ON scaivault.audit_seals");
    test::postgres().restart(true);
    BOOST_TEST(trail.seal(4).rows == 16);
    BOOST_TEST(trail.problems().empty());
    BOOST_TEST(trail.verify().unsealed == 0);
}

BOOST_AUTO_TEST_CASE(a_transaction_larger_than_a_window_is_sealed_whole) {
    Trail trail;
    trail.add("tnt_a", 50);
    trail.add("tnt_a", 3);
    const auto report = trail.seal(10);
    BOOST_TEST(report.rows == 53);
    BOOST_TEST(report.seals == 2);
    BOOST_TEST(trail.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_database_restored_from_a_dump_is_not_sealed_wrongly) {
    Trail trail;
    trail.add("tnt_a");
    trail.seal();
    trail.base.sql("UPDATE scaivault.audit_seals SET end_txid = '900000000000'");
    trail.add("tnt_a");
    BOOST_CHECK_EXCEPTION(trail.seal(), std::runtime_error, [](const std::runtime_error& error) {
        return std::string(error.what()).find("pg_resetwal") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(the_months_to_come_have_partitions_and_rows_never_lack_one) {
    Trail trail;
    const auto months = [&] {
        return trail.base.value(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'scaivault.audit_log'::regclass");
    };
    BOOST_TEST(months() == "5"); // this one, three more, and the one for the rest
    trail.base.sql("DO $$ DECLARE p text; BEGIN FOR p IN SELECT inhrelid::regclass::text FROM pg_inherits "
                   "WHERE inhparent = "
                   "'scaivault.audit_log'::regclass AND inhrelid::regclass::text !~ 'other' LOOP EXECUTE "
                   "'DROP TABLE ' || p; "
                   "END LOOP; END $$");
    trail.add("tnt_a");
    BOOST_TEST(trail.base.value("SELECT count(*) FROM scaivault.audit_log_other") == "1");
    trail.seal(); // the month that has rows in the rest already is left alone
    BOOST_TEST(months() == "4");
    trail.add("tnt_a");
    trail.seal();
    BOOST_TEST(trail.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_older_than_the_retention_goes_and_the_rest_verifies) {
    Trail trail;
    trail.base.sql(
        "CREATE TABLE scaivault.audit_log_2015_03 PARTITION OF scaivault.audit_log FOR VALUES FROM "
        "('2015-03-01 00:00+00') TO ('2015-04-01 00:00+00'); ALTER TABLE scaivault.audit_log_2015_03 OWNER "
        "TO scaivault_owner");
    // Before the seal: the rows were written then.
    const auto age = [&](const char* tenant, const char* at) {
        trail.base.sql(std::string("UPDATE scaivault.audit_log SET at = '") + at + "' WHERE tenant_id = '" +
                       tenant +
                       "' AND txid >= coalesce((SELECT max(end_txid) FROM scaivault.audit_seals), '0')");
    };
    const auto years = [](int n) { return std::to_string(n); };
    for (const char* at : {"2015-03-02 00:00Z", "2015-03-20 00:00Z"}) {
        trail.add("tnt_a", 2);
        trail.add("tnt_b", 2);
        age("tnt_a", at);
        age("tnt_b", at);
        trail.seal();
    }
    trail.add("tnt_a");
    trail.add("tnt_b");
    trail.seal();
    const auto early = trail.verify().anchors;

    db::Pool cli(trail.base.settings("scaivault_cli"));
    audit::set_retention(cli, "tnt_b", 100);
    BOOST_TEST(years(static_cast<int>(audit::retention_years(cli, "tnt_b"))) == "100");
    BOOST_TEST(audit::retirable(trail.pool) == 2);
    const auto first = audit::retire(trail.pool, never);
    BOOST_TEST(first.seals == 2);
    BOOST_TEST(first.rows == 4); // tnt_b still needs the month
    BOOST_TEST(first.months == 0);
    BOOST_TEST(trail.problems(early).empty());
    BOOST_TEST(trail.base.value("SELECT count(*) FROM scaivault.audit_log") == "7");

    audit::set_retention(cli, "tnt_b", std::nullopt);
    BOOST_TEST(audit::retention_years(cli, "tnt_b") == 7);
    // Who shortens it cannot do so unseen.
    BOOST_TEST(
        trail.base.value("SELECT string_agg((extra_data->>'before') || '>' || (extra_data->>'years'), ' ' "
                         "ORDER BY seq) FROM scaivault.audit_log WHERE action = 'retention_set' AND "
                         "tenant_id = 'tnt_b' AND identity_id = 'system:cli'") == "7>100 100>7");
    const auto second = audit::retire(trail.pool, never);
    BOOST_TEST(second.seals == 2);
    BOOST_TEST(second.months == 1); // dropped, not deleted row by row
    BOOST_TEST(trail.base.value("SELECT to_regclass('scaivault.audit_log_2015_03')") == "");
    BOOST_TEST(trail.base.value("SELECT count(*) FROM scaivault.audit_log") == "4");
    BOOST_TEST(audit::retire(trail.pool, never).seals == 0);

    trail.add("tnt_a");
    trail.seal();
    const auto report = trail.verify(early);
    BOOST_TEST(report.problems.empty());
    BOOST_REQUIRE(report.anchors.size() == 2);
    BOOST_TEST(report.anchors[0].number == 4);
    // The chain hangs on the anchor that was left: another one does not fit.
    trail.base.sql("UPDATE scaivault.audit_anchors SET hash = repeat('0', 64) WHERE tenant_id = 'tnt_a'");
    BOOST_TEST(trail.problems().size() == 1);
}

BOOST_AUTO_TEST_CASE(retention_never_takes_a_young_or_an_unsealed_row) {
    Trail trail;
    trail.add("tnt_a", 3);
    trail.seal();
    trail.add("tnt_a", 2);
    trail.base.sql(
        "UPDATE scaivault.audit_log SET at = '2015-03-02 00:00Z' WHERE seq = (SELECT max(seq) FROM "
        "scaivault.audit_log)"); // old by its clock, but not sealed
    const auto report = audit::retire(trail.pool, never);
    BOOST_TEST(report.seals == 0);
    BOOST_TEST(report.rows == 0);
    BOOST_TEST(trail.base.value("SELECT count(*) FROM scaivault.audit_log") == "5");
    db::Pool cli(trail.base.settings("scaivault_cli"));
    BOOST_CHECK_THROW(audit::set_retention(cli, "tnt_a", 0), db::Error);
}

BOOST_AUTO_TEST_CASE(a_tenant_is_known_by_the_directory_or_by_its_trail) {
    Trail trail;
    trail.add("tnt_gone");
    trail.base.sql(
        "INSERT INTO scaivault.partners (id, slug, name) VALUES ('prt_1', 'one', 'One'); INSERT INTO "
        "scaivault.tenants (id, slug, name, partner_id) VALUES ('tnt_new', 'n', 'N', 'prt_1')");
    db::Pool cli(trail.base.settings("scaivault_cli"));
    for (const char* known : {"tnt_gone", "tnt_new", ""})
        BOOST_TEST(audit::knows_tenant(cli, known), known);
    BOOST_TEST(!audit::knows_tenant(cli, "tnt_typo"));
}

BOOST_AUTO_TEST_SUITE_END()
