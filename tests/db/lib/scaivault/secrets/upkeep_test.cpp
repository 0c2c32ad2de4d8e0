// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/upkeep.hpp"

#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

namespace secrets = scaivault::secrets;

namespace {

struct Upkeep : test::Secrets {
    scai::db::Pool pool{db().settings("scaivault_jobs")};
    static bool never() { return false; }

    std::string told() {
        std::string out;
        for (const auto& row :
             db().rows("SELECT event_type || ':' || coalesce(data->>'threshold', '') FROM scaivault.events "
                       "WHERE event_type LIKE 'secret.expir%' ORDER BY seq"))
            out += row[0] + " ";
        return out;
    }
    secrets::ExpiryReport expire() { return secrets::tell_expiry(pool, clock.now(), never); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_secrets_upkeep)

BOOST_AUTO_TEST_CASE(expiry_is_told_once_at_each_threshold) {
    Upkeep api;
    api.put("a", "v", R"(,"options":{"expires_in":"40d"},"metadata":{"tags":["x"]})");
    api.put("forever");
    BOOST_TEST(api.expire().expiring == 0);
    for (int day = 0; day <= 41; ++day) {
        api.expire();
        api.expire();
        api.clock.advance(std::chrono::hours(24));
    }
    BOOST_TEST(api.told() == "secret.expiring:30d secret.expiring:7d secret.expiring:1d secret.expired: ");
    BOOST_TEST(
        api.db().value("SELECT data->>'days_remaining' FROM scaivault.events WHERE data->>'threshold' = "
                       "'7d'") == "7");
    BOOST_TEST(api.db().value("SELECT tenant_id || path || tags::text || partner_id FROM scaivault.events "
                              "WHERE event_type = 'secret.expired'") == "t1a{x}p1");
}

BOOST_AUTO_TEST_CASE(new_expiry_starts_anew_and_removed_secrets_are_silent) {
    Upkeep api;
    api.put("a", "v", R"(,"options":{"expires_in":"2d","notify_before":["1d"]})");
    api.clock.advance(std::chrono::hours(30));
    BOOST_TEST(api.expire().expiring == 1);
    api.put("a", "v", R"(,"options":{"expires_in":"2d"})");
    api.clock.advance(std::chrono::hours(30));
    BOOST_TEST(api.expire().expiring == 1);
    api.as("t1", "DELETE", "/v1/secrets/a");
    api.clock.advance(std::chrono::hours(30));
    BOOST_TEST(secrets::count_expiry(api.pool, api.clock.now()).expired == 0);
    BOOST_TEST(api.expire().expired == 0);
    api.as("t1", "POST", "/v1/secrets/a/restore");
    BOOST_TEST(secrets::count_expiry(api.pool, api.clock.now()).expired == 1);
    BOOST_TEST(api.expire().expired == 1);
    BOOST_TEST(api.expire().expired == 0);
}

BOOST_AUTO_TEST_CASE(stopped_run_is_finished_by_the_next) {
    Upkeep api;
    api.db().sql(
        "INSERT INTO scaivault.secrets (tenant_id, path, secret_id, version, created_by, updated_by, "
        "expires_at, notice_at) SELECT 't1', 'p' || i, 'sec_' || i, 1, 'x', 'x', '2020-01-01', "
        "'2020-01-01' FROM generate_series(1, 450) i");
    int asked = 0;
    const auto first = secrets::tell_expiry(api.pool, api.clock.now(), [&] { return ++asked > 1; });
    BOOST_TEST(!first.finished);
    BOOST_TEST(first.expired == 200);
    const auto second = api.expire();
    BOOST_TEST(second.finished);
    BOOST_TEST(second.expired == 250);
    BOOST_TEST(api.db().value("SELECT count(DISTINCT path) FROM scaivault.events WHERE event_type = "
                              "'secret.expired'") == "450");
}

BOOST_AUTO_TEST_CASE(purge_takes_what_nobody_can_get_back) {
    Upkeep api;
    api.put("kept");
    api.put("kept");
    api.put("gone", "v", R"(,"metadata":{"tags":["x"]})");
    api.as("t1", "DELETE", "/v1/secrets/gone");
    BOOST_TEST(secrets::purge(api.pool, api.clock.now(), Upkeep::never).secrets == 0);
    api.db().sql("UPDATE scaivault.secret_versions SET readable_until = '2020-01-01' WHERE version = 1 AND "
                 "secret_id = (SELECT secret_id FROM scaivault.secrets WHERE path = 'kept')");
    BOOST_TEST(api.as("t1", "GET", "/v1/secrets/kept?version=1").code() == "version_not_found");
    api.clock.advance(std::chrono::hours(24 * 31));
    const auto would = secrets::count_purgeable(api.pool, api.clock.now());
    BOOST_TEST(would.secrets == 1);
    BOOST_TEST(would.versions == 1);
    const auto purged = secrets::purge(api.pool, api.clock.now(), Upkeep::never);
    BOOST_TEST(purged.secrets == 1);
    BOOST_TEST(purged.versions == 1);
    BOOST_TEST(api.db().value("SELECT string_agg(path, ',') FROM scaivault.secrets") == "kept");
    BOOST_TEST(api.db().value("SELECT count(*) FROM scaivault.secret_versions") == "1");
    BOOST_TEST(
        api.db().value("SELECT count(*) FROM scaivault.audit_log WHERE identity_id = 'system:purge' AND "
                       "secret_path = 'gone'") == "1");
    BOOST_TEST(api.put("gone").status == 201);
}

BOOST_AUTO_TEST_CASE(what_is_purged_leaves_no_schedule) {
    Upkeep api;
    api.db().sql(
        "INSERT INTO scaivault.rotation_policies (tenant_id, id, name, interval_text, interval_seconds, "
        "grace_text, grace_seconds, created_by) VALUES ('t1', 'rot_1', 'monthly', '30d', 2592000, '48h', "
        "172800, 'x')");
    for (const char* path : {"gone", "kept"})
        BOOST_TEST(api.put(path, "v", R"(,"options":{"rotation_policy_id":"rot_1"})").status == 201);
    api.as("t1", "DELETE", "/v1/secrets/gone");
    api.clock.advance(std::chrono::hours(24 * 31));
    BOOST_TEST(secrets::purge(api.pool, api.clock.now(), Upkeep::never).secrets == 1);
    BOOST_TEST(api.db().value("SELECT string_agg(path, ',') FROM scaivault.rotation_schedules") == "kept");
}

BOOST_AUTO_TEST_SUITE_END()
