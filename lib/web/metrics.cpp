// SPDX-License-Identifier: Apache-2.0
#include "lib/web/metrics.hpp"

#include "lib/base/strings.hpp"
#include "lib/log/log.hpp"
#include "lib/web/metrics_file.hpp"
#include "lib/web/metrics_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace scai::web {

using namespace metrics_file; // NOLINT(google-build-using-namespace): the file's layout is private to this
                              // source

namespace {

constexpr std::string_view suffix = ".metrics1";

void append_escaped(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\\' || c == '"')
            out.push_back('\\');
        if (c == '\n')
            out += "\\n";
        else
            out.push_back(c);
    }
}

/// name{a="b",c="d"} in a buffer that lives as long as the thread: no allocation once it has grown.
std::string_view make_key(std::string_view name, const Labels& labels) {
    thread_local std::string key;
    key.assign(name);
    char separator = '{';
    for (const auto& [label, value] : labels) {
        key.push_back(separator);
        key.append(label).append("=\"");
        append_escaped(key, value);
        key.push_back('"');
        separator = ',';
    }
    if (separator == ',')
        key.push_back('}');
    return key;
}

/// An exclusive lock between processes and threads: each lock is its own open file.
class FileLock {
public:
    explicit FileLock(const std::string& path) : descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
        while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~FileLock() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

/// A command that root runs once leaves its counter file to those who count in this folder every day.
bool leave_to_owner(const std::string& folder, int descriptor, const struct stat& status) {
    struct stat owner {};
    if (::geteuid() != 0 || status.st_uid != 0 || status.st_nlink != 1 ||
        ::stat(folder.c_str(), &owner) != 0 || owner.st_uid == 0)
        return true;
    return ::fchown(descriptor, owner.st_uid, owner.st_gid) == 0;
}

} // namespace

struct Metrics::Impl {
    std::string folder;
    std::string binary;
    std::string path; ///< "" = private memory
    File* file = nullptr;
    std::mutex private_mutex; ///< makes slots in private memory

    bool map_shared();
    void map_private();
    void register_process();
    Slot* find(std::string_view key) const;
    Slot* create(std::string_view key, Kind kind);
    Slot* slot(std::string_view key, Kind kind) {
        Slot* found = find(key);
        return found != nullptr ? found : create(key, kind);
    }
};

bool Metrics::Impl::map_shared() {
    ::mkdir(folder.c_str(), 0770);
    path = folder + "/" + binary + std::string(suffix);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (descriptor < 0)
        return false;
    const FileLock lock(path);
    struct stat status {};
    const bool usable = lock && ::fstat(descriptor, &status) == 0 &&
                        (status.st_size == static_cast<off_t>(sizeof(File)) ||
                         (status.st_size == 0 && ::ftruncate(descriptor, sizeof(File)) == 0)) &&
                        leave_to_owner(folder, descriptor, status);
    void* mapped = usable ? ::mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
                          : MAP_FAILED;
    ::close(descriptor);
    if (mapped == MAP_FAILED)
        return false;
    file = static_cast<File*>(mapped); // zero bytes are valid, empty slots
    std::uint64_t expected = 0;
    if (!file->magic.compare_exchange_strong(expected, magic) && expected != magic) {
        ::munmap(mapped, sizeof(File));
        file = nullptr;
        return false;
    }
    return true;
}

void Metrics::Impl::map_private() {
    path.clear();
    void* mapped = ::mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        throw std::bad_alloc();
    file = static_cast<File*>(mapped);
    file->magic = magic;
}

void Metrics::Impl::register_process() {
    const FileLock lock(path);
    const auto pid = static_cast<std::uint64_t>(::getpid());
    for (auto& process : file->processes) {
        const auto other = process.pid.load();
        if (other != 0 && other != pid && metrics_text::start_time(other) == process.started.load())
            continue; // alive
        process.pid = 0;
        process.started = metrics_text::start_time(pid);
        process.pid = pid;
        return;
    }
}

Slot* Metrics::Impl::find(std::string_view key) const {
    const auto start = hash(key);
    for (std::size_t i = 0; i < slot_count; ++i) {
        Slot& slot = file->slots[(start + i) % slot_count];
        if (slot.ready.load(std::memory_order_acquire) == 0)
            return nullptr;
        if (key.size() < key_size && std::memcmp(slot.key.data(), key.data(), key.size()) == 0 &&
            slot.key[key.size()] == '\0')
            return &slot;
    }
    return nullptr;
}

Slot* Metrics::Impl::create(std::string_view key, Kind kind) {
    const std::lock_guard guard(private_mutex);
    if (key.size() < key_size && key.find('\0') == std::string_view::npos) {
        std::optional<FileLock> lock;
        if (!path.empty())
            lock.emplace(path);
        // Without the lock another process could be writing the same slot: then this observation is dropped.
        if (path.empty() || *lock) {
            const auto start = hash(key);
            for (std::size_t i = 0; i < slot_count; ++i) {
                Slot& slot = file->slots[(start + i) % slot_count];
                if (slot.ready.load(std::memory_order_acquire) != 0) {
                    if (key == std::string_view(slot.key.data()))
                        return &slot; // somebody was faster
                    continue;
                }
                // A process killed here leaves the slot unready: the next one writes over it.
                std::memcpy(slot.key.data(), key.data(), key.size());
                slot.key[key.size()] = '\0';
                slot.kind = kind;
                slot.ready.store(1, std::memory_order_release);
                return &slot;
            }
        }
    }
    file->dropped.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
}

Metrics::Metrics(const std::string& folder, std::string_view binary) : impl_(std::make_unique<Impl>()) {
    impl_->folder = folder;
    impl_->binary = binary;
    if (folder.empty() || !impl_->map_shared()) {
        if (!folder.empty())
            log::warn("metrics_private", {{"folder", folder}, {"reason", "the counter file cannot be used"}});
        impl_->map_private();
    }
    impl_->register_process();
}

Metrics::~Metrics() {
    ::munmap(impl_->file, sizeof(File));
}

void Metrics::add(std::string_view name, const Labels& labels, std::uint64_t amount) {
    if (Slot* slot = impl_->slot(make_key(name, labels), Kind::counter))
        slot->values[0].fetch_add(amount, std::memory_order_relaxed);
}

void Metrics::set(std::string_view name, const Labels& labels, std::int64_t value) {
    if (Slot* slot = impl_->slot(make_key(name, labels), Kind::gauge))
        slot->values[0].store(static_cast<std::uint64_t>(value), std::memory_order_relaxed);
}

void Metrics::observe(std::string_view name, const Labels& labels, double seconds) {
    Slot* slot = impl_->slot(make_key(name, labels), Kind::histogram);
    if (slot == nullptr || !std::isfinite(seconds))
        return;
    const double value = std::max(seconds, 0.0);
    const auto bucket =
        static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin());
    slot->values[bucket].fetch_add(1, std::memory_order_relaxed);
    slot->values[value_count - 1].fetch_add(static_cast<std::uint64_t>(std::llround(value * 1e9)),
                                            std::memory_order_relaxed);
}

std::string Metrics::render() const {
    metrics_text::Exposition out;
    if (impl_->path.empty())
        out.add(*impl_->file, impl_->binary);
    else
        metrics_text::add_folder(out, impl_->folder, suffix);
    return out.text();
}

} // namespace scai::web
