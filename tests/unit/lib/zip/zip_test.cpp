// SPDX-License-Identifier: Apache-2.0
#include "lib/zip/zip.hpp"

#include "lib/crypto/crypto.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>

namespace zip = scai::zip;

namespace {

const zip::Files& small() {
    static const zip::Files files{{"b/two.txt", "two\n"}, {"a.txt", std::string(1000, 'a')}, {"empty", ""}};
    return files;
}

std::string refusal(std::string_view bytes, const zip::Limits& limits = {}) {
    const auto files = zip::unpack(bytes, limits);
    BOOST_REQUIRE(!files);
    BOOST_TEST((files.error().kind == scai::ErrorKind::bad_request));
    return files.error().message;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void put16(std::string& out, unsigned value) {
    out += static_cast<char>(value & 0xFFU);
    out += static_cast<char>(value >> 8U & 0xFFU);
}
void put32(std::string& out, unsigned long value) {
    put16(out, static_cast<unsigned>(value & 0xFFFFU));
    put16(out, static_cast<unsigned>(value >> 16U & 0xFFFFU));
}
unsigned long crc32(std::string_view data) {
    unsigned long crc = 0xFFFFFFFFUL;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320UL : crc >> 1U;
    }
    return crc ^ 0xFFFFFFFFUL;
}

struct Entry {
    std::string name, data;
    unsigned flags = 0, method = 0;
    unsigned long lie_about_size = 0; ///< added to the sizes the headers tell
};

/// An archive by hand, so that it can say what no library would write.
std::string archive(const std::vector<Entry>& entries) {
    std::string out;
    std::string directory;
    for (const auto& entry : entries) {
        const auto offset = out.size();
        std::string common;
        put16(common, 20);
        put16(common, entry.flags);
        put16(common, entry.method);
        put16(common, 0);
        put16(common, 0x21);
        put32(common, crc32(entry.data));
        put32(common, entry.data.size());
        put32(common, entry.data.size() + entry.lie_about_size);
        put16(common, static_cast<unsigned>(entry.name.size()));
        put16(common, 0);
        put32(out, 0x04034b50);
        out += common + entry.name + entry.data;
        put32(directory, 0x02014b50);
        put16(directory, 20);
        directory += common;
        put16(directory, 0);
        put16(directory, 0);
        put16(directory, 0);
        put32(directory, 0);
        put32(directory, offset);
        directory += entry.name;
    }
    const auto start = out.size();
    out += directory;
    put32(out, 0x06054b50);
    put32(out, 0);
    put16(out, static_cast<unsigned>(entries.size()));
    put16(out, static_cast<unsigned>(entries.size()));
    put32(out, directory.size());
    put32(out, start);
    put16(out, 0);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_zip)

BOOST_AUTO_TEST_CASE(what_is_packed_comes_out_again) {
    const auto files = zip::unpack(zip::pack(small()));
    BOOST_REQUIRE(files);
    BOOST_TEST((*files == small()));
    const auto none = zip::unpack(zip::pack({}));
    BOOST_REQUIRE(none);
    BOOST_TEST(none->empty());
}

BOOST_AUTO_TEST_CASE(the_same_files_are_the_same_bytes_always) {
    const auto bytes = zip::pack(small());
    BOOST_TEST((zip::pack(small()) == bytes));
    BOOST_TEST(scai::crypto::to_hex(scai::crypto::sha256(bytes)) ==
               "3f4fb01149abd6c845610d798af96c9ba117a1cfff837750581814269d243d27");
}

BOOST_AUTO_TEST_CASE(entries_carry_no_time_no_mode_of_the_machine_and_no_extra_fields) {
    const auto bytes = zip::pack({{"x", "content"}});
    const auto field = [&](std::size_t at) {
        return static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) |
               static_cast<unsigned>(static_cast<unsigned char>(bytes[at + 1])) << 8U;
    };
    BOOST_TEST(field(10) == 0U);    // time
    BOOST_TEST(field(12) == 0x21U); // date
    BOOST_TEST(field(28) == 0U);    // extra fields
    const auto directory = bytes.find("PK\x01\x02");
    BOOST_REQUIRE(directory != std::string::npos);
    BOOST_TEST(field(directory + 30) == 0U);       // extra fields
    BOOST_TEST(field(directory + 40) == 0100644U); // mode
}

