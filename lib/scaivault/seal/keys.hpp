// From a key's id to the unwrapped key: the cache, else its row and its parent, else the KMS. Thread-safe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/seal/key_cache.hpp"
#include "lib/scaivault/seal/kms.hpp"
#include "lib/scaivault/seal/model.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::seal {

std::string new_key_id();

class Keys {
public:
    Keys(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock, std::chrono::seconds max_age);

    /// unavailable "encryption_unavailable" when the KMS is needed and cannot be used. A key that is gone or
    /// does not open under its parent throws std::runtime_error: the stored data is damaged.
    scai::Result<KeyHandle> by_id(std::string_view id);
    /// The key that wraps new data keys of the owner; made at first use, once over all processes.
    scai::Result<KeyHandle> active_tenant(std::string_view owner_id, std::string_view partner_id);
    scai::Result<KeyHandle> active_partner(std::string_view partner_id);
    /// Wraps a partner key anew under this root.
    scai::Result<std::string> wrap_partner(const KeyRow& partner_key, const KeyRow& root,
                                           std::string_view key);
    /// The active root; made at first use.
    scai::Result<KeyRow> active_root();

    /// A new key that is not in the database yet.
    scai::Result<KeyRow> draft_tenant_key(const std::string& owner_id, const std::string& partner_id);
    scai::Result<KeyRow> draft_partner_key(const std::string& partner_id);

    KeyCache& cache() { return cache_; }
    void forget();

private:
    using Future = std::shared_future<scai::Result<KeyHandle>>;
    struct Active {
        std::string key_id;
        scai::UtcTime looked_at;
    };

    scai::Result<KeyHandle> once(const std::string& name,
                                 const std::function<scai::Result<KeyHandle>()>& work);
    scai::Result<KeyHandle> load(const KeyRow& row);
    scai::Result<KeyHandle> active(const std::string& kind, const std::string& owner_id,
                                   const std::function<scai::Result<KeyRow>()>& draft);
    KeyRow insert_or_find(const KeyRow& fresh);
    std::optional<KeyRow> find_active(std::string_view kind, std::string_view owner_id);
    KeyRow need(std::string_view id);
    scai::Status kms_allowed();
    template<class T>
    scai::Result<T> noted(scai::Result<T> outcome);

    scai::db::Pool& pool_;
    Kms& kms_;
    const scai::Clock& clock_;
    KeyCache cache_;
    std::mutex mutex_;
    std::map<std::string, Future> in_flight_;
    std::map<std::string, Active, std::less<>> active_; ///< "tenant/<owner>", "partner/<id>"
    scai::UtcTime kms_down_until_{};
};

} // namespace scaivault::seal
