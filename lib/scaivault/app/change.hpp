// A write of an endpoint: its effect and the audit row of the request are one transaction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/exchange.hpp"

namespace scaivault {

/// The row of the running request, completed: a success unless the endpoint has set entry.success.
void write_audit_row(scai::db::Tx& tx, const Context& context, const scai::web::Request& request);

/// Runs `work` (Tx& -> Result) in a transaction of the caller's tenant. With a result the audit row is part
/// of it; an error must mean that nothing was written, and the hook writes the row.
template<class Work>
auto change(Context& context, const scai::web::Request& request, Work work) {
    auto result = scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller_of(request).tenant_id),
                                  [&](scai::db::Tx& tx) {
                                      auto out = work(tx);
                                      if (out)
                                          write_audit_row(tx, context, request);
                                      return out;
                                  });
    exchange_of(request).audit.written = static_cast<bool>(result);
    return result;
}

} // namespace scaivault
