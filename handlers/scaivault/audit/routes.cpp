// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"

#include <array>

namespace scaivault::audit_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto query = Access::permission("audit:read");
constexpr auto exporting = Access::permission("audit:export");

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/audit/logs", query, no_body, list_logs}, "audit_query", "audit_query"},
    Endpoint{{"GET", "/v1/audit/secrets/{path...}", query, no_body, get_secret_trail},
             "audit_query",
             "audit_query"},
    Endpoint{{"GET", "/v1/audit/identities/{identity_id}", query, no_body, get_identity_trail},
             "audit_query",
             "audit_query"},
    Endpoint{{"GET", "/v1/audit/summary", query, no_body, get_summary}, "audit_query", "audit_query"},
    Endpoint{{"POST", "/v1/audit/export", exporting, small_body, create_export},
             "audit_export",
             "export_created",
             "from to format filters destination"},
    Endpoint{{"GET", "/v1/audit/exports", exporting, no_body, list_exports}, "audit_query", "audit_query"},
    Endpoint{{"GET", "/v1/audit/exports/{id}", exporting, no_body, get_export}, "audit_query", "audit_query"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::audit_api
