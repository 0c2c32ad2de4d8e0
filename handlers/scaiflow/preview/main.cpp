// scaiflow-preview: compile and validate a flow that is not saved. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/preview/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("preview", scaiflow::preview_api::routes(), argc, argv);
}
