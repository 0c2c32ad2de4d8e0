// Readiness and the numbers of the mirror. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/app/context.hpp"

#include <string>

namespace scaiflow::health {

struct Readiness {
    bool ready = false;
    scai::json::Value report; ///< {"status", "checks": {name: {"ok", ...}}}
};

/// Database, schema and keys decide; the age of the mirror is told but decides nothing: an old mirror still
/// serves.
Readiness check_readiness(Context& context);

/// Gauges read from the database at the time of the scrape, as Prometheus text.
std::string mirror_gauges(Context& context);

} // namespace scaiflow::health
