// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/kms_local.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace {

using scai::SecretText;
using scaivault::seal::add_local_key;
using scaivault::seal::make_local_kms;

struct Folder {
    std::string path = "/tmp/scai-kms-" + scai::crypto::random_id(10);
    Folder() { std::filesystem::create_directory(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file() const { return path + "/root.keys"; }
    void write(const std::string& text, mode_t mode = 0600) const {
        std::ofstream(file()) << text;
        ::chmod(file().c_str(), mode);
    }
    std::string read() const {
        std::ostringstream out;
        out << std::ifstream(file()).rdbuf();
        return out.str();
    }
};

std::string key_text() {
    return scai::crypto::base64(scai::crypto::random_bytes(32));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_seal_kms_local)

BOOST_AUTO_TEST_CASE(a_missing_file_is_made_only_when_allowed_and_only_for_its_owner) {
    const Folder folder;
    const auto refused = make_local_kms(folder.file(), /*may_create=*/false);
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().message.starts_with("KMS_LOCAL_KEY_FILE: "));
    BOOST_TEST(refused.error().message.find("add-local-key --create") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(folder.file()));
    BOOST_REQUIRE(make_local_kms(folder.file(), /*may_create=*/true));
    struct stat about {};
    BOOST_REQUIRE(::stat(folder.file().c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 07777) == 0600);
    BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1); // nothing left over
    const std::string made = folder.read();
    BOOST_REQUIRE(make_local_kms(folder.file(), /*may_create=*/true));
    BOOST_TEST(folder.read() == made);
}

BOOST_AUTO_TEST_CASE(several_that_make_the_file_at_once_end_with_one_key) {
    const Folder folder;
    std::vector<std::string> references(8);
    std::vector<std::thread> threads;
    for (auto& reference : references)
        threads.emplace_back([&] {
            if (auto kms = make_local_kms(folder.file(), /*may_create=*/true))
                reference = (*kms)->reference().value();
        });
    for (auto& thread : threads)
        thread.join();
    for (const auto& reference : references)
        BOOST_TEST(reference == references.front());
    BOOST_TEST(!references.front().empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_others_can_read_or_that_is_damaged_is_refused) {
    const Folder folder;
    const std::string good = "a " + key_text() + "\n";
    const std::vector<std::pair<std::string, mode_t>> bad = {
        {good, 0640},          {good, 0604},        {"", 0600},
        {"# nothing\n", 0600}, {"a\n", 0600},       {"a not-base64!\n", 0600},
        {"a QUJD\n", 0600},    {good + good, 0600}, {good + "b " + key_text() + "x\n", 0600},
    };
    for (const auto& [text, mode] : bad) {
        folder.write(text, mode);
        const auto kms = make_local_kms(folder.file(), /*may_create=*/true);
        BOOST_REQUIRE(!kms);
        BOOST_TEST(kms.error().message.starts_with("KMS_LOCAL_KEY_FILE: " + folder.file() + ": "));
        BOOST_TEST(kms.error().message.find(good.substr(2, 20)) == std::string::npos);
    }
    BOOST_TEST(make_local_kms("", true).error().message.find("missing") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_wrapped_opens_with_the_same_key_and_context_only) {
    const Folder folder;
    folder.write("one " + key_text() + "\ntwo " + key_text() + "\n");
    auto kms = make_local_kms(folder.file(), false).value();
    BOOST_TEST(kms->reference().value() == "two");
    const std::string wrapped = kms->wrap("two", SecretText("a partner key"), "partner p1").value();
    BOOST_TEST(kms->unwrap("two", wrapped, "partner p1").value().reveal() == "a partner key");
    BOOST_TEST(wrapped.find("partner key") == std::string::npos);
    std::string flipped = wrapped;
    flipped[20] = static_cast<char>(flipped[20] ^ 1);
    for (const auto& refused :
         {kms->unwrap("one", wrapped, "partner p1").error(),
          kms->unwrap("two", wrapped, "partner p2").error(),
          kms->unwrap("two", flipped, "partner p1").error(), kms->unwrap("two", "", "partner p1").error()})
        BOOST_TEST(refused.code == "unwrap_failed");
    BOOST_TEST(kms->unwrap("three", wrapped, "partner p1").error().code == "encryption_unavailable");
}

BOOST_AUTO_TEST_CASE(an_added_key_is_current_at_once_and_the_older_ones_still_serve) {
    const Folder folder;
    folder.write("one " + key_text()); // no line end
    auto kms = make_local_kms(folder.file(), false).value();
    const std::string wrapped = kms->wrap("one", SecretText("key"), "").value();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { static_cast<void>(add_local_key(folder.file())); });
    for (auto& thread : threads)
        thread.join();
    const auto added = add_local_key(folder.file());
    BOOST_REQUIRE(added);
    BOOST_TEST(kms->reference().value() == *added);
    BOOST_TEST(kms->unwrap("one", wrapped, "").value().reveal() == "key");
    const std::string text = folder.read();
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 6);
    struct stat about {};
    ::stat(folder.file().c_str(), &about);
    BOOST_TEST((about.st_mode & 07777) == 0600);
    BOOST_TEST(!add_local_key(folder.path + "/absent"));
}

BOOST_AUTO_TEST_CASE(a_file_that_went_away_is_an_outage_and_not_an_end) {
    const Folder folder;
    auto kms = make_local_kms(folder.file(), true).value();
    const std::string reference = kms->reference().value();
    BOOST_TEST(static_cast<bool>(kms->check()));
    std::filesystem::rename(folder.file(), folder.file() + ".away");
    BOOST_TEST(kms->check().error().code == "encryption_unavailable");
    BOOST_TEST(kms->check().error().retry_after_seconds.value_or(0) > 0);
    BOOST_TEST((kms->wrap(reference, SecretText("k"), "").error().kind == scai::ErrorKind::unavailable));
    std::filesystem::rename(folder.file() + ".away", folder.file());
    BOOST_TEST(static_cast<bool>(kms->wrap(reference, SecretText("k"), "")));
}

BOOST_AUTO_TEST_SUITE_END()
