// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/kms_local.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/buffer.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace scaivault::seal {

namespace {

using scai::Error;
using scai::Result;
using scai::SecretText;

constexpr std::size_t root_key_size = 32;
constexpr off_t max_file = 1 << 20;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    int get() const { return descriptor_; }

private:
    int descriptor_;
};

Error wrong(const std::string& file, const std::string& why) {
    return {.message = "KMS_LOCAL_KEY_FILE: " + file + ": " + why};
}

Error system_error(const std::string& file) {
    return wrong(file, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

struct RootKey {
    std::string id;
    SecretText key;
};

/// Wipes what a decoder returned once it is in a SecretText.
SecretText take(std::string& bytes) {
    SecretText out(bytes);
    explicit_bzero(bytes.data(), bytes.size());
    return out;
}

scai::Status read_whole(const std::string& file, Buffer& into) {
    const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about {};
    if (opened.get() < 0 && errno == ENOENT)
        return wrong(file, "there is no such file; scaivault keys add-local-key --create makes it");
    if (opened.get() < 0 || ::fstat(opened.get(), &about) != 0)
        return system_error(file);
    if (!S_ISREG(about.st_mode) || about.st_size > max_file)
        return wrong(file, "not a key file");
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return wrong(file, "others can read it: chmod 600 it");
    into.text.resize(static_cast<std::size_t>(about.st_size));
    std::size_t filled = 0;
    while (filled < into.text.size()) {
        const ssize_t got = ::read(opened.get(), into.text.data() + filled, into.text.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? wrong(file, "it shrank while it was read") : system_error(file);
        filled += static_cast<std::size_t>(got);
    }
    return scai::Done{};
}

/// Lines "id base64"; blank lines and lines that start with # are skipped.
Result<std::vector<RootKey>> parse(const std::string& file, std::string_view text) {
    std::vector<RootKey> out;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = scai::trim(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        const std::size_t blank = line.find_first_of(" \t");
        auto key =
            blank == line.npos ? std::nullopt : scai::crypto::from_base64(scai::trim(line.substr(blank)));
        if (!key || key->size() != root_key_size)
            return wrong(file, "line " + std::to_string(number) + " is not \"id base64-of-32-bytes\"");
        out.push_back({std::string(line.substr(0, blank)), take(*key)});
        for (std::size_t i = 0; i + 1 < out.size(); ++i)
            if (out[i].id == out.back().id)
                return wrong(file, "line " + std::to_string(number) + " repeats the id of an earlier key");
    }
    if (out.empty())
        return wrong(file, "it holds no key");
    return out;
}

Result<std::vector<RootKey>> read_keys(const std::string& file) {
    Buffer content;
    SCAI_TRY([[maybe_unused]] auto read, read_whole(file, content));
    return parse(file, content.text);
}

std::string folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash);
}

/// The whole content in a new file beside it, on the disk before it gets its name.
Result<std::string> write_beside(const std::string& file, const std::string& content) {
    const std::string fresh = file + ".new-" + scai::crypto::random_id(8);
    const File opened(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (opened.get() < 0)
        return system_error(file);
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t put = ::write(opened.get(), content.data() + written, content.size() - written);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            break;
        written += static_cast<std::size_t>(put);
    }
    if (written < content.size() || ::fsync(opened.get()) != 0) {
        const Error error = system_error(file);
        ::unlink(fresh.c_str());
        return error;
    }
    return fresh;
}

/// Adds "id base64" of a new key; the id.
std::string append_new_key(Buffer& content) {
    std::string id = "local_" + scai::crypto::random_id(12);
    Buffer key, encoded;
    key.text = scai::crypto::random_bytes(root_key_size);
    encoded.text = scai::crypto::base64(key.text);
    Buffer grown;
    grown.text.reserve(content.text.size() + id.size() + encoded.text.size() + 3);
    grown.text += content.text;
    if (!grown.text.empty() && !grown.text.ends_with('\n'))
        grown.text += '\n';
    grown.text += id;
    grown.text += ' ';
    grown.text += encoded.text;
    grown.text += '\n';
    content.text.swap(grown.text);
    return id;
}

/// Only one of several processes makes it: link(2) refuses when the name is there.
scai::Status create(const std::string& file) {
    Buffer content;
    content.text =
        "# Root keys of ScaiVault, the last one is current. Without this file no secret can be read: "
        "keep a copy in a safe place.\n";
    append_new_key(content);
    SCAI_TRY(const std::string fresh, write_beside(file, content.text));
    const bool linked = ::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST;
    const Error error = linked ? Error{} : system_error(file);
    ::unlink(fresh.c_str());
    if (!linked)
        return error;
    const File folder(::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0)
        ::fsync(folder.get());
    return scai::Done{};
}

class LocalKms final : public Kms {
public:
    explicit LocalKms(std::string file) : file_(std::move(file)) {}
    std::string provider() const override { return "local"; }
    bool rotates_inside() const override { return false; }

    Result<std::string> reference() override {
        auto keys = read_keys(file_);
        if (!keys)
            return kms_unavailable("local", keys.error().message);
        return keys->back().id;
    }

    Result<std::string> wrap(std::string_view reference, const SecretText& key,
                             std::string_view context) override {
        SCAI_TRY(const SecretText root, find(reference));
        return scai::crypto::seal(root.reveal(), key.reveal(), bound(reference, context));
    }

    Result<SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                              std::string_view context) override {
        SCAI_TRY(const SecretText root, find(reference));
        auto key = scai::crypto::open(root.reveal(), wrapped, bound(reference, context));
        if (!key)
            return unwrap_failed();
        return std::move(*key);
    }

    scai::Status check() override {
        if (auto keys = read_keys(file_); !keys)
            return kms_unavailable("local", keys.error().message);
        return scai::Done{};
    }

private:
    static std::string bound(std::string_view reference, std::string_view context) {
        return std::string(reference) + '\n' + std::string(context);
    }

    Result<SecretText> find(std::string_view reference) const {
        auto keys = read_keys(file_);
        if (!keys)
            return kms_unavailable("local", keys.error().message);
        for (RootKey& key : *keys)
            if (key.id == reference)
                return std::move(key.key);
        return kms_unavailable("local", "the key file lacks the key " + std::string(reference));
    }

    std::string file_;
};

} // namespace

