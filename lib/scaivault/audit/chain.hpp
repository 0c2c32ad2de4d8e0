// Hash chain over the audit trail of a tenant. A seal covers the rows since the last one and carries its
// hash, so an edit, a deletion, an insertion or another order is found; a tail that was cut off is found with
// an anchor that was exported before. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::audit {

struct SealReport {
    std::int64_t tenants = 0, seals = 0, rows = 0;
};
/// Seals everything no open transaction can still add to, at most `batch` rows a seal.
SealReport seal_log(scai::db::Pool& pool, std::int64_t batch, const std::function<bool()>& must_stop);

/// "tenant number hash": the newest seal, kept outside.
struct Anchor {
    std::string tenant_id;
    std::int64_t number;
    std::string hash;
};
struct Problem {
    std::string tenant_id, what; ///< "seal 12 covers 500 rows, 499 are there"
    std::int64_t seal = 0;
};
struct VerifyReport {
    std::int64_t seals = 0, rows = 0, unsealed = 0;
    std::vector<Problem> problems;
    std::vector<Anchor> anchors;
};
VerifyReport verify(scai::db::Pool& pool, const std::optional<std::string>& tenant_id,
                    const std::vector<Anchor>& anchors);

} // namespace scaivault::audit
