// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/keyring.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_kms.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>
#include <vector>

namespace {

using scaivault::seal::Keyring;
using scaivault::seal::Place;
using scaivault::seal::Sealed;

const Place place{
    .tenant_id = "t1", .partner_id = "p1", .secret_id = "sec_1", .path = "app/db", .version = 3};

struct Fixture {
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_secrets", 8)};
    scai::test::FakeClock clock;
    test::FakeKms kms;
    Keyring keyring{pool, kms, clock};

    bool opens(const Place& where, const Sealed& sealed) {
        try {
            return static_cast<bool>(keyring.open(where, sealed));
        } catch (const std::runtime_error&) {
            return false;
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_lib_scaivault_seal_keyring)

BOOST_FIXTURE_TEST_CASE(what_is_sealed_opens_again_here_and_in_another_process, Fixture) {
    const Sealed sealed = keyring.seal(place, R"({"password":"hunter2"})").value();
    BOOST_TEST(keyring.open(place, sealed).value().reveal() == R"({"password":"hunter2"})");
    BOOST_TEST(sealed.ciphertext.find("hunter2") == std::string::npos);
    scai::db::Pool other_pool(db.settings("scaivault_rotation"));
    Keyring other(other_pool, kms, clock);
    BOOST_TEST(other.open(place, sealed).value().reveal() == R"({"password":"hunter2"})");
    BOOST_TEST(other.open(place, other.seal(place, "").value()).value().empty());
    const std::string large(1 << 20, 'x');
    BOOST_TEST(keyring.open(place, keyring.seal(place, large).value()).value().size() == large.size());
}

BOOST_FIXTURE_TEST_CASE(a_row_copied_elsewhere_does_not_open, Fixture) {
    const Sealed sealed = keyring.seal(place, "value").value();
    Place other = place;
    other.tenant_id = "t2";
    BOOST_TEST(!opens(other, sealed));
    (void)keyring.seal(other, "make its key").value();
    BOOST_TEST(!opens(other, sealed));
    other = place;
    other.secret_id = "sec_2";
    BOOST_TEST(!opens(other, sealed));
    other = place;
    other.path = "app/db2";
    BOOST_TEST(!opens(other, sealed));
    other = place;
    other.version = 4;
    BOOST_TEST(!opens(other, sealed));
    // Lengths are bound too: the same bytes cut elsewhere are another place.
    other = place;
    other.secret_id = "sec_1a";
    other.path = "pp/db";
    BOOST_TEST(!opens(other, sealed));
    BOOST_TEST(opens(place, sealed));
}

BOOST_FIXTURE_TEST_CASE(parts_of_two_rows_do_not_make_a_third, Fixture) {
    const Sealed one = keyring.seal(place, "one").value(), two = keyring.seal(place, "two").value();
    BOOST_TEST(!opens(place, {one.key_id, one.wrapped_key, two.ciphertext}));
    BOOST_TEST(!opens(place, {one.key_id, two.wrapped_key, one.ciphertext}));
    Place other = place;
    other.tenant_id = "t2";
    const Sealed foreign = keyring.seal(other, "three").value();
    BOOST_TEST(!opens(place, {foreign.key_id, one.wrapped_key, one.ciphertext}));
    BOOST_TEST(!opens(place, {foreign.key_id, foreign.wrapped_key, foreign.ciphertext}));
    BOOST_TEST(!opens(place, {one.key_id, foreign.wrapped_key, foreign.ciphertext}));
    BOOST_TEST(!opens(place, {"key_unknown", one.wrapped_key, one.ciphertext}));
    // No other kind of key serves either.
    const std::string partner = db.value("SELECT id FROM scaivault.keys WHERE kind = 'partner'");
    const std::string root = db.value("SELECT id FROM scaivault.keys WHERE kind = 'root'");
    BOOST_TEST(!opens(place, {partner, one.wrapped_key, one.ciphertext}));
    BOOST_TEST(!opens(place, {root, one.wrapped_key, one.ciphertext}));
}

BOOST_FIXTURE_TEST_CASE(every_flipped_bit_is_found, Fixture) {
    const Sealed sealed = keyring.seal(place, "v").value();
    for (std::size_t i = 0; i < sealed.wrapped_key.size(); ++i) {
        Sealed flipped = sealed;
        flipped.wrapped_key[i] = static_cast<char>(flipped.wrapped_key[i] ^ (1 << (i % 8)));
        BOOST_TEST(!opens(place, flipped));
    }
    for (std::size_t i = 0; i < sealed.ciphertext.size(); ++i) {
        Sealed flipped = sealed;
        flipped.ciphertext[i] = static_cast<char>(flipped.ciphertext[i] ^ (1 << (i % 8)));
        BOOST_TEST(!opens(place, flipped));
    }
    BOOST_TEST(!opens(place, {sealed.key_id, "", ""}));
}

BOOST_FIXTURE_TEST_CASE(a_wrapped_key_moved_to_another_row_does_not_open, Fixture) {
    const Sealed sealed = keyring.seal(place, "value").value();
    Place other = place;
    other.tenant_id = "t2";
    const Sealed foreign = keyring.seal(other, "theirs").value();
    // With write access to the table alone nobody makes the key of t2 the key of t1.
    db.sql(
        "UPDATE scaivault.keys k SET wrapped = o.wrapped FROM scaivault.keys o WHERE k.owner_id = 't1' AND "
        "o.owner_id = 't2' AND k.kind = 'tenant' AND o.kind = 'tenant'");
    keyring.forget();
    BOOST_CHECK_THROW((void)keyring.open(place, sealed), std::runtime_error);
    BOOST_TEST(opens(other, foreign));
}

BOOST_FIXTURE_TEST_CASE(nonces_and_data_keys_are_never_used_twice, Fixture) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const Sealed sealed = keyring.seal(place, "same text").value();
        seen.insert(sealed.wrapped_key.substr(0, 12));
        seen.insert(sealed.ciphertext.substr(0, 12));
        seen.insert(sealed.ciphertext.substr(12));
    }
    BOOST_TEST(seen.size() == 600U);
}

BOOST_FIXTURE_TEST_CASE(processes_and_threads_that_start_at_once_make_one_key_of_each_kind, Fixture) {
    kms.delay = std::chrono::milliseconds(20);
    std::vector<std::unique_ptr<scai::db::Pool>> pools;
    std::vector<std::unique_ptr<Keyring>> processes;
    for (int i = 0; i < 4; ++i) {
        pools.push_back(std::make_unique<scai::db::Pool>(db.settings("scaivault_secrets", 4)));
        processes.push_back(std::make_unique<Keyring>(*pools.back(), kms, clock));
    }
    std::vector<Sealed> all(16);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < all.size(); ++i)
        threads.emplace_back([&, i] { all[i] = processes[i % 4]->seal(place, "x").value(); });
    for (auto& thread : threads)
        thread.join();
    for (const Sealed& sealed : all) {
        BOOST_TEST(sealed.key_id == all.front().key_id);
        BOOST_TEST(opens(place, sealed));
    }
    BOOST_TEST(
        db.value("SELECT string_agg(kind || ' ' || generation, ', ' ORDER BY kind) FROM scaivault.keys") ==
        "partner 1, root 1, tenant 1");
    // Within one process the threads waited for each other instead of asking the KMS each.
    BOOST_TEST(kms.wraps.load() <= 4);
}

