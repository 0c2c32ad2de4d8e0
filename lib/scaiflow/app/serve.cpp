// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/schema_version.hpp"
#include "lib/scaiflow/app/settings.hpp"
#include "lib/web/program.hpp"
#include "lib/web/server.hpp"
#include "lib/web/trace.hpp"

namespace scaiflow {

namespace {

std::string program_name(std::string_view group) {
    return "scaiflow-" + std::string(group) + (group == "admin" ? "-api" : "");
}

} // namespace

int expected_schema_version() {
    return newest_migration;
}

int serve_group(std::string_view group, std::span<const scai::web::Route<Context>> routes, int argc,
                char** argv, std::string_view threads) {
    const scai::web::Program program{
        .name = program_name(group),
        .description = "The " + std::string(group) +
                       " endpoints of ScaiFlow as a FastCGI process (as CGI when there is no socket).",
        .settings = settings_table,
        .source = settings_source,
        .log_level = "SCAIFLOW_LOG_LEVEL"};
    return scai::web::run_program(
        program, argc, argv, [&](scai::config::Settings settings, const std::string& socket) {
            scai::web::ServerSettings server{.socket = socket,
                                             .threads = static_cast<int>(settings.integer(threads)),
                                             .base_url = settings.text("SCAIFLOW_PUBLIC_URL"),
                                             .trusted_proxies = settings.list("TRUSTED_PROXIES")};
            while (server.base_url.ends_with('/'))
                server.base_url.pop_back();
            Context context(std::move(settings), std::string(group), real_edges());
            scai::web::fit_schema(context.pool, "scaiflow", newest_migration, "scaiflow-admin migrate");
            const scai::web::Router router(scai::web::bind_routes(routes, context), make_gate(context),
                                           scai::web::Envelope::scaiflow);
            auto traced = server; // goes before the context, which counts its spans
            traced.tracer = scai::web::make_tracer(context.settings.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
                                                   context.settings.secret("OTEL_EXPORTER_OTLP_HEADERS"),
                                                   program.name, context.metrics);
            return scai::web::serve(router, context.metrics, traced);
        });
}

} // namespace scaiflow
