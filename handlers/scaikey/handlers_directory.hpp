// The endpoints of the directory API, in table order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_partners(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_partner(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_partner(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_partner(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_partner(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_tenants(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_tenant(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_tenant(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_tenant(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_tenant(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_users(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_identity_mismatches(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> reset_user_password(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> suspend_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> activate_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_groups(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_group(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_group(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_group(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_group(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_group_members(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> add_group_member(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> remove_group_member(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_applications(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_application(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_application(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_application(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_application(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> rotate_application_secret(Context& context,
                                                            const scai::web::Request& request);
scai::Result<scai::web::Response> list_webhooks(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_webhook(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_webhook_events(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_webhook(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_webhook(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_webhook(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> rotate_webhook_secret(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> send_test_webhook(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_deliveries(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_delivery(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> redeliver_delivery(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_effective_users(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_assignees(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_user_applications(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> assign_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> unassign_user(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_group_applications(Context& context,
                                                          const scai::web::Request& request);
scai::Result<scai::web::Response> assign_group(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> unassign_group(Context& context, const scai::web::Request& request);

} // namespace scaikey
