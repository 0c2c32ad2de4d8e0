// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/accesses.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/secrets/store_accesses.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace scaivault::secrets {

namespace {

constexpr std::chrono::seconds interval{1};
constexpr std::chrono::minutes resolution{1};

} // namespace

struct Accesses::Impl {
    using Key = std::pair<std::string, std::string>; ///< owner, path

    explicit Impl(scai::db::Pool& where) : pool(where) {}

    void work() {
        std::unique_lock lock(mutex);
        while (!stopping) {
            wake.wait_for(lock, interval, [this] { return stopping; });
            write(lock);
        }
    }

    /// `lock` is open while the statement runs.
    void write(std::unique_lock<std::mutex>& lock) {
        if (waiting.empty())
            return;
        std::map<Key, scai::UtcTime> batch;
        batch.swap(waiting);
        lock.unlock();
        try {
            std::vector<std::string> owners, paths, times;
            for (const auto& [key, at] : batch) {
                owners.push_back(key.first);
                paths.push_back(key.second);
                times.push_back(scai::to_iso8601(at));
            }
            scai::db::in_tx(pool, scai::db::Scope::all_tenants(),
                            [&](scai::db::Tx& tx) { store::mark_accessed(tx, owners, paths, times); });
            lock.lock();
        } catch (const scai::db::Error& error) {
            scai::log::warn("accesses_not_written", {{"sqlstate", error.sqlstate()}, {"rows", batch.size()}});
            lock.lock();
            waiting.merge(batch); // what came meanwhile is newer and stays
        }
    }

    scai::db::Pool& pool;
    std::mutex mutex;
    std::condition_variable wake;
    std::map<Key, scai::UtcTime> waiting;
    bool stopping = false;
    std::thread thread;
};

Accesses::Accesses(scai::db::Pool& pool) : impl_(std::make_unique<Impl>(pool)) {}

Accesses::~Accesses() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_all();
    if (impl_->thread.joinable())
        impl_->thread.join();
}

void Accesses::note(std::string_view owner, std::string_view path, std::optional<scai::UtcTime> stored,
                    scai::UtcTime now) {
    if (stored && now - *stored < resolution)
        return;
    const std::lock_guard lock(impl_->mutex);
    impl_->waiting.insert_or_assign({std::string(owner), std::string(path)}, now);
    if (!impl_->thread.joinable())
        impl_->thread = std::thread([impl = impl_.get()] { impl->work(); });
}

void Accesses::flush() {
    std::unique_lock lock(impl_->mutex);
    impl_->write(lock);
}

} // namespace scaivault::secrets
