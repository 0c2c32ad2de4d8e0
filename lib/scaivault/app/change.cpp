// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/change.hpp"

namespace scaivault {

void write_audit_row(scai::db::Tx& tx, const Context& context, const scai::web::Request& request) {
    auto& exchange = exchange_of(request);
    auto& entry = exchange.audit.entry;
    if (entry.action.empty() && exchange.endpoint != nullptr)
        entry.action = exchange.endpoint->action;
    entry.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->now() -
                                                                              exchange.audit.started_at)
                            .count();
    audit::write(tx, entry);
}

} // namespace scaivault
