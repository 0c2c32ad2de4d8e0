// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/caller.hpp"

#include "lib/scaivault/app/exchange.hpp"

#include <algorithm>
#include <stdexcept>

namespace scaivault {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

} // namespace

bool Caller::has_scope(std::string_view scope) const {
    return contains(scopes, scope);
}

bool Caller::has_role(std::string_view role) const {
    if (contains(roles, role) || contains(roles, "super_admin"))
        return true;
    return role == "tenant_admin" && contains(roles, "partner_admin");
}

std::vector<std::string> Caller::identities() const {
    std::vector<std::string> out;
    out.reserve(groups.size() + 1);
    out.push_back(identity);
    out.insert(out.end(), groups.begin(), groups.end());
    return out;
}

policies::Context Caller::context(scai::UtcTime now) const {
    return {.source_ip = source_ip, .mfa_verified_at = mfa_verified_at, .now = now};
}

const Caller& caller_of(const scai::web::Request& request) {
    const auto& caller = exchange_of(request).caller;
    if (!caller)
        throw std::logic_error("this route has no caller: it is open");
    return *caller;
}

Caller system_caller(std::string_view component, std::string tenant_id, std::string partner_id) {
    Caller out;
    out.identity = "system:" + std::string(component);
    out.identity_id = out.identity;
    out.identity_type = "system";
    out.display_name = component;
    out.tenant_id = tenant_id;
    out.home_tenant_id = std::move(tenant_id);
    out.partner_id = std::move(partner_id);
    return out;
}

std::string partner_owner(const Caller& caller) {
    return "partner/" + caller.partner_id;
}

Exchange& exchange_of(const scai::web::Request& request) {
    if (!request.attachment)
        throw std::logic_error("the request did not come through make_around()");
    return *static_cast<Exchange*>(request.attachment.get());
}

namespace audit {

Draft& draft_of(const scai::web::Request& request) {
    return exchange_of(request).audit;
}

} // namespace audit

} // namespace scaivault
