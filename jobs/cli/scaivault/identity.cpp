// scaivault identity: the copy of the directory, and the roles ScaiVault itself gives.
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

namespace scaivault::cli {

namespace {

using In = Input::In;
using Kind = Input::Kind;

/// The type an identity's spelling says: "user:mia@example.test", "sa:batcher", "usr_...", "grp_...".
void put_identity_type(std::map<std::string, std::string>& members) {
    const auto& identity = members["identity_id"];
    for (const auto& [prefix, type] : {std::pair{"user:", "user"},
                                       {"usr_", "user"},
                                       {"group:", "group"},
                                       {"grp_", "group"},
                                       {"sa:", "service_account"},
                                       {"system:", "system"}})
        if (identity.starts_with(prefix)) {
            members["identity_type"] = type;
            return;
        }
    throw Stop(exit_validation, "\"" + identity +
                                    "\" is no identity: user:mia@example.test, group:ops, sa:batcher, "
                                    "system:rotation-scheduler, or an id that begins with usr_ or grp_");
}

std::vector<Call> identity_calls() {
    const std::string base = "/v1/identity";
    const Input in_tenant{.name = "tenant_id", .help = "tnt_...", .in = In::path};
    return {
        {.name = "sync",
         .help = "asks for the directory to be read anew; done within a minute, see status",
         .method = "POST",
         .path = base + "/sync",
         .inputs = {{.name = "--partner-id", .help = "of this partner only"},
                    {.name = "--tenant-id", .help = "of this tenant only"}}},
        {.name = "status",
         .help = "the last readings of the directory, newest first",
         .path = base + "/sync/history",
         .rows = "syncs",
         .columns = {{"ID", "sync_id"},
                     {"STATUS", "status"},
                     {"STARTED", "started_at"},
                     {"COMPLETED", "completed_at"},
                     {"USERS", "users_synced"},
                     {"GROUPS", "groups_synced"},
                     {"ERROR", "error"}},
         .pages = Call::Pages::numbered,
         .limit = 10},
        {.name = "resolve",
         .help = "what the copy of the directory knows of an identity",
         .path = base + "/resolve/{identity_type}/{identity_id}",
         .inputs = {{.name = "identity",
                     .help = "user:mia@example.test, group:ops, sa:batcher, or an id",
                     .in = In::path,
                     .member = "identity_id"}},
         .complete = put_identity_type},
        {.name = "partners",
         .help = "partners one may see",
         .path = base + "/partners",
         .rows = "partners",
         .columns = {{"ID", "id"}, {"NAME", "name"}, {"STATUS", "status"}, {"SYNCED", "last_synced_at"}},
         .pages = Call::Pages::numbered},
        {.name = "tenants",
         .help = "tenants one may see",
         .path = base + "/tenants",
         .rows = "tenants",
         .columns = {{"ID", "id"},
                     {"PARTNER", "partner_id"},
                     {"NAME", "name"},
                     {"STATUS", "status"},
                     {"SYNCED", "last_synced_at"}},
         .pages = Call::Pages::numbered},
        {.name = "users",
         .help = "users of a tenant",
         .path = base + "/tenants/{tenant_id}/users",
         .inputs = {in_tenant},
         .rows = "users",
         .columns = {{"ID", "id"},
                     {"EMAIL", "email"},
                     {"NAME", "display_name"},
                     {"STATUS", "status"},
                     {"ROLES", "roles"}},
         .pages = Call::Pages::numbered},
        {.name = "groups",
         .help = "groups of a tenant",
         .path = base + "/tenants/{tenant_id}/groups",
         .inputs = {in_tenant},
         .rows = "groups",
         .columns = {{"ID", "id"}, {"NAME", "name"}, {"MEMBERS", "member_count"}},
         .pages = Call::Pages::numbered},
        {.name = "members",
         .help = "members of a group",
         .path = base + "/groups/{group_id}/members",
         .inputs = {{.name = "group_id", .help = "grp_...", .in = In::path}},
         .rows = "members",
         .columns = {{"ID", "id"}, {"EMAIL", "email"}, {"NAME", "display_name"}, {"STATUS", "status"}},
         .pages = Call::Pages::numbered},
    };
}

std::vector<Call> role_calls() {
    const std::string of_user = "/v1/identity/users/{user_id}/roles";
    const Input user{
        .name = "user", .help = "user:mia@example.test or usr_...", .in = In::path, .member = "user_id"};
    const std::vector<std::string> names{"tenant_admin", "partner_admin", "super_admin"};
    return {
        {.name = "list",
         .help = "the roles there are, and those one may give",
         .path = "/v1/identity/roles",
         .rows = "roles",
         .columns = {{"ROLE", "name"}, {"MAY GIVE", "assignable"}, {"WHAT IT DOES", "description"}}},
        {.name = "get", .help = "roles of a user", .path = of_user, .inputs = {user}},
        {.name = "set",
         .help = "gives a user these roles and no others",
         .method = "PUT",
         .path = of_user,
         .inputs = {user,
                    {.name = "roles",
                     .help = "tenant_admin, partner_admin, super_admin",
                     .in = In::body,
                     .kind = Kind::list,
                     .one_of = names}}},
        {.name = "clear",
         .help = "takes every role from a user",
         .method = "PUT",
         .path = of_user,
         .inputs = {user},
         .body = R"({"roles":[]})"},
    };
}

} // namespace

void add_identity(CLI::App& app, Command& run) {
    auto* group =
        add_group(app, "identity", "the copy of the directory that decisions are made by, and admin roles");
    add_calls(*group, run, identity_calls());
    add_calls(*add_group(*group, "roles", "admin roles of users: list, get, set, clear"), run, role_calls());
}

} // namespace scaivault::cli
