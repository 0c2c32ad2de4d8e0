// scaivault webhooks: who is told of events, and what became of it. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

namespace scaivault::cli {

namespace {

using In = Input::In;
using Kind = Input::Kind;

const Input webhook_id{.name = "id", .help = "webhook, wh_...", .in = In::path};

Input signing_secret(bool required) {
    return {.name = "--secret-file",
            .help =
                "file with the secret that signs, of at least 16 bytes; - for standard input; asked for when "
                "not given",
            .in = In::body,
            .kind = Kind::secret,
            .required = required,
            .member = "secret"};
}

/// Filters and whether it is on.
std::vector<Input> receiver_inputs() {
    return {{.name = "--path-prefix",
             .help = "only events of secrets below it",
             .in = In::body,
             .member = "filters.path_prefix"},
            {.name = "--secret-type",
             .help = "only events of such secrets",
             .in = In::body,
             .member = "filters.secret_type",
             .one_of = {"kv", "json", "certificate", "ssh_key", "api_key"}},
            {.name = "--tags",
             .help = "only events of secrets with all of these",
             .in = In::body,
             .kind = Kind::list,
             .member = "filters.tags"},
            {.name = "--enabled", .help = "false: nothing is sent", .in = In::body, .kind = Kind::yes_no}};
}

std::vector<Input> new_webhook_inputs() {
    std::vector<Input> out{{.name = "name", .help = "for people", .in = In::body},
                           {.name = "webhook_url",
                            .help = "where events are sent: https://...",
                            .in = In::body,
                            .member = "url"},
                           {.name = "--events",
                            .help = "such as secret.rotated, secret.* or *; may be repeated",
                            .in = In::body,
                            .kind = Kind::list,
                            .required = true},
                           signing_secret(true)};
    for (auto& input : receiver_inputs())
        out.push_back(std::move(input));
    return out;
}

std::vector<Input> changed_webhook_inputs() {
    std::vector<Input> out{webhook_id,
                           {.name = "--name", .help = "for people", .in = In::body},
                           {.name = "--webhook-url",
                            .help = "where events are sent: https://...",
                            .in = In::body,
                            .member = "url"},
                           {.name = "--events", .help = "these instead", .in = In::body, .kind = Kind::list}};
    for (auto& input : receiver_inputs())
        out.push_back(std::move(input));
    return out;
}

std::vector<Call> webhook_calls() {
    const std::string all = "/v1/webhooks", one = all + "/{id}";
    return {
        {.name = "list",
         .help = "every webhook",
         .path = all,
         .rows = "webhooks",
         .columns = {{"ID", "id"},
                     {"NAME", "name"},
                     {"URL", "url"},
                     {"EVENTS", "events"},
                     {"ENABLED", "enabled"},
                     {"STATUS", "status"}}},
        {.name = "get",
         .help = "one webhook with its filters, statistics and last delivery",
         .path = one,
         .inputs = {webhook_id}},
        {.name = "create",
         .help = "a new webhook",
         .method = "POST",
         .path = all,
         .inputs = new_webhook_inputs()},
        {.name = "update",
         .help = "changes what is given; filters are replaced together",
         .method = "PATCH",
         .path = one,
         .inputs = changed_webhook_inputs(),
         .some_change = true},
        {.name = "secret",
         .help = "changes the secret that signs",
         .method = "PATCH",
         .path = one,
         .inputs = {webhook_id,
                    signing_secret(true),
                    {.name = "--previous-secret-ttl",
                     .help = "deliveries carry the old signature too for so long; default 24h",
                     .in = In::body}}},
        {.name = "delete",
         .help = "deletes the webhook and what waits for it",
         .method = "DELETE",
         .path = one,
         .inputs = {webhook_id},
         .done = "deleted {id}"},
        {.name = "test",
         .help = "sends a test event now; exit status 1 when it was not taken",
         .method = "POST",
         .path = one + "/test",
         .inputs = {webhook_id},
         .judged = true},
        {.name = "deliveries",
         .help = "what was sent, newest first",
         .path = one + "/deliveries",
         .inputs = {webhook_id,
                    {.name = "--status",
                     .help = "success, failed or pending",
                     .one_of = {"success", "failed", "pending"}}},
         .rows = "deliveries",
         .columns = {{"ID", "id"},
                     {"TIME", "timestamp"},
                     {"EVENT", "event_type"},
                     {"STATUS", "status"},
                     {"CODE", "response_code"},
                     {"MS", "duration_ms"},
                     {"ATTEMPT", "attempt"},
                     {"ERROR", "error"}},
         .pages = Call::Pages::cursors,
         .limit = 100},
        {.name = "redeliver",
         .help = "sends a delivery again",
         .method = "POST",
         .path = one + "/deliveries/{delivery_id}/retry",
         .inputs = {webhook_id, {.name = "delivery_id", .help = "del_...", .in = In::path}}},
    };
}

} // namespace

void add_webhooks(CLI::App& app, Command& run) {
    add_calls(*add_group(app, "webhooks", "who is told of events, and what became of it"), run,
              webhook_calls());
}

} // namespace scaivault::cli
