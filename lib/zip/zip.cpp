// SPDX-License-Identifier: Apache-2.0
#include "lib/zip/zip.hpp"

#include "lib/base/strings.hpp"

#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <stdexcept>

namespace scai::zip {

namespace {

constexpr zip_uint32_t deflate_level = 9;
constexpr zip_uint16_t midnight = 0;
constexpr zip_uint16_t first_of_1980 = (1U << 5U) | 1U; // MS-DOS date of 1980-01-01
constexpr zip_uint32_t regular_file_0644 = zip_uint32_t{0100644U} << 16U;
constexpr std::size_t longest_name = 1024;

Error refused(std::string message) {
    return Error{.kind = ErrorKind::bad_request, .code = "bad_archive", .message = std::move(message)};
}

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
struct FreeSource {
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;
struct CloseEntry {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

class ErrorText {
public:
    ErrorText() { zip_error_init(&error_); }
    ~ErrorText() { zip_error_fini(&error_); }
    ErrorText(const ErrorText&) = delete;
    ErrorText& operator=(const ErrorText&) = delete;
    zip_error_t* get() { return &error_; }
    std::string text() { return zip_error_strerror(&error_); }

private:
    zip_error_t error_{};
};

/// A source over bytes that outlive it.
Source source_of(const void* bytes, std::size_t size) {
    ErrorText why;
    Source source(zip_source_buffer_create(bytes, size, 0, why.get()));
    if (!source)
        throw std::bad_alloc();
    return source;
}

/// The archive holds a reference of its own, so the source stays readable after the archive is gone.
Archive open_archive(zip_source_t* source, int flags, ErrorText& why) {
    zip_source_keep(source);
    Archive archive(zip_open_from_source(source, flags, why.get()));
    if (!archive)
        zip_source_free(source);
    return archive;
}

void must(bool done, zip_t* archive) {
    if (!done)
        throw std::runtime_error(std::string("zip: ") + zip_strerror(archive));
}

bool safe_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name || name.find('\\') != std::string_view::npos ||
        !valid_utf8(name))
        return false;
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            return false;
    if (name.size() >= 2 && name[1] == ':') // a drive
        return false;
    std::size_t start = 0;
    while (start <= name.size()) {
        const auto end = std::min(name.find('/', start), name.size());
        const auto part = name.substr(start, end - start);
        if (part.empty() || part == "." || part == "..")
            return false;
        start = end + 1;
    }
    return true;
}

void add(zip_t* archive, const std::string& name, const std::string& content) {
    if (!safe_name(name))
        throw std::invalid_argument("zip: a name that nobody could unpack");
    auto source = source_of(content.data(), content.size());
    const auto index = zip_file_add(archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    must(index >= 0, archive);
    source.release(); // the archive's now
    const auto entry = static_cast<zip_uint64_t>(index);
    must(zip_set_file_compression(archive, entry, ZIP_CM_DEFLATE, deflate_level) == 0, archive);
    must(zip_file_set_dostime(archive, entry, midnight, first_of_1980, 0) == 0, archive);
    must(zip_file_set_external_attributes(archive, entry, 0, ZIP_OPSYS_UNIX, regular_file_0644) == 0,
         archive);
}

std::string everything(zip_source_t* source) {
    std::string out;
    if (zip_source_open(source) != 0)
        throw std::runtime_error("zip: the archive cannot be read back");
    std::array<char, 16384> chunk{};
    zip_int64_t got = 0;
    while ((got = zip_source_read(source, chunk.data(), chunk.size())) > 0)
        out.append(chunk.data(), static_cast<std::size_t>(got));
    zip_source_close(source);
    if (got < 0)
        throw std::runtime_error("zip: the archive cannot be read back");
    return out;
}

/// The content of one entry. `budget` is what may still be unpacked; it shrinks.
Result<std::string> content_of(zip_t* archive, zip_uint64_t index, const std::string& name,
                               std::size_t& budget) {
    const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
    if (!entry)
        return refused("the entry " + name + " cannot be read: " + zip_strerror(archive));
    std::string out;
    std::array<char, 16384> chunk{};
    zip_int64_t got = 0;
    while ((got = zip_fread(entry.get(), chunk.data(), chunk.size())) > 0) {
        const auto size = static_cast<std::size_t>(got);
        if (size > budget)
            return refused("the archive unpacks to more than it may");
        budget -= size;
        out.append(chunk.data(), size);
    }
    if (got < 0)
        return refused("the entry " + name + " is damaged: " + zip_file_strerror(entry.get()));
    return out;
}

} // namespace

std::string pack(const Files& files) {
    if (files.empty()) // the library would remove the archive instead
        return std::string("PK\x05\x06", 4).append(18, '\0');
    auto source = source_of(nullptr, 0);
    ErrorText why;
    auto archive = open_archive(source.get(), ZIP_TRUNCATE, why);
    if (!archive)
        throw std::runtime_error("zip: " + why.text());
    for (const auto& [name, content] : files)
        add(archive.get(), name, content);
    must(zip_close(archive.get()) == 0, archive.get());
    static_cast<void>(archive.release()); // closed is freed
    return everything(source.get());
}

Result<Files> unpack(std::string_view bytes, const Limits& limits) {
    if (!bytes.starts_with("PK"))
        return refused("this is no zip archive");
    const auto source = source_of(bytes.data(), bytes.size());
    ErrorText why;
    const auto archive = open_archive(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, why);
    if (!archive)
        return refused("this is no zip archive: " + why.text());
    const auto entries = zip_get_num_entries(archive.get(), 0);
    if (entries < 0 || static_cast<std::size_t>(entries) > limits.max_entries)
        return refused("the archive has more than " + std::to_string(limits.max_entries) + " entries");

    Files out;
    std::size_t budget = limits.max_total;
    for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(entries); ++index) {
        zip_stat_t facts;
        zip_stat_init(&facts);
        if (zip_stat_index(archive.get(), index, 0, &facts) != 0)
            return refused("the archive's directory is damaged");
        // As it is in the archive: what looks like an old code page is not translated, it is refused.
        const char* raw_name = zip_get_name(archive.get(), index, ZIP_FL_ENC_RAW);
        const std::string name = raw_name != nullptr ? raw_name : "";
        if (!safe_name(name))
            return refused("entry " + std::to_string(index) + " has a name that is not allowed");
        if (facts.encryption_method != ZIP_EM_NONE)
            return refused("the entry " + name + " is encrypted");
        if (facts.comp_method != ZIP_CM_STORE && facts.comp_method != ZIP_CM_DEFLATE)
            return refused("the entry " + name + " is compressed in a way that is not supported");
        SCAI_TRY(auto content, content_of(archive.get(), index, name, budget));
        if (!out.emplace(name, std::move(content)).second)
            return refused("the archive has the entry " + name + " twice");
    }
    return out;
}

} // namespace scai::zip
