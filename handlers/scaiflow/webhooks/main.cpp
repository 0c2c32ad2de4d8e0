// scaiflow-webhooks: what ScaiKey tells us. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/webhooks/handlers.hpp"

int main(int argc, char** argv) {
    return scaiflow::serve_group("webhooks", scaiflow::webhooks_api::routes(), argc, argv);
}