Result<std::unique_ptr<Kms>> make_local_kms(const std::string& file, bool may_create) {
    if (file.empty())
        return Error{.message = "KMS_LOCAL_KEY_FILE: missing; KMS_PROVIDER=local needs the file of its keys"};
    if (may_create && ::access(file.c_str(), F_OK) != 0 && errno == ENOENT) {
        SCAI_TRY([[maybe_unused]] auto made, create(file));
    }
    if (auto keys = read_keys(file); !keys)
        return std::move(keys).error();
    return std::unique_ptr<Kms>(std::make_unique<LocalKms>(file));
}

Result<std::string> add_local_key(const std::string& file) {
    // Two at once must not lose each other's key: the folder is the lock, the file itself is replaced.
    const File folder(::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::flock(folder.get(), LOCK_EX) != 0)
        return system_error(file);
    Buffer content;
    SCAI_TRY([[maybe_unused]] auto read, read_whole(file, content));
    SCAI_TRY([[maybe_unused]] auto good, parse(file, content.text));
    const std::string id = append_new_key(content);
    SCAI_TRY(const std::string fresh, write_beside(file, content.text));
    struct stat about {};
    // The handlers keep the right to read it when root adds a key.
    if (::stat(file.c_str(), &about) != 0 ||
        (about.st_uid != ::geteuid() && ::chown(fresh.c_str(), about.st_uid, about.st_gid) != 0) ||
        ::rename(fresh.c_str(), file.c_str()) != 0) {
        const Error error = system_error(file);
        ::unlink(fresh.c_str());
        return error;
    }
    ::fsync(folder.get());
    return id;
}

} // namespace scaivault::seal
