// What can be done with a flow. Everything that writes takes the transaction it is part of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/model.hpp"

namespace scaiflow::flows {

/// The caller becomes the owner. forbidden when his token names no tenant.
scai::Result<Detail> create(scai::db::Tx& tx, const Caller& caller, const Draft& draft);

} // namespace scaiflow::flows
