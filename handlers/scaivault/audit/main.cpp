// scaivault-audit: the trail, its summaries and exports. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("audit", scaivault::audit_api::routes(), argc, argv);
}
