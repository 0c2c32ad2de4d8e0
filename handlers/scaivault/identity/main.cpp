// scaivault-identity: the copy of the directory, its sync, admin roles. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("identity", scaivault::identity_api::routes(), argc, argv);
}
