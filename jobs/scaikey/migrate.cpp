// scaikey-job-migrate: brings schema scaikey to the newest migration, or to --target. By hand and at `make
// up`. SPDX-License-Identifier: Apache-2.0
#include "lib/db/migrate.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/job_product.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Applies the migrations of the embedded ScaiKey's schema.", "scaikey-job-migrate"};
    scai::job::Options options;
    int target = -1;
    std::string sql_dir;
    scai::job::add_options(app, options, scaikey::job_product());
    app.add_option("--target", target, "go to this migration, also backwards (default: the newest)")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--sql-dir", sql_dir,
                   "folder with scaikey/migrations (default: $SCAI_SQL_DIR, or beside the program)");
    return scai::job::main(
        app, options, scaikey::job_product(), argc, argv, [&](const scai::config::Settings& settings) {
            const auto folder = scai::db::sql_folder(sql_dir, "scaikey");
            const auto migrations = scai::db::read_migrations(folder + "/scaikey/migrations");
            const auto pool_settings = scaikey::pool_settings(settings, "");
            using scai::json::Value;
            Value out;
            if (options.dry_run) {
                scai::db::Pool pool(pool_settings);
                const int before = scai::db::schema_version(pool, "scaikey");
                out = Value::object(
                    {{"before", before}, {"after", before}, {"newest", static_cast<int>(migrations.size())}});
            } else {
                const auto result = scai::db::migrate(pool_settings, "scaikey", migrations,
                                                      scai::db::read_roles(folder, "scaikey"), target);
                out = Value::object({{"before", result.before},
                                     {"after", result.after},
                                     {"applied", Value::array_of(result.applied)}});
            }
            scai::job::print_counters(options, out);
            return scai::job::exit_ok;
        });
}
