// scaiflow-dev: the deprecated deployment with a shared token. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/dev/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("dev", scaiflow::dev_api::routes(), argc, argv);
}
