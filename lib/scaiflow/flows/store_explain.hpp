// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/explain.hpp"

namespace scaiflow::flows::store {

/// Every rule that names this user, strongest first, whether or not he can sign in.
std::vector<Rule> rules(scai::db::Executor& reader, const Head& flow, std::string_view user_tenant,
                        std::string_view user_id);

/// The cost of a page grows with the access rows of the flow, not with the members of their groups.
HolderPage holders(scai::db::Executor& reader, const Head& flow, const HolderKey& after, std::int64_t limit);

} // namespace scaiflow::flows::store
