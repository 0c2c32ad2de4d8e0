// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/holders.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_kms.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

namespace {

using scaivault::seal::Keyring;
using scaivault::seal::Place;
using scaivault::seal::Rotation;
using scaivault::seal::Sealed;

constexpr auto insert_version = R"(
INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, ciphertext, created_by)
VALUES (:p1, :p2, :p3::bigint, :p4, decode(:p5, 'hex'), decode(:p6, 'hex'), 'test'))";

constexpr auto find_version = R"(
SELECT key_id, encode(wrapped_key, 'hex'), encode(ciphertext, 'hex')
  FROM scaivault.secret_versions
 WHERE secret_id = :p1 AND version = :p2::bigint)";

bool never() {
    return false;
}

struct Fixture {
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_secrets", 8)};
    scai::db::Pool jobs{db.settings("scaivault_jobs")};
    scai::test::FakeClock clock;
    test::FakeKms kms;
    Keyring keyring{pool, kms, clock};
    Rotation rotation{jobs, kms, clock, std::chrono::seconds(0)};

    static Place place(const std::string& tenant, const std::string& secret, std::int64_t version) {
        return {.tenant_id = tenant,
                .partner_id = "p1",
                .secret_id = secret,
                .path = "app/x",
                .version = version};
    }
    void insert(const std::string& tenant, const std::string& secret, std::int64_t version,
                const Sealed& sealed) {
        scai::db::in_tx(pool, scai::db::Scope::tenant(tenant), [&](scai::db::Tx& tx) {
            tx.run(insert_version, tenant, secret, version, sealed.key_id,
                   scai::crypto::to_hex(sealed.wrapped_key), scai::crypto::to_hex(sealed.ciphertext));
        });
    }
    void write(const std::string& tenant, const std::string& secret, std::int64_t version) {
        insert(tenant, secret, version,
               keyring.seal(place(tenant, secret, version), "value " + std::to_string(version)).value());
    }
    std::string read(const std::string& tenant, const std::string& secret, std::int64_t version) {
        auto reader = pool.read(scai::db::Scope::tenant(tenant));
        const auto [key, wrapped, ciphertext] =
            reader.one<std::string, std::string, std::string>(find_version, secret, version);
        return std::string(
            keyring
                .open(place(tenant, secret, version), {key, scai::crypto::from_hex(wrapped).value(),
                                                       scai::crypto::from_hex(ciphertext).value()})
                .value()
                .reveal());
    }
    void read_all(const std::string& tenant, const std::string& secret, int versions) {
        keyring.forget();
        for (int version = 1; version <= versions; ++version)
            BOOST_TEST(read(tenant, secret, version) == "value " + std::to_string(version));
    }
    std::string states(const std::string& kind) const {
        return db.value(
            "SELECT string_agg(generation || ' ' || state, ', ' ORDER BY owner_id, generation) FROM "
            "scaivault.keys WHERE kind = '" +
            kind + "'");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_lib_scaivault_seal_rotation)

BOOST_FIXTURE_TEST_CASE(a_root_rotation_wraps_partner_keys_anew_and_leaves_secrets_alone, Fixture) {
    write("t1", "s1", 1);
    write("t2", "s2", 1);
    const std::string before =
        db.value("SELECT string_agg(md5(ciphertext || wrapped_key), ',' ORDER BY secret_id) FROM "
                 "scaivault.secret_versions");
    BOOST_TEST(rotation.new_root_generation().error().code == "root_key_unchanged");
    kms.add_key();
    BOOST_REQUIRE(rotation.new_root_generation());
    BOOST_TEST(states("root") == "1 retired, 2 active");
    BOOST_TEST(keyring.status().key_status == "rotating");
    read_all("t1", "s1", 1); // the old root still serves
    const auto planned = rotation.rewrap(never, /*dry_run=*/true).value();
    BOOST_TEST(planned.stragglers == 1);
    BOOST_TEST(planned.rewrapped == 0);
    BOOST_TEST(!planned.finished);
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 1);
    BOOST_TEST(report.destroyed == 1);
    BOOST_TEST(report.stragglers == 0);
    BOOST_TEST(report.finished);
    BOOST_TEST(states("root") == "1 destroyed, 2 active");
    BOOST_TEST(keyring.status().key_status == "active");
    kms.remove_key("root-1");
    read_all("t1", "s1", 1);
    read_all("t2", "s2", 1);
    BOOST_TEST(db.value("SELECT string_agg(md5(ciphertext || wrapped_key), ',' ORDER BY secret_id) FROM "
                        "scaivault.secret_versions") == before);
}

