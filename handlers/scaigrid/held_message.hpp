// What complete, fail, release and extend have in common: a message and proof of who holds it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/queues/messages.hpp"

#include <string>

namespace scaigrid {

struct HeldMessage {
    std::string tenant;
    queues::Held held;

    /// 422 naming claim_id.
    static Result<HeldMessage> read(const Request& request, const scai::json::Value& body);
    template<class Work>
    auto in_tx(Context& context, Work work) const {
        return scai::db::in_tx(context.pool, scai::db::Scope::tenant(tenant), work);
    }
};

} // namespace scaigrid
