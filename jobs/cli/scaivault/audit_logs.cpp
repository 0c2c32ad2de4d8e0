// scaivault audit logs: the trail, as the API gives it. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

namespace scaivault::cli {

void add_audit_logs(CLI::App& audit, Command& run) {
    using Kind = Input::Kind;
    add_calls(audit, run,
              {{.name = "logs",
                .help = "what was done and refused, newest first: asks the API, every filter may be combined",
                .path = "/v1/audit/logs",
                .inputs = {{.name = "--from", .help = "RFC 3339 time, 2026-05-01T00:00:00Z"},
                           {.name = "--to", .help = "RFC 3339 time, not included"},
                           {.name = "--action", .help = "such as read; may be repeated", .kind = Kind::list},
                           {.name = "--identity-id", .help = "user:mia@example.test, sa:batcher, usr_..."},
                           {.name = "--identity-type",
                            .help = "kind of caller",
                            .one_of = {"user", "service_account", "group", "system", "anonymous"}},
                           {.name = "--path-prefix", .help = "secrets below it"},
                           {.name = "--success", .help = "false: refused or failed", .kind = Kind::yes_no},
                           {.name = "--source-ip", .help = "address of the caller"},
                           {.name = "--request-id", .help = "req_..., as answers and errors carry it"}},
                .rows = "logs",
                .columns = {{"TIME", "timestamp"},
                            {"ACTION", "action"},
                            {"IDENTITY", "identity_id"},
                            {"SECRET", "secret_path"},
                            {"OK", "success"},
                            {"ADDRESS", "source_ip"},
                            {"REQUEST", "request_id"}},
                .pages = Call::Pages::cursors,
                .limit = 100}});
}

} // namespace scaivault::cli
