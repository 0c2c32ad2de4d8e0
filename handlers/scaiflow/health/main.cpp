// scaiflow-health: is it alive, is it ready, its counters. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("health", scaiflow::health_api::routes(), argc, argv);
}
