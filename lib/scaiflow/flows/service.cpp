// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/store.hpp"

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Tx;

Result<Detail> create(Tx& tx, const Caller& caller, const Draft& draft) {
    if (caller.tenant_id.empty())
        return Error{.kind = ErrorKind::forbidden,
                     .code = "forbidden",
                     .message = "the token names no tenant the flow could belong to",
                     .extra = {{"required", "tenant"}}};
    const auto id = "flow_" + scai::crypto::random_id(24);
    const auto version = first_version(draft.content.given_version);
    Detail out;
    out.content = stamped(draft.content, id, version);
    out.head = store::insert(tx, caller, id, draft, version, out.content);
    return out;
}

} // namespace scaiflow::flows
