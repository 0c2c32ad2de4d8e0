// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/presence.hpp"

namespace scaiflow::flows::store {

/// Takes what has expired on this flow away with it.
void beat(scai::db::Tx& tx, const Head& flow, std::string_view user_id, std::string_view display_name);
void unbeat(scai::db::Tx& tx, const Head& flow, std::string_view user_id);
std::vector<Present> present(scai::db::Executor& reader, const Head& flow);

} // namespace scaiflow::flows::store