BOOST_FIXTURE_TEST_CASE(a_cached_key_needs_neither_the_database_nor_the_kms, Fixture) {
    const Sealed sealed = keyring.seal(place, "value").value();
    BOOST_TEST(kms.wraps.load() == 1);
    BOOST_TEST(kms.unwraps.load() <= 1);
    kms.down = true;
    db.sql("ALTER TABLE scaivault.keys RENAME TO keys_away");
    const int unwraps = kms.unwraps;
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(keyring.open(place, sealed).value().reveal() == "value");
        BOOST_TEST(static_cast<bool>(keyring.seal(place, "other")));
    }
    BOOST_TEST(kms.unwraps.load() == unwraps);
}

BOOST_FIXTURE_TEST_CASE(while_the_kms_is_out_cached_keys_serve_until_they_are_too_old, Fixture) {
    const Sealed sealed = keyring.seal(place, "value").value();
    kms.down = true;
    clock.advance(std::chrono::seconds(599));
    BOOST_TEST(keyring.open(place, sealed).value().reveal() == "value");
    BOOST_TEST(static_cast<bool>(keyring.seal(place, "still"))); // the database is asked, the KMS is not
    clock.advance(std::chrono::seconds(2));
    const auto refused = keyring.open(place, sealed);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().kind == scai::ErrorKind::unavailable));
    BOOST_TEST(refused.error().code == "encryption_unavailable");
    BOOST_TEST(keyring.seal(place, "x").error().code == "encryption_unavailable");
    kms.down = false;
    clock.advance(std::chrono::seconds(2));
    BOOST_TEST(keyring.open(place, sealed).value().reveal() == "value");
}

BOOST_FIXTURE_TEST_CASE(a_new_tenant_of_a_known_partner_needs_no_kms_and_one_of_a_new_partner_does, Fixture) {
    (void)keyring.seal(place, "x").value();
    kms.down = true;
    Place sibling = place;
    sibling.tenant_id = "t2";
    BOOST_TEST(static_cast<bool>(keyring.seal(sibling, "x")));
    Place stranger = place;
    stranger.tenant_id = "t3";
    stranger.partner_id = "p2";
    BOOST_TEST(keyring.seal(stranger, "x").error().code == "encryption_unavailable");
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.keys WHERE owner_id IN ('t3', 'p2')") == "0");
}

