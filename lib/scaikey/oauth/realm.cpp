// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/realm.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace scaikey::oauth {

scai::Result<Realm> realm_of(Context& context, const scai::web::Request& request) {
    const auto slug = request.params.find("slug");
    if (slug == request.params.end())
        return Realm{};
    auto lease = context.pool.read(scai::db::Scope::none());
    auto tenant = find_tenant(lease, slug->second);
    if (!tenant)
        return not_found("Tenant");
    return Realm{std::move(tenant)};
}

scai::db::Scope scope_of(const Realm& realm) {
    return realm.tenant ? scai::db::Scope::tenant(realm.tenant->id) : scai::db::Scope::all_tenants();
}

std::string issuer_of(const Context& context, const Realm& realm) {
    return realm.tenant ? user_issuer(context.base_url, realm.tenant->id) : context.base_url;
}

std::string flavour_url(const Context& context, const Realm& realm) {
    return context.base_url + (realm.tenant
                                   ? "/api/v1/auth/tenants/" + scai::percent_encode(realm.tenant->slug)
                                   : std::string("/api/v1/platform"));
}

std::int64_t now_of(const Context& context) {
    return scai::unix_seconds(context.clock->now());
}

std::string hash_of(std::string_view secret) {
    return scai::crypto::to_hex(scai::crypto::sha256(secret));
}

} // namespace scaikey::oauth
