// What ScaiVault keeps about one request from its arrival to its answer. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/limits/limiter.hpp"
#include "lib/web/http.hpp"

#include <memory>
#include <optional>
#include <span>

namespace scaivault {

struct Credential;
struct Endpoint;
struct Known;

struct Exchange {
    std::span<const Endpoint> endpoints; ///< of the group
    const Endpoint* endpoint = nullptr;  ///< null until the route is known
    std::optional<Caller> caller;
    /// Set as long as `caller` was made of what is remembered and nothing has confirmed it: see confirm.hpp.
    std::shared_ptr<const Known> unconfirmed;
    std::shared_ptr<const Credential> credential; ///< of the caller
    std::optional<limits::Verdict> limit;         ///< for the headers
    audit::Draft audit;
};

/// Made by the hook around every request.
Exchange& exchange_of(const scai::web::Request& request);

} // namespace scaivault
