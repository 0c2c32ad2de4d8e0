// Events of a rotation. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/rotation/model.hpp"

#include <string_view>

namespace scaivault::rotation {

void tell_warning(scai::db::Tx& tx, const Caller& who, const Schedule& schedule, std::string_view threshold);
void tell_due(scai::db::Tx& tx, const Caller& who, const Schedule& schedule);
void tell_overdue(scai::db::Tx& tx, const Caller& who, const Schedule& schedule, scai::UtcTime now);
void tell_completed(scai::db::Tx& tx, const Caller& who, const Schedule& schedule, std::int64_t old_version,
                    std::int64_t new_version, bool auto_generated);
void tell_failed(scai::db::Tx& tx, const Caller& who, const Schedule& schedule, std::string_view code,
                 std::string_view message, scai::UtcTime retry_at);

} // namespace scaivault::rotation
