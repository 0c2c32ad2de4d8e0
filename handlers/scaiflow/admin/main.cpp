// scaiflow-admin-api: users, roles, sync runs and drift. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("admin", scaiflow::admin_api::routes(), argc, argv);
}
