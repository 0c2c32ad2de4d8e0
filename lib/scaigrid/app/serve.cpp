// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/settings.hpp"
#include "lib/web/program.hpp"
#include "lib/web/server.hpp"

#include <stdexcept>

namespace scaigrid {

scai::web::Router make_router(Context& context, std::vector<scai::web::ErasedRoute> routes) {
    scai::web::RouterOptions options;
    options.around = make_around(context);
    return {std::move(routes), make_gate(context), scai::web::Envelope::scaigrid, std::move(options)};
}

int serve_handler(std::vector<scai::web::ErasedRoute> (*routes)(Context&), int argc, char** argv) {
    const scai::web::Program program{
        .name = "scaigrid",
        .description = "Embedded ScaiGrid: runs deployed Cores, as a FastCGI or CGI program.",
        .settings = settings_table,
        .source = settings_source,
        .log_level = "SCAIGRID_LOG_LEVEL"};
    return scai::web::run_program(
        program, argc, argv, [&](scai::config::Settings settings, const std::string& socket) {
            if (auto allowed = check_public(settings); !allowed)
                throw std::runtime_error(allowed.error().message);
            if (settings.flag("SCAIGRID_TEST_FAULTS"))
                scai::log::warn("test_faults_open",
                                {{"meaning", "anybody can make answers late or wrong: /v1/test/faults"}});
            const scai::web::ServerSettings server{.socket = socket,
                                                   .threads =
                                                       static_cast<int>(settings.integer("FCGI_THREADS")),
                                                   .base_url = settings.text("SCAIGRID_PUBLIC_URL"),
                                                   .trusted_proxies = settings.list("TRUSTED_PROXIES"),
                                                   .escaped_slashes = true};
            Context context(std::move(settings), "handler", real_edges());
            scai::web::fit_schema(context.pool, "scaigrid", expected_schema_version(),
                                  "scaigrid-job-migrate");
            const auto router = make_router(context, routes(context));
            return scai::web::serve(router, context.metrics, server);
        });
}

} // namespace scaigrid
