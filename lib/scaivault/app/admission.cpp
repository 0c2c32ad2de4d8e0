// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/admission.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace scaivault {

using scai::Result;

namespace {

/// Scopes a person's token gives by itself; the others count with an admin role only: they reach beyond what
/// policies guard.
constexpr std::array<std::string_view, 6> scopes_of_everybody{"dynamic:read",       "dynamic:generate",
                                                              "subscriptions:read", "subscriptions:write",
                                                              "policies:read",      "identity:read"};

bool counts_for_everybody(std::string_view scope) {
    return scope.starts_with("secrets:") || std::find(scopes_of_everybody.begin(), scopes_of_everybody.end(),
                                                      scope) != scopes_of_everybody.end();
}

bool active(std::string_view status) {
    return status.empty() || scai::iequals(status, "ACTIVE");
}

Caller caller_from(const Credential& credential, const Lookup& lookup) {
    Caller out;
    out.home_tenant_id = credential.tenant_id;
    out.scopes = credential.scopes;
    out.mfa_verified_at = credential.mfa_verified_at;
    out.token_expires_at = credential.expires_at;
    out.allowed_paths = credential.allowed_paths;
    out.tenant_policies = lookup.tenant_policies;
    out.partner_policies = lookup.partner_policies;
    if (credential.service) {
        out.identity_type = "service_account";
        out.identity = "sa:" + credential.subject;
        out.identity_id = out.identity;
        out.display_name = credential.name.empty() ? credential.subject : credential.name;
        return out;
    }
    out.identity_type = "user";
    out.identity = "user:" + credential.subject;
    const bool known = lookup.user && !lookup.user->email.empty();
    const auto& email = known ? lookup.user->email : credential.email;
    out.identity_id = email.empty() ? out.identity : "user:" + email;
    out.display_name =
        lookup.user && !lookup.user->display_name.empty() ? lookup.user->display_name : credential.name;
    if (lookup.user) {
        out.roles = lookup.user->roles;
        for (const auto& group : lookup.user->groups)
            out.groups.push_back("group:" + group);
    }
    return out;
}

Result<scai::Done> check_standing(const Credential& credential, const Lookup& lookup) {
    if (lookup.user && lookup.user->deleted)
        return unauthenticated("token_revoked", "the user is deleted");
    if (lookup.user && !active(lookup.user->status))
        return unauthenticated("token_revoked", "the user is disabled");
    if (lookup.home && (lookup.home->deleted || !active(lookup.home->status)))
        return tenant_access_denied(credential.tenant_id);
    return scai::Done{};
}

/// Whether the caller may act in another tenant than his own (contract scaivault.md 0). Says the same of a
/// tenant that is not there and of one he has no business with, unless every tenant is his business.
Result<scai::Done> check_choice(const Credential& credential, const Caller& caller, const Lookup& lookup,
                                const std::string& chosen) {
    if (chosen == credential.tenant_id)
        return scai::Done{};
    const bool everywhere =
        caller.has_role("super_admin") || credential.reach == Credential::Reach::everything;
    std::string partner; // whose tenants are his business
    if (credential.service)
        partner = credential.reach == Credential::Reach::partner ? credential.partner_id : "";
    else if (caller.has_role("partner_admin") && lookup.home)
        partner = lookup.home->partner_id;
    if (!everywhere && partner.empty())
        return tenant_access_denied(chosen);
    if (!lookup.selected)
        return not_found("tenant_not_found", "there is no such tenant");
    if (!everywhere && lookup.selected->partner_id != partner)
        return tenant_access_denied(chosen);
    return scai::Done{};
}

} // namespace

Sought sought(const Credential& credential, const std::string& named_tenant) {
    return {.home_tenant = credential.tenant_id,
            .user = credential.service ? "" : credential.subject,
            .selected_tenant = named_tenant.empty() ? credential.tenant_id : named_tenant,
            .fallback_partner = credential.partner_id};
}

Result<Caller> admit(Context& context, const Credential& credential, const std::string& named_tenant,
                     bool without_directory) {
    const auto asked = std::chrono::steady_clock::now();
    const auto known = context.callers.find(sought(credential, named_tenant));
    context.metrics.observe("scaivault_db_latency_seconds", {},
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - asked).count());
    return admit_known(credential, *known, without_directory);
}

Result<Caller> admit_known(const Credential& credential, const Known& known, bool without_directory) {
    const auto& lookup = known.lookup;
    const auto& chosen = known.sought.selected_tenant;
    auto caller = caller_from(credential, lookup);
    SCAI_TRY([[maybe_unused]] const auto standing, check_standing(credential, lookup));
    if (chosen.empty()) {
        if (!without_directory)
            return invalid_request("the token names no tenant: name one in the path (/v1/t/<id>/...) or in "
                                   "X-Tenant-ID");
        return caller;
    }
    SCAI_TRY([[maybe_unused]] const auto mine, check_choice(credential, caller, lookup, chosen));
    if (!lookup.selected && !without_directory)
        return not_found("tenant_not_found",
                         "the tenant is not in the identity cache yet; synchronise identities first");
    if (lookup.selected && (lookup.selected->deleted || !active(lookup.selected->status)))
        return tenant_access_denied(chosen);
    caller.tenant_id = chosen;
    caller.partner_id = lookup.selected ? lookup.selected->partner_id : credential.partner_id;
    if (!credential.service && !caller.has_role("tenant_admin"))
        std::erase_if(caller.scopes, [](const auto& scope) { return !counts_for_everybody(scope); });
    return caller;
}

} // namespace scaivault