BOOST_FIXTURE_TEST_CASE(a_provider_that_rotates_inside_keeps_its_reference, Fixture) {
    write("t1", "s1", 1);
    kms.inside = true;
    BOOST_REQUIRE(rotation.new_root_generation());
    BOOST_TEST(rotation.rewrap(never, false).value().rewrapped == 1);
    BOOST_TEST(states("root") == "1 destroyed, 2 active");
    read_all("t1", "s1", 1);
}

BOOST_FIXTURE_TEST_CASE(a_tenant_rotation_wraps_every_data_key_of_that_tenant_anew, Fixture) {
    for (int version = 1; version <= 450; ++version)
        write("t1", "s1", version);
    write("t2", "s2", 1);
    const std::string foreign =
        db.value("SELECT key_id FROM scaivault.secret_versions WHERE tenant_id = 't2'");
    const std::string plain = db.value("SELECT md5(string_agg(ciphertext, '' ORDER BY version)) FROM "
                                       "scaivault.secret_versions WHERE tenant_id = 't1'");
    const std::string fresh = rotation.new_tenant_generation("t1").value();
    read_all("t1", "s1", 450);
    write("t1", "s1", 451);
    BOOST_TEST(db.value("SELECT key_id FROM scaivault.secret_versions WHERE version = 451") == fresh);
    BOOST_TEST(rotation.rewrap(never, true).value().stragglers == 450);
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 450);
    BOOST_TEST(report.destroyed == 1);
    BOOST_TEST(report.finished);
    read_all("t1", "s1", 451);
    BOOST_TEST(read("t2", "s2", 1) == "value 1");
    BOOST_TEST(
        db.value("SELECT count(DISTINCT key_id) FROM scaivault.secret_versions WHERE tenant_id = 't1'") ==
        "1");
    BOOST_TEST(db.value("SELECT key_id FROM scaivault.secret_versions WHERE tenant_id = 't2'") == foreign);
    BOOST_TEST(
        db.value("SELECT md5(string_agg(ciphertext, '' ORDER BY version)) FROM scaivault.secret_versions "
                 "WHERE tenant_id = 't1' AND version <= 450") == plain);
    BOOST_TEST(
        db.value("SELECT count(*) FROM scaivault.keys WHERE state = 'destroyed' AND wrapped IS NULL AND "
                 "parent_id IS NULL AND destroyed_at IS NOT NULL") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_partner_rotation_moves_the_keys_of_its_tenants, Fixture) {
    write("t1", "s1", 1);
    write("t2", "s2", 1);
    BOOST_REQUIRE(rotation.new_partner_generation("p1"));
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 2);
    BOOST_TEST(report.finished);
    BOOST_TEST(states("partner") == "1 destroyed, 2 active");
    read_all("t1", "s1", 1);
    read_all("t2", "s2", 1);
}

BOOST_FIXTURE_TEST_CASE(all_three_at_once_end_in_one_run, Fixture) {
    for (int version = 1; version <= 10; ++version)
        write("t1", "s1", version);
    kms.add_key();
    BOOST_REQUIRE(rotation.new_root_generation());
    BOOST_REQUIRE(rotation.new_partner_generation("p1"));
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    bool finished = false;
    for (int run = 0; run < 3 && !finished; ++run)
        finished = rotation.rewrap(never, false).value().finished;
    BOOST_TEST(finished);
    (void)rotation.rewrap(never, false).value();
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.keys WHERE state = 'retired'") == "0");
    read_all("t1", "s1", 10);
}

