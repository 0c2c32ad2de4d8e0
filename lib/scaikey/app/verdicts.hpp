// Verdicts on services' access tokens, believed for two seconds: a client that walks the directory sends the
// same token with every page, and a signature check and a query each time would cost a third of the page.
// Whatever this process changes is seen at once, because every request that may change something empties the
// cache; what another process changed is seen after the two seconds. Lost at any moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/router.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scaikey {

/// Thread-safe.
class Verdicts {
public:
    static constexpr std::chrono::seconds lifetime{2};

    /// nullptr: has to be judged. `now` is the time that expiry is measured by, in unix seconds.
    std::shared_ptr<const scai::web::Principal> find(std::string_view token, std::int64_t now);
    /// Taken before judging; a verdict whose mark is older than the last clear() is not kept.
    std::uint64_t mark();
    void keep(std::string_view token, std::shared_ptr<const scai::web::Principal> principal,
              std::int64_t expires_at, std::uint64_t mark);
    void clear();

private:
    struct Entry {
        std::shared_ptr<const scai::web::Principal> principal; ///< shared with the requests that use it
        std::int64_t expires_at;
        std::chrono::steady_clock::time_point judged_at;
    };
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_; ///< by the token's SHA-256
    std::uint64_t clears_ = 0;
};

/// Every route that may change something forgets the verdicts when it has run.
std::vector<scai::web::ErasedRoute> with_fresh_verdicts(std::vector<scai::web::ErasedRoute> routes,
                                                        Verdicts& verdicts);

} // namespace scaikey
