// scaiflow.code_exchanges: codes, and refresh tokens, that are being traded for tokens or just were.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/auth/model.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace scaiflow::auth {

/// True for the first submission within its window, who then asks upstream; false for its twins. Throws away
/// old rows on the way.
bool claim_exchange(scai::db::Pool& pool, const Submission& submission);

struct StoredAnswer {
    std::optional<std::string> sealed; ///< nullopt while the first one works
    std::chrono::milliseconds age{0};  ///< since the claim, by the database's clock
};
std::optional<StoredAnswer> find_answer(scai::db::Pool& pool, const std::string& hash);

void settle_exchange(scai::db::Pool& pool, const std::string& hash, int status, const std::string& sealed);

} // namespace scaiflow::auth
