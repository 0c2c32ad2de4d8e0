// scaiflow-auth: sign-in and who am I. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("auth", scaiflow::auth_api::routes(), argc, argv);
}
