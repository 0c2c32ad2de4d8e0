// Authorization endpoint and sign-in: what happens between a client's redirect and its code. RFC 6749 4.1,
// OIDC Core 3.1. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/oauth/model.hpp"
#include "lib/scaikey/oauth/rules.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace scaikey::oauth {

/// Client and redirect_uri cannot be trusted: a page for the person, never a redirect (RFC 6749 4.1.2.1).
struct PageError {
    int status;
    std::string title, text;
};
struct Redirect {
    std::string url;
};
/// A request that may go on.
struct Start {
    Realm realm;
    Client client;
    AuthorizeRequest request;
};
using Checked = std::variant<Start, PageError, Redirect>;
Checked check_request(Context& context, const scai::web::Request& request);

/// With the browser's session: the code's redirect, an error redirect (prompt=none), or nothing: show the
/// page.
std::optional<Redirect> use_session(Context& context, const Start& start, std::string_view session_secret);

struct NewSession {
    std::string secret;
    std::int64_t max_age;
    Redirect redirect;
};
struct Refused {
    int status; ///< 400, 403 or 429
    std::string text;
    int retry_after = 0;
};
struct Choose {
    std::string email, choice;
    std::vector<std::pair<std::string, std::string>> tenants;
};
using SignedIn = std::variant<NewSession, Refused, Choose>;
/// E-mail and password. `browser_hash` binds a following choice to this browser, `old_session` is replaced.
SignedIn sign_in(Context& context, const Start& start, const Params& form, std::string_view browser_hash,
                 std::string_view old_session);
/// The organisation of an account that exists in several.
SignedIn choose(Context& context, const Start& start, const Params& form, std::string_view browser_hash,
                std::string_view old_session);

// --- sign-out
struct SignOut {
    std::string session_id, user_email; ///< "" = nobody is signed in
    bool asked_by_user = false;         ///< id_token_hint names the person of the session: no question needed
    std::string target;                 ///< where to go afterwards, "" = stay
};
std::variant<SignOut, PageError> check_sign_out(Context& context, const Realm& realm,
                                                const Params& parameters, std::string_view session_secret);
void sign_out(Context& context, const SignOut& what);

} // namespace scaikey::oauth
