// last_accessed_at of secrets: collected in the process and written in one statement a second for all of
// them, so that a read costs no write of its own. What a killed process had not written yet is lost; the
// audit trail has every read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::secrets {

/// Thread-safe. Its thread starts with the first access.
class Accesses {
public:
    explicit Accesses(scai::db::Pool& pool);
    ~Accesses(); ///< writes what waits
    Accesses(const Accesses&) = delete;
    Accesses& operator=(const Accesses&) = delete;

    /// `stored` is what the row says: within a minute of it nothing is written.
    void note(std::string_view owner, std::string_view path, std::optional<scai::UtcTime> stored,
              scai::UtcTime now);
    /// Writes what waits, now. Failures are logged: the next round tries again.
    void flush();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault::secrets
