// What was planted is looked for wherever it must not be: PostgreSQL's files, the log, errors.
// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/seal/keys.hpp"
#include "lib/scaivault/seal/kms_local.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace {

using scaivault::seal::Keyring;
using scaivault::seal::Place;
using scaivault::seal::Rotation;
using scaivault::seal::Sealed;

constexpr auto insert_version = R"(
INSERT INTO scaivault.secret_versions (tenant_id, secret_id, version, key_id, wrapped_key, ciphertext, created_by)
VALUES ('t1', 's1', :p1::bigint, :p2, decode(:p3, 'hex'), decode(:p4, 'hex'), 'test'))";

/// Every spelling a value could have.
std::vector<std::string> spellings(std::string_view value) {
    std::string base64 = scai::crypto::base64(value);
    base64.resize(base64.size() - base64.size() % 4 - (base64.ends_with('=') ? 4 : 0)); // whatever follows it
    return {std::string(value), scai::crypto::to_hex(value), base64, scai::crypto::base64url(value)};
}

/// Standard error of this process in a file, while it lives.
class CapturedLog {
public:
    explicit CapturedLog(std::string file) : file_(std::move(file)), saved_(::dup(STDERR_FILENO)) {
        const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ::dup2(fd, STDERR_FILENO);
        ::close(fd);
    }
    ~CapturedLog() { stop(); }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;
    void stop() {
        if (saved_ >= 0) {
            ::dup2(saved_, STDERR_FILENO);
            ::close(saved_);
        }
        saved_ = -1;
    }

private:
    std::string file_;
    int saved_;
};

struct Fixture {
    std::string folder = "/tmp/scai-canary-" + scai::crypto::random_id(10);
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_secrets")};
    scai::db::Pool jobs{db.settings("scaivault_jobs")};
    scai::test::FakeClock clock;
    Fixture() { std::filesystem::create_directory(folder); }
    ~Fixture() { std::filesystem::remove_all(folder); }
};

const Place place{.tenant_id = "t1", .partner_id = "p1", .secret_id = "s1", .path = "a/b", .version = 1};

} // namespace

BOOST_FIXTURE_TEST_SUITE(db_lib_scaivault_seal_canary, Fixture)

BOOST_AUTO_TEST_CASE(neither_plaintext_nor_a_key_reaches_files_log_or_errors) {
    const std::string key_file = folder + "/root.keys";
    const std::string log_file = folder + "/log";
    const std::string canary = "canary-" + scai::crypto::random_id(32);
    std::vector<std::pair<std::string, std::string>> planted = {{"plaintext", canary}};
    std::string errors;
    {
        CapturedLog log(log_file);
        auto kms = scaivault::seal::make_local_kms(key_file, true).value();
        Keyring keyring(pool, *kms, clock);
        const Sealed sealed = keyring.seal(place, canary).value();
        scai::db::in_tx(pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
            tx.run(insert_version, std::int64_t{1}, sealed.key_id, scai::crypto::to_hex(sealed.wrapped_key),
                   scai::crypto::to_hex(sealed.ciphertext));
        });
        BOOST_REQUIRE(keyring.open(place, sealed).value().reveal() == canary);
        // Every failure there is, for what it says.
        Place moved = place;
        moved.version = 2;
        try {
            (void)keyring.open(moved, sealed);
        } catch (const std::runtime_error& error) {
            errors += error.what();
        }
        try { // a statement that PostgreSQL refuses with the row in its DETAIL
            scai::db::in_tx(pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) {
                tx.run(insert_version, std::int64_t{1}, sealed.key_id,
                       scai::crypto::to_hex(sealed.wrapped_key), scai::crypto::to_hex(sealed.ciphertext));
            });
        } catch (const scai::db::Error& error) {
            errors += error.what();
        }
        BOOST_REQUIRE(scaivault::seal::add_local_key(key_file));
        Rotation rotation(jobs, *kms, clock, std::chrono::seconds(0));
        BOOST_REQUIRE(rotation.new_root_generation());
        BOOST_REQUIRE(rotation.new_tenant_generation("t1"));
        std::filesystem::permissions(key_file, std::filesystem::perms(0644));
        errors += rotation.rewrap([] { return false; }, false).error().message;
        keyring.forget();
        errors += keyring.open(place, sealed).error().message;
        std::filesystem::permissions(key_file, std::filesystem::perms(0600));
        clock.advance(std::chrono::seconds(10));
        (void)rotation.rewrap([] { return false; }, false).value();

        scaivault::seal::Keys keys(pool, *kms, clock, std::chrono::seconds(600));
        for (const auto& row :
             db.rows("SELECT id, kind FROM scaivault.keys WHERE kind <> 'root' AND state <> "
                     "'destroyed'"))
            planted.emplace_back(row[1] + " key", std::string(keys.by_id(row[0]).value()->bytes));
        std::istringstream lines(test::slurp(key_file));
        for (std::string line; std::getline(lines, line);)
            if (!line.starts_with('#'))
                planted.emplace_back("root key",
                                     scai::crypto::from_base64(line.substr(line.find(' ') + 1)).value());
    }
    BOOST_TEST(planted.size() >= 5U);
    BOOST_TEST(errors.size() > 100U);
    const std::string log = test::slurp(log_file);
    BOOST_TEST(log.find("kms_unavailable") != std::string::npos);
    db.sql("CHECKPOINT");

    // A value that must be found proves that the search reads what it should.
    const std::string marker = scai::crypto::from_hex(db.value("SELECT encode(ciphertext, 'hex') FROM "
                                                               "scaivault.secret_versions"))
                                   .value();
    bool marker_found = false;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::postgres().folder())) {
        if (!entry.is_regular_file())
            continue;
        ++files;
        const std::string content = test::slurp(entry.path());
        marker_found = marker_found || content.find(marker) != std::string::npos;
        for (const auto& [what, value] : planted)
            for (const std::string& spelling : spellings(value))
                BOOST_TEST(content.find(spelling) == std::string::npos, what << " in " << entry.path());
    }
    BOOST_TEST(marker_found);
    BOOST_TEST(files > 100U);
    for (const auto& [what, value] : planted)
        for (const std::string& spelling : spellings(value)) {
            BOOST_TEST(log.find(spelling) == std::string::npos, what << " in the log");
            BOOST_TEST(errors.find(spelling) == std::string::npos, what << " in an error");
        }
}

BOOST_AUTO_TEST_SUITE_END()
