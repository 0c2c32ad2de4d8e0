// scaikey-job-load: loads partners, tenants, users, groups, memberships and applications from JSON or CSV, or
// makes a directory of any size. By hand and at `make up`. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"
#include "lib/scaikey/load/loader.hpp"

#include <iostream>

namespace {

scai::job::Outcome run_load(scai::db::Pool& pool, const scaikey::load::Sources& sources, bool dry_run) {
    scai::job::Outcome outcome;
    auto counters = scaikey::load::load(pool, sources, dry_run);
    if (counters) {
        outcome.counters = *counters;
    } else {
        outcome.outcome = "failed";
        outcome.exit_code = scai::job::exit_breaker; // EX_DATAERR
        outcome.error = counters.error().message + "; nothing was loaded";
    }
    return outcome;
}

} // namespace

int main(int argc, char** argv) {
    scai::job::Options options;
    scaikey::load::Sources sources;
    std::string generate;
    scai::job::CommandLine command(
        "Loads a directory into the embedded ScaiKey: all or nothing, idempotent, without webhook events.",
        "scaikey-job-load", options, scaikey::job_product());
    command.text("--file", sources.json_file,
                 "JSON document with any of partners, tenants, users, groups, memberships, "
                 "applications");
    command.text("--partners", sources.partners_csv, "CSV: slug,name[,id,status,contact_email]");
    command.text("--tenants", sources.tenants_csv, "CSV: slug,name[,id,partner,status,contact_email]");
    command.text("--users", sources.users_csv,
                 "CSV: tenant,email[,id,first_name,last_name,display_name,status,"
                 "admin_role,title,department,password,password_hash]");
    command.text("--groups", sources.groups_csv, "CSV: tenant,name[,id,description,group_type]");
    command.text("--memberships", sources.memberships_csv,
                 "CSV: tenant,group and user (e-mail) or member_group (name)");
    command.text("--generate", generate,
                 "users=N,groups=N,memberships=N[,tenants=N][,nested=N][,prefix=TEXT]");
    command.text("--assign", sources.assign,
                 "assign every group to this application (id, client id or name) after loading");
    return scai::job::main(
        command, argc, argv, [&](const scai::config::Settings& /*settings*/, scai::db::Pool& pool) {
            if (!generate.empty()) {
                auto wanted = scaikey::load::parse_generate(generate);
                if (!wanted) {
                    std::cerr << "scaikey-job-load: " << wanted.error().message << "\n";
                    return scai::job::exit_usage;
                }
                sources.generate = std::move(*wanted);
            }
            if (options.dry_run)
                return scai::job::print_outcome(options, run_load(pool, sources, /*dry_run=*/true));
            const scai::job::Spec spec{"scaikey", "load", std::chrono::hours(1)};
            return scai::job::print_outcome(
                options, scai::job::run(pool, spec, scai::SystemClock(), "manual", [&](scai::job::Run&) {
                    return run_load(pool, sources, /*dry_run=*/false);
                }));
        });
}
