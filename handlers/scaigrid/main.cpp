// Embedded ScaiGrid: Cores and their runs, queues, bunkers, models. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"

int main(int argc, char** argv) {
    return scaigrid::serve_handler(scaigrid::make_routes, argc, argv);
}
