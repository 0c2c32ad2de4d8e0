// scaiflow-admin migrate. SPDX-License-Identifier: Apache-2.0
#include "lib/db/migrate.hpp"
#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct MigrateOptions {
    int target = -1;
    std::string sql_dir;
};

int migrate(const Common& common, const MigrateOptions& options) {
    const auto settings = load_settings(common);
    auto database = database_of(settings, "owner");
    database.role.clear(); // the login itself creates roles and schema, then hands over to scaiflow_owner
    scai::db::MigrateResult result{};
    try {
        const std::string folder = scai::db::sql_folder(options.sql_dir, "scaiflow");
        result = scai::db::migrate(database, "scaiflow",
                                   scai::db::read_migrations(folder + "/scaiflow/migrations"),
                                   scai::db::read_roles(folder, "scaiflow"), options.target);
    } catch (const scai::db::Error&) {
        throw;
    } catch (const std::runtime_error& error) { // folder, checksum, database ahead, no such target
        throw Stop(scai::job::exit_config, error.what());
    }
    std::string text;
    for (const std::string& name : result.applied)
        text += "applied " + name + "\n";
    text += result.applied.empty() ? "nothing to do: " : "";
    text += "the schema scaiflow is at version " + std::to_string(result.after) + "\n";
    print(common,
          Value::object({{"before", result.before},
                         {"after", result.after},
                         {"applied", Value::array_of(result.applied)}}),
          text);
    return 0;
}

} // namespace

void add_migrate(CLI::App& app, Common& common, Command& run) {
    auto* command = app.add_subcommand("migrate", "Bring the database schema to the version of this program");
    const auto options = std::make_shared<MigrateOptions>();
    add_common(*command, common);
    command
        ->add_option("--target", options->target,
                     "version to go to; a lower one than now goes back, 0 removes "
                     "everything. Default: the newest")
        ->check(CLI::Range(0, 9999));
    command->add_option(
        "--sql-dir,--sql", options->sql_dir,
        "folder that holds scaiflow/migrations. Default: $SCAI_SQL_DIR, else beside the program");
    command->footer("Creates the roles and the schema when they are not there, then applies what is missing, "
                    "each migration in a\n"
                    "transaction of its own. Safe to run again and at the same time on several hosts: an "
                    "advisory lock makes the\n"
                    "second wait, and it finds nothing to do. The login of DATABASE_URL needs CREATE on the "
                    "database and, the first\n"
                    "time, CREATEROLE (or let a superuser run sql/scaiflow/roles.sql).\n\n"
                    "Examples:\n"
                    "  scaiflow-admin migrate\n"
                    "  scaiflow-admin migrate --target 3        go back to (or up to) version 3\n\n" +
                    exit_codes("  70  a migration failed; nothing of it was applied\n"));
    command->callback(
        [&common, &run, options] { run = [&common, options] { return migrate(common, *options); }; });
}

} // namespace scaiflow::cli
