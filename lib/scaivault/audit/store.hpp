// Rows of the trail as they are stored. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/audit/journal.hpp"

#include <span>
#include <string>

namespace scaivault::audit {

/// A row as PostgreSQL takes it: every text is UTF-8 without NUL and no longer than a row needs, so that what
/// a client sent can never make the row, or the others of its statement, fail.
struct Row {
    explicit Row(const Entry& entry);
    std::string id; ///< "log_..."
    std::string tenant_id, action, identity_type, identity_id, secret_path, source_ip, user_agent, request_id;
    std::string extra; ///< JSON text
    bool success;
    std::int64_t duration_ms;
};

/// One statement for all of them: each is there, or none.
void insert_rows(scai::db::Executor& executor, std::span<const Row* const> rows);

} // namespace scaivault::audit
