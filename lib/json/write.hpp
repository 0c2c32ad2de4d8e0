// JSON text of a jansson tree. jansson writes 0.1 as 0.10000000000000001; here every number has the fewest
// digits that read back as the same number. Private to lib/json. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

struct json_t;

namespace scai::json {

enum class Layout { compact, sorted, pretty }; ///< sorted: compact, members by key; pretty: two spaces

std::string write(const json_t* json, Layout layout);

} // namespace scai::json
