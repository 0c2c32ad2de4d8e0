// Contents of flows a process remembers, so that reading one again needs neither the database nor the wire
// for them. A version never changes, so what is remembered is right as long as it is the flow's current
// version: the statement that decides about the caller says so each time (store::detail); nothing here
// decides who may see it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace scaiflow::flows {

/// Thread-safe. Bounded in bytes without bookkeeping: two generations; when the young one is full it becomes
/// the old one and the old one goes. What is found in the old one is young again.
class Contents {
public:
    using Text = std::shared_ptr<const std::string>; ///< shared with the requests that are being answered
    using Moment = std::chrono::steady_clock::time_point;
    struct Entry {
        std::string tenant_id;
        std::int64_t number = 0; ///< of the version
        Text text;
        Moment until;
    };
    static constexpr std::size_t generation_bytes = 4U << 20U; ///< at most twice that is held
    static constexpr std::size_t longest_text = 512U << 10U;   ///< longer ones are not remembered
    /// Should a database ever be put back to an earlier state.
    static constexpr std::chrono::seconds longest{60};

    std::optional<Entry> find(const std::string& flow_id, Moment now);
    void keep(const std::string& flow_id, Entry entry); ///< until: when it was read plus `longest`

private:
    using Generation = std::unordered_map<std::string, Entry>;
    void insert(const std::string& flow_id, Entry entry);

    std::mutex mutex_;
    Generation young_, old_;
    std::size_t young_bytes_ = 0;
};

} // namespace scaiflow::flows
