// scaiflow-flows: flows, their versions, access rows, presence. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("flows", scaiflow::flows_api::routes(), argc, argv);
}
