// scaiflow-deploy: flows to ScaiGrid. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("deploy", scaiflow::deploy_api::routes(), argc, argv);
}
