// scaivault rotation: its policies, what is attached to them, what is due. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

namespace scaivault::cli {

namespace {

using In = Input::In;
using Kind = Input::Kind;

const Input policy_id{.name = "id", .help = "rotation policy, rot_...", .in = In::path};

std::vector<Input> with_id(std::vector<Input> inputs) {
    inputs.insert(inputs.begin(), policy_id);
    return inputs;
}

/// What a policy is made of, but its name and interval, which only a new one must have.
std::vector<Input> policy_inputs() {
    return {
        {.name = "--description", .help = "\"\" for none", .in = In::body, .kind = Kind::clearable},
        {.name = "--grace-period", .help = "the old value stays valid so long, such as 48h", .in = In::body},
        {.name = "--warn-before",
         .help = "rotation.due_soon is told so long before: 3d,1d",
         .in = In::body,
         .kind = Kind::clearable},
        {.name = "--auto-generate",
         .help = "true: a new value is made when it is due; false: it is only asked for",
         .in = In::body,
         .kind = Kind::yes_no},
        {.name = "--secret-policy-id",
         .help = "the secret policy that makes new values, sp_...; \"\" for none",
         .in = In::body,
         .kind = Kind::clearable},
        {.name = "--webhook-ids",
         .help = "webhooks that are told, wh_...; may be repeated",
         .in = In::body,
         .kind = Kind::list}};
}

std::vector<Input> create_inputs() {
    std::vector<Input> out{{.name = "name", .help = "not used in the tenant yet", .in = In::body},
                           {.name = "--interval", .help = "such as 30d", .in = In::body, .required = true}};
    for (auto& input : policy_inputs())
        out.push_back(std::move(input));
    return out;
}

std::vector<Input> update_inputs() {
    std::vector<Input> out{policy_id,
                           {.name = "--name", .help = "not used in the tenant yet", .in = In::body},
                           {.name = "--interval", .help = "such as 30d", .in = In::body}};
    for (auto& input : policy_inputs())
        out.push_back(std::move(input));
    return out;
}

const std::vector<Column> rotation_columns{
    {"SECRET", "secret_path"}, {"STATUS", "status"},          {"OLD", "old_version"}, {"NEW", "new_version"},
    {"STARTED", "started_at"}, {"COMPLETED", "completed_at"}, {"ERROR", "error"},     {"ID", "id"}};

std::vector<Call> policy_calls() {
    const std::string all = "/v1/rotation/policies", one = all + "/{id}";
    return {
        {.name = "list",
         .help = "every rotation policy",
         .path = all,
         .inputs = {{.name = "--active-only", .help = "only those that are enabled", .kind = Kind::flag}},
         .rows = "data",
         .columns = {{"ID", "id"},
                     {"NAME", "name"},
                     {"INTERVAL", "interval"},
                     {"GRACE", "grace_period"},
                     {"GENERATES", "auto_generate"},
                     {"SECRETS", "secrets_count"},
                     {"ACTIVE", "is_active"}},
         .pages = Call::Pages::cursors},
        {.name = "get", .help = "one rotation policy", .path = one, .inputs = {policy_id}},
        {.name = "create",
         .help = "a new rotation policy",
         .method = "POST",
         .path = all,
         .inputs = create_inputs()},
        {.name = "update",
         .help = "changes what is given, leaves the rest",
         .method = "PATCH",
         .path = one,
         .inputs = update_inputs(),
         .some_change = true},
        {.name = "delete",
         .help = "deletes the policy; its secrets stay and rotate no more",
         .method = "DELETE",
         .path = one,
         .inputs = {policy_id},
         .done = "deleted {id}"},
        {.name = "enable",
         .help = "lets it rotate again",
         .method = "POST",
         .path = one + "/enable",
         .inputs = {policy_id}},
        {.name = "disable",
         .help = "stops it; secrets stay attached",
         .method = "POST",
         .path = one + "/disable",
         .inputs = {policy_id}},
    };
}

std::vector<Call> rotation_calls() {
    const std::string one = "/v1/rotation/policies/{id}";
    const std::vector<std::string> outcomes{"success", "failed", "pending"};
    return {
        {.name = "assign",
         .help = "attaches a secret to a policy",
         .method = "POST",
         .path = one + "/secrets",
         .inputs = with_id({{.name = "secret_path",
                             .help = "path of the secret",
                             .in = In::body,
                             .kind = Kind::secret_path}})},
        {.name = "detach",
         .help = "takes a secret off a policy",
         .method = "DELETE",
         .path = one + "/secrets/{secret_path}",
         .inputs = with_id({{.name = "secret_path",
                             .help = "path of the secret",
                             .in = In::path,
                             .kind = Kind::secret_path}}),
         .done = "detached {secret_path} from {id}"},
        {.name = "rotate",
         .help = "rotates the secrets of a policy now; exit status 1 when one failed",
         .method = "POST",
         .path = one + "/rotate",
         .inputs = with_id({{.name = "--secret-paths",
                             .help = "only this one; may be repeated",
                             .in = In::body,
                             .kind = Kind::list}}),
         .columns = rotation_columns,
         .judged = true},
        {.name = "due",
         .help = "secrets that are due or will be soon",
         .path = "/v1/rotation/due",
         .inputs = {{.name = "--within-hours", .help = "soon; default 24", .kind = Kind::number},
                    {.name = "--include-overdue", .help = "default true", .kind = Kind::yes_no},
                    {.name = "--policy-id", .help = "of this policy only"}},
         .rows = "data",
         .columns = {{"SECRET", "secret_path"},
                     {"POLICY", "policy_id"},
                     {"DUE", "due_at"},
                     {"OVERDUE", "is_overdue"},
                     {"GENERATES", "auto_generate"},
                     {"LAST ROTATED", "last_rotated_at"}},
         .pages = Call::Pages::cursors},
        {.name = "history",
         .help = "rotations of a policy, newest first",
         .path = one + "/history",
         .inputs = with_id({{.name = "--status", .help = "success, failed or pending", .one_of = outcomes}}),
         .rows = "data",
         .columns = rotation_columns,
         .pages = Call::Pages::cursors,
         .limit = 100},
    };
}

} // namespace

void add_rotation(CLI::App& app, Command& run) {
    auto* group = add_group(app, "rotation", "when secrets get new values, and by which policy");
    add_calls(*add_group(*group, "policies", "list, get, create, update, delete, enable, disable"), run,
              policy_calls());
    add_calls(*group, run, rotation_calls());
}

} // namespace scaivault::cli
