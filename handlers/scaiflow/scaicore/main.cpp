// scaiflow-scaicore: what runs on ScaiGrid: events, checkpoints, invocations.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("scaicore", scaiflow::scaicore_api::routes(), argc, argv,
                                 "SCAIFLOW_GRID_THREADS");
}
