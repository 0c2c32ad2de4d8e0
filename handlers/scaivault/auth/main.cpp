// scaivault-auth: who calls, introspection, exchange of foreign tokens. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("auth", scaivault::auth_api::routes(), argc, argv);
}
