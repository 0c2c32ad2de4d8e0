// A directory of any size for benchmarks, made by the server itself. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/load/loader.hpp"
#include "lib/scaikey/load/staging.hpp"

namespace scaikey::load {

/// Deterministic: the same numbers give the same ids, so a second run changes nothing.
void generate(scai::db::Tx& tx, const Generate& wanted, PasswordHashes& passwords,
              scai::json::Value& counters);

} // namespace scaikey::load