BOOST_FIXTURE_TEST_CASE(what_was_stopped_goes_on_where_it_was, Fixture) {
    for (int version = 1; version <= 450; ++version)
        write("t1", "s1", version);
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    int asked = 0;
    const auto partly = rotation.rewrap([&] { return ++asked > 2; }, false).value();
    BOOST_TEST(partly.rewrapped > 0);
    BOOST_TEST(partly.stragglers > 0);
    BOOST_TEST(partly.rewrapped + partly.stragglers == 450);
    BOOST_TEST(!partly.finished);
    read_all("t1", "s1", 450);
    const auto rest = rotation.rewrap(never, false).value();
    BOOST_TEST(rest.rewrapped == partly.stragglers);
    BOOST_TEST(rest.finished);
    read_all("t1", "s1", 450);
}

BOOST_FIXTURE_TEST_CASE(an_outage_of_the_kms_stops_it_and_loses_nothing, Fixture) {
    write("t1", "s1", 1);
    kms.add_key();
    BOOST_REQUIRE(rotation.new_root_generation());
    kms.down = true;
    BOOST_TEST(rotation.rewrap(never, false).error().code == "encryption_unavailable");
    BOOST_TEST(rotation.new_root_generation().error().code == "encryption_unavailable");
    kms.down = false;
    clock.advance(std::chrono::seconds(5));
    BOOST_TEST(rotation.rewrap(never, false).value().finished);
    read_all("t1", "s1", 1);
}

BOOST_FIXTURE_TEST_CASE(a_retired_key_lives_through_its_grace, Fixture) {
    write("t1", "s1", 1);
    Rotation patient(jobs, kms, clock);
    BOOST_REQUIRE(patient.new_tenant_generation("t1"));
    auto report = patient.rewrap(never, false).value();
    BOOST_TEST(report.finished);
    BOOST_TEST(report.destroyed == 0);
    BOOST_TEST(report.retired == 1);
    db.sql(
        "UPDATE scaivault.keys SET retired_at = retired_at - interval '61 minutes' WHERE state = 'retired'");
    report = patient.rewrap(never, false).value();
    BOOST_TEST(report.destroyed == 1);
    BOOST_TEST(report.retired == 0);
}

BOOST_FIXTURE_TEST_CASE(a_key_is_never_destroyed_below_a_row_that_comes_late, Fixture) {
    write("t1", "s1", 1);
    // Sealed under the old key, not committed yet when everything else is done.
    const Sealed late = keyring.seal(place("t1", "s1", 2), "value 2").value();
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    {
        scai::db::Pool writer(db.settings("scaivault_secrets"));
        scai::db::in_tx(writer, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
            tx.run(insert_version, "t1", "s1", 2, late.key_id, scai::crypto::to_hex(late.wrapped_key),
                   scai::crypto::to_hex(late.ciphertext));
            std::thread job([&] {
                // The destruction waits for the lock the uncommitted row holds; its statement gives up first.
                auto impatient_settings = db.settings("scaivault_jobs");
                impatient_settings.statement_timeout = std::chrono::milliseconds(300);
                scai::db::Pool impatient(impatient_settings);
                Rotation other(impatient, kms, clock, std::chrono::seconds(0));
                BOOST_CHECK_THROW((void)other.rewrap(never, false), scai::db::Error);
            });
            job.join();
        });
    }
    BOOST_TEST(states("tenant") == "1 retired, 2 active");
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 1);
    BOOST_TEST(report.destroyed == 1);
    read_all("t1", "s1", 2);
    // And once it is gone, a row that names it is refused instead of being lost.
    const Sealed too_late{late.key_id, late.wrapped_key, late.ciphertext};
    BOOST_CHECK_THROW(insert("t1", "s1", 3, too_late), scai::db::Error);
}

