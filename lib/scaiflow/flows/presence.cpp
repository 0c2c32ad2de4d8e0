// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/presence.hpp"

#include "lib/scaiflow/flows/store_presence.hpp"

namespace scaiflow::flows {

using scai::db::Tx;

namespace {

std::string shown_name(const Caller& caller) {
    return !caller.name.empty() ? caller.name : !caller.email.empty() ? caller.email : caller.subject;
}

} // namespace

scai::Status enter(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id) {
    return scai::db::in_tx(pool, scope_of(caller), [&](Tx& tx) -> scai::Status {
        SCAI_TRY(const auto flow, open_flow(tx, caller, flow_id, Level::view));
        store::beat(tx, flow, caller.subject, shown_name(caller));
        return scai::Done{};
    });
}

scai::Status leave(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id) {
    return scai::db::in_tx(pool, scope_of(caller), [&](Tx& tx) -> scai::Status {
        SCAI_TRY(const auto flow, open_flow(tx, caller, flow_id, Level::view));
        store::unbeat(tx, flow, caller.subject);
        return scai::Done{};
    });
}

scai::Result<std::vector<Present>> present(scai::db::Pool& pool, const Caller& caller,
                                           std::string_view flow_id) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    return store::present(reader, flow);
}

} // namespace scaiflow::flows
