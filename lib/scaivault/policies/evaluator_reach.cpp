// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/evaluator.hpp"

namespace scaivault::policies {

std::vector<std::string> Evaluator::reach(const Caller& caller, Permission permission, scai::UtcTime now) {
    const Query query{.identities = caller.identities(),
                      .path = {},
                      .permission = permission,
                      .context = caller.context(now)};
    auto out = set(caller.tenant_id, caller.tenant_policies)->beginnings(query);
    if (caller.partner_policies == 0)
        return out;
    auto more = set(partner_owner(caller), caller.partner_policies)->beginnings(query);
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return out;
}

} // namespace scaivault::policies