BOOST_FIXTURE_TEST_CASE(writes_beside_rotations_are_all_readable, Fixture) {
    write("t1", "s1", 1);
    std::atomic<bool> done{false};
    std::atomic<int> next{2};
    std::mutex mutex;
    std::set<std::int64_t> acknowledged{1};
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i)
        writers.emplace_back([&] {
            while (!done && next < 400) {
                const int version = next++;
                clock.advance(std::chrono::seconds(1)); // so that the writers see a new key in the end
                try {
                    write("t1", "s1", version);
                    const std::scoped_lock lock(mutex);
                    acknowledged.insert(version);
                } catch (const std::exception&) { // refused: the key went away below it; never half-written
                }
            }
        });
    for (int round = 0; round < 4; ++round) {
        BOOST_TEST(static_cast<bool>(rotation.new_tenant_generation("t1")));
        if (round == 2) {
            kms.add_key();
            BOOST_TEST(static_cast<bool>(rotation.new_root_generation()));
        }
        (void)rotation.rewrap(never, false).value();
        (void)rotation.rewrap(never, false).value();
    }
    done = true;
    for (auto& writer : writers)
        writer.join();
    (void)rotation.rewrap(never, false).value();
    keyring.forget();
    BOOST_TEST(acknowledged.size() > 10U);
    for (const std::int64_t version : acknowledged)
        BOOST_TEST(read("t1", "s1", version) == "value " + std::to_string(version));
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.secret_versions") ==
               std::to_string(acknowledged.size()));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_row_is_counted_and_does_not_hold_up_the_others, Fixture) {
    for (int version = 1; version <= 5; ++version)
        write("t1", "s1", version);
    db.sql("UPDATE scaivault.secret_versions SET wrapped_key = '\\x00' WHERE version = 3");
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 4);
    BOOST_TEST(report.damaged == 1);
    BOOST_TEST(report.stragglers == 1);
    BOOST_TEST(report.destroyed == 0);
    BOOST_TEST(!report.finished);
    BOOST_TEST(read("t1", "s1", 5) == "value 5");
}

BOOST_FIXTURE_TEST_CASE(an_owner_without_a_key_has_nothing_to_rotate, Fixture) {
    BOOST_TEST(rotation.new_tenant_generation("nobody").error().code == "key_not_found");
    BOOST_TEST(rotation.new_partner_generation("nobody").error().code == "key_not_found");
    BOOST_TEST(rotation.new_root_generation().error().code == "key_not_found");
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.keys") == "0");
    BOOST_TEST(rotation.rewrap(never, false).value().finished);
}

BOOST_FIXTURE_TEST_CASE(two_rotations_at_once_make_one_active_key, Fixture) {
    write("t1", "s1", 1);
    std::vector<std::thread> threads;
    std::atomic<int> made{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            scai::db::Pool own(db.settings("scaivault_cli"));
            Rotation rotate(own, kms, clock);
            if (rotate.new_tenant_generation("t1"))
                ++made;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(made.load() >= 1);
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.keys WHERE kind = 'tenant' AND state = 'active'") ==
               "1");
    BOOST_TEST(db.value("SELECT max(generation) - 1 FROM scaivault.keys WHERE kind = 'tenant'") ==
               std::to_string(made.load()));
    read_all("t1", "s1", 1);
}

