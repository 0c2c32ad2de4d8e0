// Sign-in: what the endpoints of the group `auth` do. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/auth/model.hpp"

#include <string>
#include <string_view>

namespace scaiflow::auth {

/// Tokens for a code. A second submission of the same code, verifier and redirect URI within seconds gets the
/// first one's answer; upstream is asked once and never again. Errors: bad_request with the upstream's code,
/// upstream (502), unavailable when ScaiKey is not configured or the first submission never finished.
scai::Result<scai::json::Value> exchange(Context& context, const ExchangeRequest& request);

/// New tokens for a refresh token; the same errors. Refresh tokens are single-use, so never retried either;
/// two tabs that come with the same one within ten seconds get the same answer, a later one is ScaiKey's to
/// judge.
scai::Result<scai::json::Value> refresh(Context& context, std::string_view refresh_token);

/// What a browser needs before it redirects; never the secret. `base_url` is ours as the client sees it.
scai::json::Value public_config(Context& context, const std::string& base_url);

} // namespace scaiflow::auth
