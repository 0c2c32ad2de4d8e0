// scaivault-policies: policies, bindings, who may and why. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("policies", scaivault::policies_api::routes(), argc, argv);
}
