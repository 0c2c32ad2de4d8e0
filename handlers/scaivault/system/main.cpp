// scaivault-system: is it alive, is it ready, its counters. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("system", scaivault::system_api::routes(), argc, argv);
}
