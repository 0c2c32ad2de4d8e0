// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"

#include <array>

namespace scaivault::identity_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto reader = Access::permission("identity:read");
constexpr std::size_t event_body = 1U << 20U; // a user may carry many attributes
constexpr std::string_view reads = "identity_read";

constexpr std::array table{
    Endpoint{{"GET", "/v1/identity/partners", reader, no_body, list_partners}, reads, "identity_read"},
    Endpoint{{"GET", "/v1/identity/tenants", reader, no_body, list_tenants}, reads, "identity_read"},
    Endpoint{{"GET", "/v1/identity/tenants/{tenant_id}/users", reader, no_body, list_users},
             reads,
             "identity_read"},
    Endpoint{{"GET", "/v1/identity/tenants/{tenant_id}/groups", reader, no_body, list_groups},
             reads,
             "identity_read"},
    Endpoint{{"GET", "/v1/identity/groups/{group_id}/members", reader, no_body, list_members},
             reads,
             "identity_read"},
    Endpoint{{"GET", "/v1/identity/resolve/{identity_type}/{identity_id}", reader, no_body, resolve_identity},
             reads,
             "identity_read"},
    Endpoint{{"POST", "/v1/identity/sync", Access::permission("identity:admin"), small_body, start_sync},
             "identity_sync",
             "identity_sync"},
    Endpoint{{"GET", "/v1/identity/sync/history", reader, no_body, list_syncs}, reads, "identity_read"},
    Endpoint{
        {"GET", "/v1/identity/roles", Access::authenticated(), no_body, list_roles}, reads, "identity_read"},
    Endpoint{{"GET", "/v1/identity/users/{user_id}/roles", reader, no_body, get_user_roles},
             reads,
             "identity_read"},
    Endpoint{{"PUT", "/v1/identity/users/{user_id}/roles", Access::role("partner_admin"), small_body,
              put_user_roles},
             "policy_ops",
             "identity_roles",
             "roles"},
    Endpoint{{"POST", "/v1/identity/webhooks/scaikey", Access::signature(), event_body, receive_event},
             "",
             "identity_event",
             any_members},
};

} // namespace

std::span<const Endpoint> routes() {
    return table;
}

} // namespace scaivault::identity_api
