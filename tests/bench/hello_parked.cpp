// Ceiling for `make bench`: the smallest answer our own loop can give.
// usage: hello_parked SOCKET [THREADS]                                  SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/log/log.hpp"
#include "lib/web/server.hpp"

#include <cstdio>

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: hello_parked SOCKET [THREADS]\n", stderr);
        return 64;
    }
    using namespace scai;
    log::configure("hello-parked", "error");
    const web::Router router({{.method = "GET",
                               .pattern = "/{kind}/{anything}",
                               .access = web::Access::open(),
                               .max_body = web::no_body,
                               .handler = [](const web::Request&) -> Result<web::Response> {
                                   return web::Response::text("hello\n", "text/plain");
                               }}},
                             {}, web::Envelope::scaiflow);
    web::Metrics metrics("", "hello-parked");
    return web::serve(
        router, metrics,
        {.socket = argv[1], .threads = argc > 2 ? static_cast<int>(parse_int(argv[2]).value_or(8)) : 8});
}
