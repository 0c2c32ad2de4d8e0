// SPDX-License-Identifier: Apache-2.0
#include "lib/job/migrate.hpp"

#include "lib/db/migrate.hpp"

#include <iostream>

namespace scai::job {

int migrate_main(const Product& product, const std::string& description, int argc, char** argv) {
    const std::string name(product.name);
    Options options;
    int target = -1;
    std::string sql_dir;
    CommandLine command(description, name + "-job-migrate", options, product);
    command.number("--target", target, "go to this migration, also backwards (default: the newest)",
                   {0, 9999});
    command.text("--sql-dir", sql_dir,
                 "folder with " + name + "/migrations (default: $SCAI_SQL_DIR, or beside the program)");
    return main(command, argc, argv, [&](const config::Settings& settings) {
        const auto folder = db::sql_folder(sql_dir, name);
        const auto migrations = db::read_migrations(folder + "/" + name + "/migrations");
        auto login = product.pool_settings(settings, "");
        login.role.clear(); // the login migrates: the roles may not be there yet
        using json::Value;
        std::vector<std::string> applied;
        int before = 0, after = 0;
        if (options.dry_run) {
            db::Pool pool(login);
            before = after = db::schema_version(pool, name);
        } else {
            const auto result = db::migrate(login, name, migrations, db::read_roles(folder, name), target);
            before = result.before;
            after = result.after;
            applied = result.applied;
        }
        if (options.json) {
            Value out = Value::object({{"before", before}, {"after", after}});
            if (options.dry_run)
                out.set("newest", static_cast<int>(migrations.size()));
            else
                out.set("applied", Value::array_of(applied));
            print_counters(options, out);
            return exit_ok;
        }
        for (const std::string& migration : applied)
            std::cout << "applied " << migration << "\n";
        std::cout << (applied.empty() && !options.dry_run ? "nothing to do: " : "") << "the schema " << name
                  << " is at version " << after;
        if (options.dry_run)
            std::cout << ", the newest is " << migrations.size();
        std::cout << "\n";
        return exit_ok;
    });
}

} // namespace scai::job