BOOST_AUTO_TEST_CASE(an_independent_reader_agrees) {
    const auto folder = std::filesystem::temp_directory_path() / ("zip-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto path = folder / "small.zip";
    std::ofstream(path, std::ios::binary) << zip::pack(small());
    const auto tested = test::run({"/usr/bin/env", "unzip", "-t", path}, test::clean_environment());
    const auto printed =
        test::run({"/usr/bin/env", "unzip", "-p", path, "b/two.txt"}, test::clean_environment());
    std::filesystem::remove_all(folder);
    if (tested.status == 127) {
        BOOST_TEST_MESSAGE("unzip is not installed");
        return;
    }
    BOOST_TEST(tested.status == 0, tested.all());
    BOOST_TEST(has(tested.out, "No errors detected"));
    BOOST_TEST(printed.out == "two\n");
}

BOOST_AUTO_TEST_CASE(archives_of_others_are_read) {
    const auto files = zip::unpack(archive({{"a", "one"}, {"b/c", "two"}}));
    BOOST_REQUIRE_MESSAGE(files, (files ? "" : files.error().message));
    BOOST_TEST(files->at("a") == "one");
    BOOST_TEST(files->at("b/c") == "two");
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_is_refused) {
    const auto bytes = zip::pack(small());
    for (const std::string& garbage :
         {std::string(), std::string("PK"), std::string("{}"), std::string(5000, '\0'), bytes.substr(1),
          bytes.substr(0, bytes.size() / 2), std::string("PK\x05\x06") + std::string(10, '\0')})
        BOOST_TEST(has(refusal(garbage), "no zip archive"));
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_noticed) {
    auto bytes = archive({{"a", "some content"}});
    const auto at = bytes.find("some");
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    BOOST_TEST(has(refusal(bytes), "damaged"));
}

BOOST_AUTO_TEST_CASE(names_that_leave_the_folder_are_refused) {
    for (const std::string& name :
         {std::string("../x"), std::string("a/../x"), std::string("/etc/passwd"), std::string("a//b"),
          std::string("./a"), std::string("a/"), std::string("c:x"), std::string("a\\b"), std::string("\x01"),
          std::string("a\nb"), std::string()})
        BOOST_TEST_CONTEXT(name) {
            refusal(archive({{name, "x"}}));
            BOOST_CHECK_THROW(zip::pack({{name, "x"}}), std::invalid_argument);
        }
}

BOOST_AUTO_TEST_CASE(a_name_twice_is_refused) {
    refusal(archive({{"a", "one"}, {"a", "two"}}));
}

BOOST_AUTO_TEST_CASE(encrypted_and_oddly_compressed_entries_are_refused) {
    BOOST_TEST(has(refusal(archive({{"a", "one", 1}})), "encrypted"));
    BOOST_TEST(has(refusal(archive({{"a", "one", 0, 12}})), "not supported"));
}

BOOST_AUTO_TEST_CASE(limits_count_what_is_unpacked_not_what_is_told) {
    const std::string zeros(1'000'000, '\0');
    const auto bomb = zip::pack({{"a", zeros}, {"b", zeros}});
    BOOST_TEST(bomb.size() < 5'000U);
    BOOST_TEST(has(refusal(bomb, {.max_total = 1'999'999}), "more than it may"));
    BOOST_TEST(bool(zip::unpack(bomb, {.max_total = 2'000'000})));
    refusal(archive({{"a", "one", 0, 0, 5}}));

    zip::Files many;
    for (int i = 0; i < 65; ++i)
        many.emplace("f" + std::to_string(i), "");
    BOOST_TEST(has(refusal(zip::pack(many)), "more than 64 entries"));
    BOOST_TEST(bool(zip::unpack(zip::pack(many), {.max_entries = 65})));
}

BOOST_AUTO_TEST_SUITE_END()
