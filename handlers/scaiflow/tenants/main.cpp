// scaiflow-tenants: a tenant's credentials for ScaiGrid. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("tenants", scaiflow::tenants_api::routes(), argc, argv);
}
