// GET /v1/version. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"

// The Makefile says which commit this was built from, in this file only: the rest need not be built again.
#ifndef SCAI_COMMIT
#define SCAI_COMMIT "unknown"
#define SCAI_BUILD_DATE "unknown"
#endif

namespace scaivault::system_api {

Answer get_version(Context&, const scai::web::Request&) {
    return scai::web::Response::json(
        scai::json::Value::object({{"version", std::string_view(SCAI_VERSION)},
                                   {"commit", std::string_view(SCAI_COMMIT)},
                                   {"build_date", std::string_view(SCAI_BUILD_DATE)},
                                   {"api_version", "v1"},
                                   {"schema_version", expected_schema_version()}}));
}

} // namespace scaivault::system_api
