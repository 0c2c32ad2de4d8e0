// Directory admin API (contract scaikey.md 9-14). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/gate.hpp"

#include <array>

namespace scaikey {

using scai::web::Access;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access reads = Access::permission(admin_read);
constexpr Access writes = Access::permission(admin_write);
constexpr Access reads_users = Access::permission(users_read);
constexpr Access reads_groups = Access::permission(groups_read);

// clang-format off
constexpr std::array directory_table{
    Route<Context>{"GET",    "/v1/admin/partners/",                                    reads,        no_body,    list_partners},
    Route<Context>{"POST",   "/v1/admin/partners/",                                    writes,       small_body, create_partner},
    Route<Context>{"GET",    "/v1/admin/partners/{partner_id}",                        reads,        no_body,    get_partner},
    Route<Context>{"PATCH",  "/v1/admin/partners/{partner_id}",                        writes,       small_body, update_partner},
    Route<Context>{"DELETE", "/v1/admin/partners/{partner_id}",                        writes,       no_body,    delete_partner},

    Route<Context>{"GET",    "/v1/admin/tenants/",                                     reads,        no_body,    list_tenants},
    Route<Context>{"POST",   "/v1/admin/tenants/",                                     writes,       small_body, create_tenant},
    Route<Context>{"GET",    "/v1/admin/tenants/{tenant_id}",                          reads,        no_body,    get_tenant},
    Route<Context>{"PATCH",  "/v1/admin/tenants/{tenant_id}",                          writes,       small_body, update_tenant},
    Route<Context>{"DELETE", "/v1/admin/tenants/{tenant_id}",                          writes,       no_body,    delete_tenant},

    Route<Context>{"GET",    "/v1/admin/users/",                                       reads_users,  no_body,    list_users},
    Route<Context>{"POST",   "/v1/admin/users/",                                       writes,       small_body, create_user},
    Route<Context>{"GET",    "/v1/admin/users/identity-source/mismatches",            reads_users,  no_body,    list_identity_mismatches},
    Route<Context>{"GET",    "/v1/admin/users/{user_id}",                              reads_users,  no_body,    get_user},
    Route<Context>{"PATCH",  "/v1/admin/users/{user_id}",                              writes,       small_body, update_user},
    Route<Context>{"DELETE", "/v1/admin/users/{user_id}",                              writes,       no_body,    delete_user},
    Route<Context>{"POST",   "/v1/admin/users/{user_id}/reset-password",               writes,       small_body, reset_user_password},
    Route<Context>{"POST",   "/v1/admin/users/{user_id}/suspend",                      writes,       small_body, suspend_user},
    Route<Context>{"POST",   "/v1/admin/users/{user_id}/activate",                     writes,       small_body, activate_user},

    Route<Context>{"GET",    "/v1/admin/groups/",                                      reads_groups, no_body,    list_groups},
    Route<Context>{"POST",   "/v1/admin/groups/",                                      writes,       small_body, create_group},
    Route<Context>{"GET",    "/v1/admin/groups/{group_id}",                            reads_groups, no_body,    get_group},
    Route<Context>{"PATCH",  "/v1/admin/groups/{group_id}",                            writes,       small_body, update_group},
    Route<Context>{"DELETE", "/v1/admin/groups/{group_id}",                            writes,       no_body,    delete_group},
    Route<Context>{"GET",    "/v1/admin/groups/{group_id}/members",                    reads_groups, no_body,    list_group_members},
    Route<Context>{"POST",   "/v1/admin/groups/{group_id}/members",                    writes,       small_body, add_group_member},
    Route<Context>{"DELETE", "/v1/admin/groups/{group_id}/members/{member_id}",        writes,       no_body,    remove_group_member},

    Route<Context>{"GET",    "/v1/admin/applications/",                                reads,        no_body,    list_applications},
    Route<Context>{"POST",   "/v1/admin/applications/",                                writes,       small_body, create_application},
    Route<Context>{"GET",    "/v1/admin/applications/{app_id}",                        reads,        no_body,    get_application},
    Route<Context>{"PATCH",  "/v1/admin/applications/{app_id}",                        writes,       small_body, update_application},
    Route<Context>{"DELETE", "/v1/admin/applications/{app_id}",                        writes,       no_body,    delete_application},
    Route<Context>{"POST",   "/v1/admin/applications/{app_id}/rotate-secret",          writes,       small_body, rotate_application_secret},

    Route<Context>{"GET",    "/v1/admin/webhooks/",                                    reads,        no_body,    list_webhooks},
    Route<Context>{"POST",   "/v1/admin/webhooks/",                                    writes,       small_body, create_webhook},
    Route<Context>{"GET",    "/v1/admin/webhooks/events",                              reads,        no_body,    list_webhook_events},
    Route<Context>{"GET",    "/v1/admin/webhooks/{webhook_id}",                        reads,        no_body,    get_webhook},
    Route<Context>{"PATCH",  "/v1/admin/webhooks/{webhook_id}",                        writes,       small_body, update_webhook},
    Route<Context>{"DELETE", "/v1/admin/webhooks/{webhook_id}",                        writes,       no_body,    delete_webhook},
    Route<Context>{"POST",   "/v1/admin/webhooks/{webhook_id}/rotate-secret",          writes,       small_body, rotate_webhook_secret},
    Route<Context>{"POST",   "/v1/admin/webhooks/{webhook_id}/test",                   writes,       small_body, send_test_webhook},
    Route<Context>{"GET",    "/v1/admin/webhooks/{webhook_id}/deliveries",             reads,        no_body,    list_deliveries},
    Route<Context>{"GET",    "/v1/admin/webhooks/{webhook_id}/deliveries/{delivery_id}", reads,      no_body,    get_delivery},
    Route<Context>{"POST",   "/v1/admin/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", writes, small_body, redeliver_delivery},

    Route<Context>{"GET",    "/v1/tenants/{tenant_id}/applications/{application_id}/effective-users", reads, no_body, list_effective_users},
    Route<Context>{"GET",    "/v1/tenants/{tenant_id}/applications/{application_id}/assignees", reads, no_body,  list_assignees},
    Route<Context>{"GET",    "/v1/tenants/{tenant_id}/users/{user_id}/applications",   reads,        no_body,    list_user_applications},
    Route<Context>{"POST",   "/v1/tenants/{tenant_id}/users/{user_id}/applications",   writes,       small_body, assign_user},
    Route<Context>{"DELETE", "/v1/tenants/{tenant_id}/users/{user_id}/applications/{application_id}", writes, no_body, unassign_user},
    Route<Context>{"GET",    "/v1/tenants/{tenant_id}/groups/{group_id}/applications", reads,        no_body,    list_group_applications},
    Route<Context>{"POST",   "/v1/tenants/{tenant_id}/groups/{group_id}/applications", writes,       small_body, assign_group},
    Route<Context>{"DELETE", "/v1/tenants/{tenant_id}/groups/{group_id}/applications/{application_id}", writes, no_body, unassign_group},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> directory_routes(Context& context) {
    return scai::web::bind_routes<Context>(directory_table, context);
}

} // namespace scaikey
