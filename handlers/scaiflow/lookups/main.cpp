// scaiflow-lookups: what ScaiGrid has, for the pickers of the canvas. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("lookups", scaiflow::lookups_api::routes(), argc, argv,
                                 "SCAIFLOW_GRID_THREADS");
}
