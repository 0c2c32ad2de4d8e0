// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/context.hpp"

#include "lib/base/wiped_heap.hpp"
#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/bootstrap.hpp"
#include "lib/scaivault/app/settings.hpp"
#include "lib/web/program.hpp"
#include "lib/web/server.hpp"
#include "lib/web/trace.hpp"

#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace scaivault {

namespace {

/// The memory of this process holds secrets: no core file, no debugger of the same user.
void keep_memory_private() {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        scai::log::warn("memory_not_private", {{"meaning", "a crash may leave a core file"}});
}

/// Throws std::runtime_error when this program and the database do not fit. A database that cannot be reached
/// is no reason to stay down: requests answer 503 until it is back.
void fit_schema(const scai::config::Settings& settings, const std::string& group) {
    auto database = pool_settings(settings, group);
    database.role.clear(); // the roles may not be there yet
    database.size = 1;
    const int known = expected_schema_version();
    try {
        int there = 0;
        {
            scai::db::Pool pool(database);
            there = scai::db::schema_version(pool, "scaivault");
        }
        if (there < known && settings.flag("MIGRATE_ON_START")) {
            const auto folder = scai::db::sql_folder("", "scaivault");
            const auto done = scai::db::migrate(database, "scaivault",
                                                scai::db::read_migrations(folder + "/scaivault/migrations"),
                                                scai::db::read_roles(folder, "scaivault"), known);
            scai::log::info("migrated", {{"from", done.before}, {"to", done.after}});
            there = done.after;
        }
        if (there != known)
            throw std::runtime_error(scai::web::schema_mismatch(there, known, "scaivault migrate"));
    } catch (const scai::db::Error& error) {
        if (!error.connection_lost() && dynamic_cast<const scai::db::Unavailable*>(&error) == nullptr)
            throw std::runtime_error(std::string("the database cannot be brought to the version of this "
                                                 "program: ") +
                                     error.what());
        scai::log::warn("database_unavailable", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
}

/// What cannot be written down now is written down by `scaivault migrate`, or at the next start.
void remember_bootstrap(Context& context) {
    try {
        bootstrap::remember(context.pool, context.settings);
    } catch (const scai::db::Error& error) {
        scai::log::warn("bootstrap_not_remembered", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
}

} // namespace

int serve_group(std::string_view group, std::span<const Endpoint> endpoints, int argc, char** argv) {
    const scai::web::Program program{
        .name = "scaivault-" + std::string(group),
        .description = "The " + std::string(group) +
                       " endpoints of ScaiVault as a FastCGI process (as CGI when there is no socket).",
        .settings = settings_table,
        .source = settings_source,
        .log_level = "LOG_LEVEL"};
    keep_memory_private();
    scai::wipe_freed_memory();
    return scai::web::run_program(
        program, argc, argv, [&](scai::config::Settings settings, const std::string& socket) {
            scai::web::ServerSettings server{.socket = socket,
                                             .threads = static_cast<int>(settings.integer("FCGI_THREADS")),
                                             .base_url = settings.text("BASE_URL"),
                                             .trusted_proxies = settings.list("TRUSTED_PROXIES"),
                                             .wipe = true,
                                             .escaped_slashes = true};
            while (server.base_url.ends_with('/'))
                server.base_url.pop_back();
            fit_schema(settings, std::string(group));
            Context context(std::move(settings), std::string(group), real_edges());
            if (group == "auth")
                remember_bootstrap(context);
            const auto router = make_router(context, endpoints);
            auto traced = server; // goes before the context, which counts its spans
            traced.tracer = scai::web::make_tracer(context.settings.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
                                                   context.settings.secret("OTEL_EXPORTER_OTLP_HEADERS"),
                                                   program.name, context.metrics);
            return scai::web::serve(router, context.metrics, traced);
        });
}

} // namespace scaivault
