// Embedded ScaiKey: OpenID provider and directory. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"

int main(int argc, char** argv) {
    return scaikey::serve_handler(scaikey::make_routes, argc, argv);
}
