// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/app/gate.hpp"
#include "lib/scaikey/app/settings.hpp"
#include "lib/web/program.hpp"
#include "lib/web/server.hpp"
#include "lib/web/trace.hpp"

#include <stdexcept>

namespace scaikey {

int serve_handler(std::vector<scai::web::ErasedRoute> (*routes)(Context&), int argc, char** argv) {
    const scai::web::Program program{
        .name = "scaikey",
        .description = "Embedded ScaiKey: OpenID provider and directory, as a FastCGI or CGI program.",
        .settings = settings_table,
        .source = settings_source,
        .log_level = "SCAIKEY_LOG_LEVEL"};
    return scai::web::run_program(
        program, argc, argv, [&](scai::config::Settings settings, const std::string& socket) {
            if (auto allowed = check_public(settings); !allowed)
                throw std::runtime_error(allowed.error().message);
            const scai::web::ServerSettings server{.socket = socket,
                                                   .threads =
                                                       static_cast<int>(settings.integer("FCGI_THREADS")),
                                                   .base_url = settings.text("SCAIKEY_ISSUER"),
                                                   .trusted_proxies = settings.list("TRUSTED_PROXIES")};
            Context context(std::move(settings), std::make_unique<scai::SystemClock>());
            scai::web::fit_schema(context.pool, "scaikey", expected_schema_version(), "scaikey-job-migrate");
            const scai::web::Router router(routes(context), make_gate(context),
                                           scai::web::Envelope::scaiflow);
            auto traced = server; // goes before the context, which counts its spans
            traced.tracer = scai::web::make_tracer(context.settings.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
                                                   context.settings.secret("OTEL_EXPORTER_OTLP_HEADERS"),
                                                   program.name, context.metrics);
            return scai::web::serve(router, context.metrics, traced);
        });
}

} // namespace scaikey
