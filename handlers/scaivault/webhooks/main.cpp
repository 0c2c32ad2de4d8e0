// scaivault-webhooks: the webhooks of a tenant and what became of their deliveries. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("webhooks", scaivault::webhooks_api::routes(), argc, argv);
}
