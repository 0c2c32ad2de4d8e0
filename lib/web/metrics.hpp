// Metrics correct over all processes and threads: every binary maps one file of 64-bit counters in a shared
// folder and adds with atomics; any process renders the sum of all files as Prometheus text (0.0.4). Counters
// survive restarts. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scai::web {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// Thread-safe. With an empty folder the counters live in private memory.
class Metrics {
public:
    Metrics(const std::string& folder, std::string_view binary);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Adds to the counter; creates it on first use. Beyond the file's capacity new series are dropped and
    /// counted.
    void add(std::string_view name, const Labels& labels, std::uint64_t amount = 1);
    /// Sets a gauge of this binary (the latest writer wins).
    void set(std::string_view name, const Labels& labels, std::int64_t value);
    /// Histogram with fixed buckets 0.5 ms ... 10 s; `seconds` is one observation.
    void observe(std::string_view name, const Labels& labels, double seconds);

    /// Text exposition of every binary in the folder, with # TYPE lines, sorted, label values escaped.
    std::string render() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scai::web
