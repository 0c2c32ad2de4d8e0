// One request in the CGI way: variables from the environment, body from stdin, answer on stdout. Private to
// lib/web. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"
#include "lib/web/server.hpp"

namespace scai::web {

/// Exit code: 0 answered, 74 the answer could not be written.
int serve_cgi(const Router& router, Metrics& metrics, const ServerSettings& settings);

} // namespace scai::web
