// scaivault-job-rewrap and `scaivault keys`, the real binaries on a scratch database.
// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/seal/kms_local.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>

namespace {

using scai::json::Value;
using scaivault::seal::Keyring;
using scaivault::seal::Place;
using scaivault::seal::Sealed;

constexpr auto insert_version = R"(
INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, ciphertext, created_by)
VALUES (:p1, :p2, :p3::bigint, :p4, decode(:p5, 'hex'), decode(:p6, 'hex'), 'test'))";

constexpr auto find_version = R"(
SELECT key_id, encode(wrapped_key, 'hex'), encode(ciphertext, 'hex')
  FROM scaivault.secret_versions
 WHERE secret_id = :p1 AND version = :p2::bigint)";

struct Fixture {
    std::string folder = "/tmp/scai-rewrap-" + scai::crypto::random_id(10);
    test::Database db = test::migrated_database("scaivault");
    test::Environment environment = test::clean_environment();
    scai::db::Pool pool{db.settings("scaivault_secrets")};
    scai::SystemClock clock;
    std::unique_ptr<scaivault::seal::Kms> kms;
    std::unique_ptr<Keyring> keyring;

    Fixture() {
        std::filesystem::create_directory(folder);
        environment["DATABASE_URL"] = db.url;
        environment["SCAIVAULT_ENV_FILE"] = "/dev/null";
        environment["KMS_PROVIDER"] = "local";
        environment["KMS_LOCAL_KEY_FILE"] = folder + "/root.keys";
    }
    ~Fixture() { std::filesystem::remove_all(folder); }

    static std::string program(const std::string& name) {
        const char* bin = std::getenv("SCAI_BIN");
        return std::string(bin && *bin ? bin : "build/bin") + "/" + name;
    }
    test::Finished job(std::vector<std::string> arguments = {}) {
        arguments.insert(arguments.begin(), program("scaivault-job-rewrap"));
        return test::run(arguments, environment);
    }
    test::Finished keys(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {program("scaivault"), "keys"});
        return test::run(arguments, environment);
    }
    void make_file() {
        BOOST_REQUIRE(keys({"add-local-key", "--create"}).status == 0);
        kms = scaivault::seal::make_local_kms(folder + "/root.keys", false).value();
        keyring = std::make_unique<Keyring>(pool, *kms, clock);
    }
    static Place place(std::int64_t version) {
        return {.tenant_id = "t1", .partner_id = "p1", .secret_id = "s1", .path = "a/b", .version = version};
    }
    void write(std::int64_t version) {
        const Sealed sealed = keyring->seal(place(version), "value " + std::to_string(version)).value();
        scai::db::in_tx(pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
            tx.run(insert_version, "t1", "s1", version, sealed.key_id,
                   scai::crypto::to_hex(sealed.wrapped_key), scai::crypto::to_hex(sealed.ciphertext));
        });
    }
    std::string read(std::int64_t version) {
        auto reader = pool.read(scai::db::Scope::tenant("t1"));
        const auto [key, wrapped, ciphertext] =
            reader.one<std::string, std::string, std::string>(find_version, "s1", version);
        return std::string(keyring
                               ->open(place(version), {key, scai::crypto::from_hex(wrapped).value(),
                                                       scai::crypto::from_hex(ciphertext).value()})
                               .value()
                               .reveal());
    }
    std::int64_t below(const std::string& key) const {
        return std::stoll(
            db.value("SELECT count(*) FROM scaivault.secret_versions WHERE key_id = '" + key + "'"));
    }
    pid_t start_job() {
        const std::string path = program("scaivault-job-rewrap");
        std::vector<std::string> texts;
        for (const auto& [name, value] : environment)
            texts.push_back(name + "=" + value);
        std::vector<char*> variables;
        for (auto& text : texts)
            variables.push_back(text.data());
        variables.push_back(nullptr);
        char* arguments[] = {const_cast<char*>(path.c_str()), nullptr};
        pid_t pid = -1;
        BOOST_REQUIRE(posix_spawn(&pid, path.c_str(), nullptr, nullptr, arguments, variables.data()) == 0);
        return pid;
    }
};

