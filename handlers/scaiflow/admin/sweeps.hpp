// What the endpoints that run a sweep share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/mirror/sweep.hpp"
#include "lib/web/http.hpp"

#include <optional>

namespace scaiflow::admin_api {

mirror::SweepOptions sweep_options(const scai::web::Request& request);
/// 502 when ScaiKey could not be read, 503 when the run failed otherwise; nullopt for an answer, which a
/// skipped run and a breaker are too. The error names the run, whose messages GET /v1/admin/sync/runs/{id}
/// shows.
std::optional<scai::Error> failure_of(const mirror::SweepResult& result);

} // namespace scaiflow::admin_api
