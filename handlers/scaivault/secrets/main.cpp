// scaivault-secrets: secrets of tenants and partners, their versions and metadata, batches and lists.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/handlers.hpp"
#include "lib/scaivault/app/context.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("secrets", scaivault::secrets_api::routes(), argc, argv);
}
