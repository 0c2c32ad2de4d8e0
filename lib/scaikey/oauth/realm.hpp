// Which flavour a request speaks to, and the URLs of that flavour. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/oauth/model.hpp"
#include "lib/web/http.hpp"

#include <string>
#include <string_view>

namespace scaikey::oauth {

/// The tenant of the {slug} in the path, or the platform. not_found for an unknown slug; a suspended tenant
/// is returned (its `active` is false), so that each endpoint can refuse it in its own way.
scai::Result<Realm> realm_of(Context& context, const scai::web::Request& request);
/// Row-level security of a flavour: one tenant, or all.
scai::db::Scope scope_of(const Realm& realm);
/// `issuer` of the flavour's discovery document: {base} or {base}/tenants/{tenant_id}.
std::string issuer_of(const Context& context, const Realm& realm);
/// {base}/api/v1/platform or {base}/api/v1/auth/tenants/{slug}
std::string flavour_url(const Context& context, const Realm& realm);
std::int64_t now_of(const Context& context);
/// Hex SHA-256: the form in which a code, a refresh token or a cookie is stored.
std::string hash_of(std::string_view secret);

} // namespace scaikey::oauth
