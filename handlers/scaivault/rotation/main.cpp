// scaivault-rotation: rotation policies, what is due, and secret policies, which make values.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("rotation", scaivault::rotation_api::routes(), argc, argv);
}
