// Rows of exports. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/audit/exports.hpp"

namespace scaivault::audit {

/// The clock claims are judged by.
scai::UtcTime database_now(scai::db::Reader& reader);
/// The oldest that waits, now running; nullopt when there is none that was not tried in this run already.
std::optional<Export> claim_export(scai::db::Tx& tx, scai::UtcTime run_began);
void complete_export(scai::db::Tx& tx, const Export& row, std::int64_t records, const std::string& manifest);
/// Waits again, or failed for good.
void fail_export(scai::db::Tx& tx, const Export& row, const std::string& error, bool for_good);
std::int64_t count_waiting(scai::db::Reader& reader);

} // namespace scaivault::audit
