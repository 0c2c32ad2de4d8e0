// scaiflow-catalog: packages of flows inside a tenant. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("catalog", scaiflow::catalog_api::routes(), argc, argv);
}
