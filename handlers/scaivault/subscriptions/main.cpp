// scaivault-subscriptions: events for their subscribers, by polling or to a webhook of their own. A poll
// keeps its thread while it waits: give this group threads (FCGI_THREADS) for as many pollers as there are.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"

int main(int argc, char** argv) {
    return scaivault::serve_group("subscriptions", scaivault::subscriptions_api::routes(), argc, argv);
}
