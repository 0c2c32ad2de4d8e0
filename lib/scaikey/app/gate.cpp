// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/gate.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

namespace scaikey {

using scai::web::Access;
using scai::web::Principal;
using scai::web::Request;

namespace {

scai::Error unauthenticated(std::string message) {
    scai::Error error;
    error.kind = scai::ErrorKind::unauthenticated;
    error.message = std::move(message);
    return error;
}

scai::Result<std::string> bearer_of(const Request& request) {
    const auto header = scai::trim(request.header("authorization"));
    if (header.empty())
        return unauthenticated("Not authenticated");
    const auto space = header.find(' ');
    if (space == std::string_view::npos || !scai::iequals(header.substr(0, space), "bearer"))
        return unauthenticated("Authorization must be a Bearer token");
    return std::string(scai::trim(header.substr(space + 1)));
}

Principal principal_of(oauth::AccessToken token) {
    Principal out;
    out.subject = std::move(token.subject);
    out.tenant_id = std::move(token.tenant_id);
    out.client_id = std::move(token.client_id);
    out.email = token.claims.member("email");
    out.name = token.claims.member("name");
    out.permissions = {token.scopes.begin(), token.scopes.end()};
    out.admin_role = token.service ? "" : std::move(token.role);
    token.claims.get("groups").each_item(
        [&](const scai::json::Value& group) { out.groups.push_back(group.text_or("")); });
    out.service = token.service;
    out.claims = std::move(token.claims);
    return out;
}

scai::Result<std::shared_ptr<const Principal>> judge(Context& context, const std::string& bearer) {
    if (auto known = context.verdicts.find(bearer, scai::unix_seconds(context.clock->now())))
        return known;
    const auto mark = context.verdicts.mark();
    SCAI_TRY(auto token, oauth::verify_access(context, bearer));
    const auto expires_at = token.expires_at;
    const auto principal = std::make_shared<const Principal>(principal_of(std::move(token)));
    if (principal->service) // a person's suspension or demotion counts at once, on every process
        context.verdicts.keep(bearer, principal, expires_at, mark);
    return principal;
}

} // namespace

scai::web::Gate make_gate(Context& context) {
    return [&context](const Request& request, const Access& access) -> scai::Result<Principal> {
        SCAI_TRY(const auto bearer, bearer_of(request));
        SCAI_TRY(const auto principal, judge(context, bearer));
        if (auto allowed = authorize(*principal, access); !allowed)
            return std::move(allowed).error();
        return *principal;
    };
}

} // namespace scaikey
