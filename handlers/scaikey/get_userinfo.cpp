// UserInfo, OIDC Core 5.3. The gate has judged the token. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/oauth/endpoint.hpp"
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace scaikey {

Answer get_userinfo(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto realm, oauth::realm_of(context, request));
    const auto& principal = request.principal;
    if (principal.service)
        return forbidden("UserInfo is for tokens of a person");
    const oauth::Scopes scopes(principal.permissions.begin(), principal.permissions.end());
    if (!oauth::contains(scopes, "openid"))
        return forbidden("The token lacks the scope openid");
    if (realm.tenant && realm.tenant->id != principal.tenant_id)
        return forbidden("The token belongs to another tenant");
    auto lease = context.pool.read(scai::db::Scope::tenant(principal.tenant_id));
    const auto user = oauth::find_user(lease, principal.subject);
    if (!user)
        return not_found("User");
    std::optional<std::vector<std::string>> groups;
    if (oauth::contains(scopes, "groups"))
        groups = oauth::groups_of(lease, *user);
    auto response = scai::web::Response::json(oauth::userinfo_claims(*user, scopes, groups));
    if (const auto client = oauth::find_client(lease, principal.client_id))
        oauth::allow_origin(response, request, *client);
    return response;
}

} // namespace scaikey
