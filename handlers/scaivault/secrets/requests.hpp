// What the endpoints of this group read from a request in the same way, and its audit row.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/secrets/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/secrets/rules.hpp"

#include <optional>
#include <string>

namespace scaivault::secrets_api {

/// Whose secrets the request is about.
struct Owner {
    std::string id; ///< tenant, or "partner/<id>"
    bool of_partner = false;
};
/// forbidden for /v1/partner without a partner.
scai::Result<Owner> owner_of(const Request& request);

/// The secret a request names, once the caller's policies allow what he wants with it: nobody else learns
/// whether it is there.
struct Target {
    Owner owner;
    std::string path;
};
/// invalid_path, the 403 of the policies; forbidden when a partner's secret is to be changed by somebody else
/// than its admins.
scai::Result<Target> target_of(Context& context, const Request& request, policies::Permission permission);

/// ?name=N, 1 or more; invalid_request.
scai::Result<std::optional<std::int64_t>> number_of(const Request& request, std::string_view name);
/// ?name=true|false|1|0; invalid_request.
scai::Result<bool> flag_of(const Request& request, std::string_view name);
/// ?prefix=; invalid_path.
scai::Result<std::string> prefix_of(const Request& request);
/// If-Match.
scai::Result<std::optional<secrets::Tag>> expected_of(const Request& request);

/// Writes the audit row of the request into the transaction of its effect.
void write_audit(scai::db::Tx& tx, Context& context, const Request& request);

/// Runs `work` (Tx& -> Result) in a transaction that writes what belongs to the owner. With a result the
/// audit row is part of it; with an error nothing is written, and the hook writes the row.
template<class Work>
auto change(Context& context, const Request& request, const Owner& owner, Work work);

} // namespace scaivault::secrets_api

#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/secrets/service.hpp"

namespace scaivault::secrets_api {

template<class Work>
auto change(Context& context, const Request& request, const Owner& owner, Work work) {
    auto result = scai::db::in_tx(context.pool, secrets::write_scope(owner.id), [&](scai::db::Tx& tx) {
        auto out = work(tx);
        if (out)
            write_audit(tx, context, request);
        return out;
    });
    exchange_of(request).audit.written = static_cast<bool>(result);
    return result;
}

} // namespace scaivault::secrets_api