Value parsed(const test::Finished& finished) {
    return scai::json::parse(finished.out).value();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_scaivault_rewrap, Fixture)

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_is_finished_by_the_next_one) {
    make_file();
    for (int version = 1; version <= 20; ++version)
        write(version);
    // Many more rows below the same key; only their data keys matter here.
    db.sql("INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, "
           "ciphertext, "
           "created_by) SELECT 't1', 's1', n, key_id, wrapped_key, ciphertext, 'test' FROM "
           "scaivault.secret_versions, generate_series(21, 30000) n WHERE version = 1");
    const std::string old_key = db.value("SELECT key_id FROM scaivault.secret_versions LIMIT 1");
    BOOST_REQUIRE(keys({"rotate-tenant", "t1"}).status == 0);
    const pid_t pid = start_job();
    while (below(old_key) > 29000)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    BOOST_TEST(WIFSIGNALED(status));
    const std::int64_t left = below(old_key);
    BOOST_TEST(left > 0);
    keyring->forget();
    for (int version = 1; version <= 20; ++version)
        BOOST_TEST(read(version) == "value " + std::to_string(version));
    BOOST_TEST(parsed(job({"--dry-run", "--json"})).get("stragglers").integer().value() == left);
    BOOST_TEST(below(old_key) == left);

    const auto finished = job({"--json"});
    BOOST_TEST(finished.status == 0);
    BOOST_TEST(parsed(finished).get("rewrapped").integer().value() == left);
    BOOST_TEST(parsed(finished).get("destroyed").integer().value() == 0); // its hour is not over
    BOOST_TEST(below(old_key) == 0);
    BOOST_TEST(parsed(job({"--json", "--grace", "0"})).get("destroyed").integer().value() == 1);
    keyring->forget();
    for (int version = 1; version <= 20; ++version)
        BOOST_TEST(read(version) == "value " + std::to_string(version));
    BOOST_TEST(
        db.value("SELECT string_agg(outcome, ',' ORDER BY started_at) FROM scaivault.job_runs WHERE job = "
                 "'rewrap'") == "killed,done,done");
}

BOOST_AUTO_TEST_CASE(the_root_key_of_the_file_is_rotated_by_three_commands) {
    BOOST_TEST(keys({"add-local-key"}).status == 78);
    make_file();
    write(1);
    const auto before = parsed(keys({"status", "--json"}));
    BOOST_TEST(before.get("kms").get("reachable").boolean().value());
    BOOST_TEST(before.get("root").get("generation").integer().value() == 1);
    BOOST_TEST(keys({"rotate-root"}).status == 1);
    const auto added = keys({"add-local-key", "--json"});
    BOOST_TEST(added.status == 0);
    BOOST_TEST(keys({"rotate-root"}).status == 0);
    BOOST_TEST(parsed(keys({"status", "--json"})).get("stragglers").integer().value() == 1);
    BOOST_TEST(job({"--grace", "0"}).status == 0);
    const auto after = parsed(keys({"status", "--json"}));
    BOOST_TEST(after.get("stragglers").integer().value() == 0);
    BOOST_TEST(after.get("root").member("reference") == parsed(added).member("key_id"));
    BOOST_TEST(after.get("root").get("generation").integer().value() == 2);
    keyring->forget();
    BOOST_TEST(read(1) == "value 1");
    const auto text = keys({"status"});
    BOOST_TEST(text.status == 0);
    BOOST_TEST(text.out.find("root key generation 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_done_says_so_by_its_code) {
    make_file();
    BOOST_TEST(keys({"status"}).status == 0);
    BOOST_TEST(keys({"rotate-tenant", "nobody"}).status == 1);
    BOOST_TEST(keys({"rotate-partner", "nobody"}).status == 1);
    BOOST_TEST(keys({"rotate-tenant"}).status == 5);
    BOOST_TEST(keys({}).status == 5);
    write(1);
    BOOST_REQUIRE(keys({"add-local-key"}).status == 0);
    BOOST_REQUIRE(keys({"rotate-root"}).status == 0);
    // The keys of the file are gone: another file, as after a restore that forgot it.
    std::filesystem::rename(folder + "/root.keys", folder + "/away");
    BOOST_TEST(job().status == 78);
    BOOST_REQUIRE(keys({"add-local-key", "--create"}).status == 0);
    const auto out = job();
    BOOST_TEST(out.status == 69);
    std::filesystem::rename(folder + "/away", folder + "/root.keys");
    BOOST_TEST(job().status == 0);
    environment["KMS_PROVIDER"] = "gcp";
    BOOST_TEST(job().status == 78);
    environment["KMS_PROVIDER"] = "local";
    environment["DATABASE_URL"] = "postgresql:///x?host=/nowhere";
    BOOST_TEST(job().status == 69);
    BOOST_TEST(job({"--nonsense"}).status == 64);
}

BOOST_AUTO_TEST_SUITE_END()
