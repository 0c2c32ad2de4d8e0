// Events of what requests read and were denied: secret.accessed and policy.violation (contract
// scaivault.md 4.3). They would come with every request, so they are written where a webhook or subscription
// of the tenant asks for them, in the transaction of the row of the trail. Private to this folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/audit/journal.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace scaivault::audit {

struct Observed {
    std::string tenant_id, event_id, type, identity_id, path, data, request_id;
    bool of_partner = false; ///< the secret is the partner's
};

/// What the entry is as an event; nothing when it is neither a read nor a denial of a secret.
std::optional<Observed> observed_of(const Entry& entry);

/// Who asks for such events, as of at most a second ago. Thread-safe.
class Observers {
public:
    explicit Observers(scai::db::Pool& pool) : pool_(pool) {}
    /// Looks again when it is time to; one thread does, the others go on with what is known.
    void refresh();
    /// What somebody asks for of these.
    std::vector<Observed> wanted(std::span<const Entry> entries) const;

private:
    bool none() const;
    bool want(const Observed& event) const;
    struct Wishes {
        bool accessed = false, violation = false;
    };
    scai::db::Pool& pool_;
    mutable std::mutex mutex_; ///< of what follows; not held while the database is asked
    std::map<std::string, Wishes, std::less<>> by_tenant_;
    Wishes any_;
    bool looking_ = false;
    std::optional<std::chrono::steady_clock::time_point> looked_at_;
};

void insert_observed(scai::db::Tx& tx, std::span<const Observed> events);

} // namespace scaivault::audit