BOOST_FIXTURE_TEST_CASE(an_outage_is_not_paid_by_every_request, Fixture) {
    const Sealed sealed = keyring.seal(place, "x").value();
    keyring.forget();
    kms.down = true;
    const int before = kms.unwraps;
    for (int i = 0; i < 50; ++i)
        BOOST_TEST(!keyring.open(place, sealed));
    BOOST_TEST(kms.unwraps.load() == before + 1);
    clock.advance(std::chrono::milliseconds(1100));
    BOOST_TEST(!keyring.open(place, sealed));
    BOOST_TEST(kms.unwraps.load() == before + 2);
}

BOOST_FIXTURE_TEST_CASE(keys_are_forgotten_on_demand_and_by_age, Fixture) {
    (void)keyring.seal(place, "x").value();
    BOOST_TEST(keyring.status().cached_keys == 2);
    keyring.forget();
    BOOST_TEST(keyring.status().cached_keys == 0);
    Keyring short_lived(pool, kms, clock, std::chrono::seconds(1));
    (void)short_lived.seal(place, "x").value();
    BOOST_TEST(short_lived.status().cached_keys == 2);
    clock.advance(std::chrono::seconds(2));
    // Nobody asks for them: the keyring itself lets them go.
    for (int i = 0; i < 500 && short_lived.status().cached_keys > 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    BOOST_TEST(short_lived.status().cached_keys == 0);
}

BOOST_FIXTURE_TEST_CASE(the_key_of_a_partner_is_apart_from_those_of_its_tenants, Fixture) {
    Place partner = place;
    partner.tenant_id = "partner/p1";
    const Sealed sealed = keyring.seal(partner, "shared").value();
    BOOST_TEST(keyring.open(partner, sealed).value().reveal() == "shared");
    BOOST_TEST(!opens(place, sealed));
    BOOST_TEST(db.value("SELECT kind FROM scaivault.keys WHERE owner_id = 'partner/p1'") == "tenant");
}

BOOST_FIXTURE_TEST_CASE(the_status_tells_of_the_kms_the_root_and_a_rotation, Fixture) {
    auto status = keyring.status();
    BOOST_TEST(status.kms_reachable);
    BOOST_TEST(status.key_status == "active");
    BOOST_TEST(!status.last_rotation.has_value());
    (void)keyring.seal(place, "x").value();
    BOOST_TEST(keyring.status().last_rotation.has_value());
    kms.down = true;
    status = keyring.status();
    BOOST_TEST(!status.kms_reachable);
    BOOST_TEST(status.key_status == "unavailable");
    kms.down = false;
    db.sql("UPDATE scaivault.keys SET provider = 'aws' WHERE kind = 'root'");
    BOOST_TEST(keyring.status().key_status == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(a_root_of_another_provider_is_an_outage_and_makes_no_second_root, Fixture) {
    const Sealed sealed = keyring.seal(place, "x").value();
    db.sql("UPDATE scaivault.keys SET provider = 'aws' WHERE kind = 'root'");
    keyring.forget();
    BOOST_TEST(keyring.open(place, sealed).error().code == "encryption_unavailable");
    Place stranger = place;
    stranger.tenant_id = "t9";
    stranger.partner_id = "p9";
    BOOST_TEST(keyring.seal(stranger, "x").error().code == "encryption_unavailable");
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.keys WHERE kind = 'root'") == "1");
}

BOOST_FIXTURE_TEST_CASE(the_database_refuses_to_destroy_a_key_in_use_and_to_name_one_that_is_gone, Fixture) {
    const Sealed sealed = keyring.seal(place, "x").value();
    db.sql("INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, "
           "ciphertext, "
           "created_by) VALUES ('t1', 'sec_1', 3, '" +
           sealed.key_id + "', '', '', 'x')");
    const std::string destroy =
        "UPDATE scaivault.keys SET state = 'destroyed', wrapped = NULL, parent_id = NULL "
        "WHERE id = '" +
        sealed.key_id + "'";
    BOOST_CHECK_THROW(db.sql(destroy), std::exception);
    db.sql("DELETE FROM scaivault.secret_versions");
    db.sql(destroy);
    BOOST_CHECK_THROW(db.sql("INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, "
                             "wrapped_key, ciphertext, created_by) VALUES ('t1', 'sec_1', 3, '" +
                             sealed.key_id + "', '', '', 'x')"),
                      std::exception);
    keyring.forget();
    BOOST_CHECK_THROW((void)keyring.open(place, sealed), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
