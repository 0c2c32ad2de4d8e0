// scaivault bootstrap: whether BOOTSTRAP_SUPER_ADMIN has become one, and what is missing.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/bootstrap.hpp"
#include "jobs/cli/scaivault/server.hpp"

#include <CLI/CLI.hpp>

namespace scaivault::cli {

namespace {

using scai::json::Value;

int show(const Common& common) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> pool;
    open(pool, settings);
    bootstrap::remember(*pool, settings);
    auto rows = Value::array();
    std::string text;
    for (const auto& grant : bootstrap::list(*pool)) {
        const auto next = bootstrap::next_step(grant, settings);
        rows.push(Value::object(
            {{"identity", grant.identity},
             {"tenant_id", grant.tenant_id.empty() ? Value(nullptr) : Value(grant.tenant_id)},
             {"state", grant.state},
             {"user_id", grant.user_id.empty() ? Value(nullptr) : Value(grant.user_id)},
             {"granted_at", grant.granted_at ? Value(scai::to_iso8601(*grant.granted_at)) : Value(nullptr)},
             {"next_step", next}}));
        text += grant.identity + "  " + grant.state;
        if (grant.granted_at)
            text += "  " + grant.user_tenant_id + "/" + grant.user_id + " at " +
                    scai::to_iso8601(*grant.granted_at);
        text += next.empty() ? "\n" : ": " + next + "\n";
    }
    if (text.empty())
        text = "BOOTSTRAP_SUPER_ADMIN is not set\n";
    print(common, Value::object({{"grants", rows}}), text);
    return 0;
}

} // namespace

void add_bootstrap(CLI::App& app, Common& common, Command& run) {
    auto* command =
        app.add_subcommand("bootstrap", "Show whether BOOTSTRAP_SUPER_ADMIN has become super_admin");
    add_common(*command, common);
    command->footer(
        "The grant waits in the database until its user is in the identity cache and comes with a "
        "token of his own; then it\nis given, once.\n\n" +
        exit_codes(""));
    command->callback([&common, &run] { run = [&common] { return show(common); }; });
}

} // namespace scaivault::cli
