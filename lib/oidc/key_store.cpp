// The key store of tests and of programs without a database. SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"

#include <map>
#include <mutex>

namespace scai::oidc {

namespace {

class MemoryKeyStore final : public KeyStore {
public:
    std::optional<Row> load(const std::string& url) override {
        const std::lock_guard lock(mutex_);
        const auto found = rows_.find(url);
        if (found == rows_.end())
            return std::nullopt;
        return found->second;
    }

    bool claim(const std::string& url, UtcTime now, std::chrono::seconds cooldown) override {
        const std::lock_guard lock(mutex_);
        const auto [place, first] = rows_.try_emplace(url);
        Row& row = place->second;
        if (!first && now >= row.attempted_at && now < row.attempted_at + cooldown)
            return false;
        row.attempted_at = now;
        return true;
    }

    void save(const std::string& url, const std::string& document, UtcTime now) override {
        const std::lock_guard lock(mutex_);
        Row& row = rows_[url];
        row.document = document;
        row.fetched_at = now;
    }

private:
    std::mutex mutex_;
    std::map<std::string, Row> rows_;
};

} // namespace

std::unique_ptr<KeyStore> make_memory_key_store() {
    return std::make_unique<MemoryKeyStore>();
}

} // namespace scai::oidc
