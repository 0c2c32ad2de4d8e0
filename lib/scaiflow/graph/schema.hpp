// JSON Schema (draft 2020-12) of a flow, generated from kinds.hpp and the field table that read() checks
// with; the file nginx/www/schemas/scaiflow/v2.json is this text (a test compares). Served at
// /api/schemas/scaiflow/v2.json. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

namespace scaiflow::graph {

scai::json::Value schema();

} // namespace scaiflow::graph