BOOST_FIXTURE_TEST_CASE(every_wrapped_key_of_the_schema_has_a_holder_and_a_foreign_key, Fixture) {
    std::set<std::string> listed;
    for (const auto& holder : scaivault::seal::holders()) {
        listed.insert(std::string(holder.table) + "." + std::string(holder.wrapped_column));
        BOOST_TEST(
            db.value(
                "SELECT count(*) FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND "
                "c.conkey = ARRAY[a.attnum] WHERE c.contype = 'f' AND c.conrelid = 'scaivault." +
                std::string(holder.table) +
                "'::regclass AND c.confrelid = 'scaivault.keys'::regclass AND a.attname = '" +
                std::string(holder.key_column) + "'") == "1",
            holder.table << "." << holder.key_column << " refers to scaivault.keys (usable_id)");
    }
    std::set<std::string> there;
    for (const auto& row :
         db.rows("SELECT table_name || '.' || column_name FROM information_schema.columns WHERE "
                 "table_schema = 'scaivault' AND column_name LIKE '%wrapped_key'"))
        there.insert(row.front());
    BOOST_TEST(listed == there, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(keys_held_beside_the_secrets_are_wrapped_anew_too, Fixture) {
    const auto hex = [](std::string_view text) { return scai::crypto::to_hex(text); };
    const Place hook{.tenant_id = "t1", .partner_id = "p1", .secret_id = "wh_1", .path = "w", .version = 1};
    const Place token{
        .tenant_id = "scaivault", .partner_id = "", .secret_id = "tk_1", .path = "t", .version = 1};
    const Sealed now = keyring.seal(hook, "now").value(), before = keyring.seal(hook, "before").value();
    const Sealed signing = keyring.seal(token, "signing").value();
    db.sql(
        "INSERT INTO scaivault.webhooks (tenant_id, id, name, partner_id, url, events, secret_key_id, "
        "secret_wrapped_key, secret_ciphertext, previous_key_id, previous_wrapped_key, previous_ciphertext, "
        "created_by) VALUES ('t1', 'wh_1', 'w', 'p1', 'https://x', '{}', '" +
        now.key_id + "', decode('" + hex(now.wrapped_key) + "', 'hex'), '', '" + before.key_id +
        "', decode('" + hex(before.wrapped_key) + "', 'hex'), '', 'x')");
    db.sql("INSERT INTO scaivault.token_keys (id, public_jwk, key_id, wrapped_key, ciphertext) VALUES "
           "('tk_1', '{}', '" +
           signing.key_id + "', decode('" + hex(signing.wrapped_key) + "', 'hex'), '')");
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    BOOST_REQUIRE(rotation.new_tenant_generation("scaivault"));
    const auto report = rotation.rewrap(never, false).value();
    BOOST_TEST(report.rewrapped == 3);
    BOOST_TEST(report.destroyed == 2);
    keyring.forget();
    const auto opened = [&](const Place& where, const std::string& select, const Sealed& sealed) {
        const auto row = db.rows(select).front();
        return std::string(
            keyring.open(where, {row[0], scai::crypto::from_hex(row[1]).value(), sealed.ciphertext})
                .value()
                .reveal());
    };
    BOOST_TEST(opened(hook, "SELECT secret_key_id, encode(secret_wrapped_key, 'hex') FROM scaivault.webhooks",
                      now) == "now");
    BOOST_TEST(opened(hook,
                      "SELECT previous_key_id, encode(previous_wrapped_key, 'hex') FROM scaivault.webhooks",
                      before) == "before");
    BOOST_TEST(opened(token, "SELECT key_id, encode(wrapped_key, 'hex') FROM scaivault.token_keys",
                      signing) == "signing");
}

BOOST_FIXTURE_TEST_CASE(the_overview_counts_what_hangs_below_what, Fixture) {
    BOOST_TEST(scaivault::seal::keys_overview(jobs).root_id.empty());
    write("t1", "s1", 1);
    write("t2", "s2", 1);
    BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
    scai::db::Pool cli(db.settings("scaivault_cli"));
    const auto overview = scaivault::seal::keys_overview(cli);
    BOOST_TEST(overview.provider == "fake");
    BOOST_TEST(overview.reference == "root-1");
    BOOST_TEST(overview.root_generation == 1);
    BOOST_TEST(overview.root_since.has_value());
    std::string text;
    for (const auto& count : overview.counts)
        text += count.kind + " " + count.state + " " + std::to_string(count.keys) + " " +
                std::to_string(count.wraps) + ", ";
    BOOST_TEST(text == "partner active 1 3, root active 1 1, tenant active 2 0, tenant retired 1 0, ");
}

BOOST_AUTO_TEST_SUITE_END()
