// The audit trail (contract scaivault.md 1.13, 8.1): one row for every request, denied ones too. A write puts
// its row into its own transaction; everything else goes through the journal, which commits the rows of
// several requests at once. Nothing leaves before its row is durable. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/web/http.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::audit {

struct Entry {
    std::string tenant_id, action, identity_type, identity_id, secret_path, source_ip, user_agent, request_id;
    bool success = true;
    std::int64_t duration_ms = 0;
    scai::json::Value extra = scai::json::Value::object();
};

/// In the transaction of the effect.
void write(scai::db::Tx& tx, const Entry& entry);

/// Thread-safe. Rows that arrive while a commit is under way share the next one.
class Journal {
public:
    explicit Journal(scai::db::Pool& pool);
    ~Journal(); ///< commits what waits
    /// Returns when the row is durable; throws db::Error when it cannot be: then the answer must not go out.
    void append(Entry entry);
    /// The same for several rows of one request: one commit, one statement.
    void append(std::vector<Entry> entries);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What the row of the running request will say. Made by the hook around the request, completed by gate and
/// endpoint, and written by the hook after the endpoint unless the endpoint's own transaction wrote it.
struct Draft {
    Entry entry;
    scai::UtcTime started_at;
    bool written = false; ///< the endpoint's transaction holds the row
};
/// Of the running request.
Draft& draft_of(const scai::web::Request& request);

} // namespace scaivault::audit
