// Answers of ScaiGrid for the few seconds in which a canvas asks for them again, and one question for all who
// ask at the same time. The key must name everything an answer depends on, the credential above all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace scaiflow::grid {

/// Thread-safe. Errors are handed to all who waited for them and are not remembered.
class AnswerCache {
public:
    using Text = std::shared_ptr<const std::string>;
    using Outcome = scai::Result<Text>;
    static constexpr std::size_t most_entries = 1000;
    static constexpr std::size_t longest_text = 256U << 10U; ///< longer ones are not remembered

    /// What is remembered, else what `ask` gives; `keep` of zero remembers nothing, but still asks once for
    /// all. An exception of `ask` reaches everybody who waited for it.
    Outcome get(const std::string& key, scai::UtcTime now, std::chrono::seconds keep,
                const std::function<Outcome()>& ask);

private:
    struct Entry {
        Text text;
        scai::UtcTime until;
    };
    void keep_locked(const std::string& key, Entry entry, scai::UtcTime now);

    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::unordered_map<std::string, std::shared_future<Outcome>> asking_;
};

} // namespace scaiflow::grid
