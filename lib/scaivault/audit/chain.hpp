// Hash chain over the audit trail of a tenant. A seal covers the rows since the last one and carries its
// hash, so an edit, a deletion, an insertion or another order is found; a tail that was cut off is found with
// an anchor that was exported before.
//
// Which rows a seal covers is decided by transaction number: every row carries the number of its transaction,
// and seals cover [begin, end) with end no higher than the oldest transaction that is still open. Below that
// number nothing can be added any more, however long a transaction took, so no row comes late. The windows of
// all tenants are the same and lie end to end: a row below the last end that no seal covers was put there.
// NB: a database restored from a dump counts transactions from the beginning; seal_log refuses to go on until
// pg_resetwal has moved the counter past the last seal. Physical backups keep it. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::audit {

struct SealReport {
    std::int64_t tenants = 0, seals = 0, rows = 0;
};
/// Seals everything no open transaction can still add to, about `batch` rows a transaction (one of the
/// application is never split). Makes the partitions of the months to come, too. One at a time: the caller
/// holds the job's lock. Throws std::runtime_error when the database was restored from a dump.
SealReport seal_log(scai::db::Pool& pool, std::int64_t batch, const std::function<bool()>& must_stop);

/// Rows behind the last seal.
std::int64_t count_unsealed(scai::db::Pool& pool);

/// "tenant number hash": the newest seal, kept outside.
struct Anchor {
    std::string tenant_id;
    std::int64_t number = 0;
    std::string hash;
};
std::string to_text(const Anchor& anchor); ///< one line; the tenant of unrecognised callers is "-"
std::optional<Anchor> parse_anchor(const std::string& line);

struct Problem {
    std::string tenant_id, what; ///< "seal 12 covers 500 rows, 499 are there"
    std::int64_t seal = 0;       ///< 0: of no seal
};
struct VerifyReport {
    std::int64_t seals = 0, rows = 0, unsealed = 0;
    std::vector<Problem> problems;
    std::vector<Anchor> anchors; ///< as of now, one a tenant
};
/// Reads every sealed row. Memory for one window of rows, and a little for each tenant.
VerifyReport verify(scai::db::Pool& pool, const std::optional<std::string>& tenant_id,
                    const std::vector<Anchor>& anchors);
/// The newest seal of each tenant, or of one.
std::vector<Anchor> anchors(scai::db::Pool& pool, const std::optional<std::string>& tenant_id);

struct RetentionReport {
    std::int64_t seals = 0, rows = 0, months = 0; ///< rows: deleted singly; months: partitions dropped
};
/// Takes what is older than its tenant's retention out of the chain, from the oldest seal on, and removes the
/// rows. The rest verifies from the anchor that is left behind.
RetentionReport retire(scai::db::Pool& pool, const std::function<bool()>& must_stop);
/// Seals that retire() would take now.
std::int64_t retirable(scai::db::Pool& pool);
/// False for an id that neither the copy of the directory nor the trail has; "" (unrecognised callers) is
/// known.
bool knows_tenant(scai::db::Pool& pool, const std::string& tenant_id);
/// Years the rows of a tenant are kept (1 to 100); nullopt goes back to the default of 7. The trail says so
/// itself, in the same transaction.
void set_retention(scai::db::Pool& pool, const std::string& tenant_id, std::optional<int> years);
std::int64_t retention_years(scai::db::Pool& pool, const std::string& tenant_id);

} // namespace scaivault::audit
