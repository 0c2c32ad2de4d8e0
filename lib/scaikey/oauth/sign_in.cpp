// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/sign_in.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/store.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

#include <algorithm>

namespace scaikey::oauth {

namespace {

constexpr std::int64_t code_lifetime = 120;
constexpr std::int64_t choice_lifetime = 300;
/// Each account costs one scrypt; an address in more organisations signs in through the tenant's own URL.
constexpr int max_accounts = 16;

bool storable(std::string_view text) {
    return text.find('\0') == std::string_view::npos && scai::valid_utf8(text);
}

Redirect error_redirect(const Context& context, const Realm& realm, const Params& query,
                        const AuthorizeError& error) {
    return {with_query(value_of(query, "redirect_uri"), {{"error", error.code},
                                                         {"error_description", error.description},
                                                         {"state", value_of(query, "state")},
                                                         {"iss", issuer_of(context, realm)}})};
}

/// Makes the code and the URL that carries it (RFC 9207: with iss).
Redirect code_redirect(Context& context, scai::db::Tx& tx, const Start& start, const User& user,
                       const Session& session, std::int64_t now) {
    const auto secret = scai::crypto::random_id(40);
    Code code;
    code.grant.id = "gr" + scai::crypto::random_id(22);
    code.grant.client_id = start.client.client_id;
    code.grant.user_id = user.id;
    code.grant.tenant_id = user.tenant_id;
    code.grant.session_id = session.id;
    code.grant.nonce = start.request.nonce;
    code.grant.scopes = scopes_for_user(start.request.scopes, user.role);
    code.grant.auth_time = session.auth_time;
    code.redirect_uri = start.request.redirect_uri;
    code.code_challenge = start.request.code_challenge;
    code.expires_at = now + code_lifetime;
    const auto& request = start.request;
    if (code.grant.scopes.empty())
        return {with_query(request.redirect_uri,
                           {{"error", "invalid_scope"},
                            {"error_description", "this account may have none of the scopes"},
                            {"state", request.state},
                            {"iss", issuer_of(context, start.realm)}})};
    insert_code(tx, hash_of(secret), code);
    return {
        with_query(request.redirect_uri,
                   {{"code", secret}, {"state", request.state}, {"iss", issuer_of(context, start.realm)}})};
}

/// A browser has one session. Signing in again as the same person prolongs it, as another one ends it.
NewSession open_session(Context& context, const Start& start, const User& user, std::string_view old_secret) {
    const auto now = now_of(context);
    const auto max_age = context.settings.integer("SCAIKEY_SESSION_HOURS") * 3600;
    const auto new_id = "ses" + scai::crypto::random_id(21);
    const auto secret = scai::crypto::random_id(40);
    auto redirect = scai::db::in_tx(context.pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        Session session{new_id, user.id, user.tenant_id, now};
        const auto old = old_secret.empty() ? std::nullopt : find_session(tx, hash_of(old_secret), now);
        if (old && old->user_id == user.id) {
            session.id = old->id;
            renew_session(tx, session, hash_of(secret), now + max_age);
        } else {
            if (old)
                end_session(tx, old->id, now, tokens_until(now));
            insert_session(tx, session, hash_of(secret), now + max_age);
        }
        return code_redirect(context, tx, start, user, session, now);
    });
    scai::log::info("signed_in",
                    {{"user", user.id}, {"tenant", user.tenant_id}, {"client_id", start.client.client_id}});
    return {secret, max_age, std::move(redirect)};
}

Refused suspended() {
    return {403, "This account or its organisation is suspended. Ask your administrator."};
}

/// Accounts among `users` whose password this is. Without any candidate one hash is computed all the same, so
/// that the time does not tell whether an address exists.
std::vector<User> accounts_with_password(std::vector<User> users, const std::string& password) {
    static const std::string dummy = scai::crypto::hash_password("nobody has this password");
    std::erase_if(users, [](const User& user) { return user.password_hash.empty(); });
    if (users.empty()) {
        (void)scai::crypto::verify_password(password, dummy);
        return {};
    }
    std::erase_if(users, [&](const User& user) {
        return !scai::crypto::verify_password(password, user.password_hash);
    });
    return users;
}

std::string wait_text(std::int64_t seconds) {
    if (seconds < 120)
        return std::to_string(seconds) + " seconds";
    return std::to_string((seconds + 59) / 60) + " minutes";
}

Choose offer_choice(Context& context, const std::vector<User>& accounts, std::string_view browser_hash) {
    Choose out;
    out.email = accounts.front().email;
    out.choice = scai::crypto::random_id(40);
    std::vector<std::string> ids;
    for (const auto& user : accounts) {
        ids.push_back(user.id);
        out.tenants.emplace_back(user.tenant_id, user.tenant_name);
    }
    const auto expires_at = now_of(context) + choice_lifetime;
    scai::db::in_tx(context.pool, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        insert_choice(tx, hash_of(out.choice), browser_hash, ids, expires_at);
    });
    return out;
}

} // namespace

Checked check_request(Context& context, const scai::web::Request& request) {
    const auto& query = request.query;
    auto realm = realm_of(context, request);
    if (!realm)
        return PageError{404, "Unknown organisation", "There is no organisation with this address."};
    const auto client_id = value_of(query, "client_id");
    if (client_id.empty() || !storable(client_id))
        return PageError{400, "Sign-in cannot start",
                         "The application did not say who it is (client_id is missing)."};
    auto client = [&] {
        auto lease = context.pool.read(scai::db::Scope::none());
        return find_client(lease, client_id);
    }();
    if (!client)
        return PageError{400, "Sign-in cannot start", "The application is unknown (client_id)."};
    if (!client_in_realm(*client, *realm))
        return PageError{400, "Sign-in cannot start",
                         realm->tenant ? "The application does not belong to this organisation."
                                       : "This address serves platform-wide (GLOBAL) applications only."};
    const auto redirect_uri = value_of(query, "redirect_uri");
    if (redirect_uri.empty())
        return PageError{400, "Sign-in cannot start",
                         "The application did not say where to return to (redirect_uri is missing)."};
    if (std::ranges::find(client->redirect_uris, redirect_uri) == client->redirect_uris.end())
        return PageError{
            400, "Sign-in cannot start",
            "The return address (redirect_uri) is not one of those registered for this application. "
            "It must match exactly."};
    if (realm->tenant && !realm->tenant->active)
        return PageError{403, "Organisation suspended",
                         "This organisation is suspended. Ask your administrator."};
    if (!storable(value_of(query, "nonce")) || !storable(value_of(query, "state")))
        return error_redirect(context, *realm, {{"redirect_uri", redirect_uri}},
                              {"invalid_request", "state and nonce must be UTF-8 text without NUL"});
    auto checked = check_authorize(*client, query);
    if (const auto* error = std::get_if<AuthorizeError>(&checked))
        return error_redirect(context, *realm, query, *error);
    return Start{std::move(*realm), std::move(*client), std::get<AuthorizeRequest>(std::move(checked))};
}

namespace {

/// The person of the session, when the session may answer this request.
std::optional<User> user_of_session(Context& context, scai::db::Reader& db, const Start& start,
                                    const std::optional<Session>& session, std::int64_t now) {
    if (!session || start.request.prompt_login)
        return std::nullopt;
    if (start.request.max_age && now - session->auth_time > *start.request.max_age)
        return std::nullopt;
    if (start.realm.tenant && session->tenant_id != start.realm.tenant->id)
        return std::nullopt;
    auto user = find_user(db, session->user_id);
    if (!user || !user->active)
        return std::nullopt;
    if (!start.request.id_token_hint.empty() &&
        read_id_hint(context, start.request.id_token_hint).subject != user->id)
        return std::nullopt;
    return user;
}

} // namespace

std::optional<Redirect> use_session(Context& context, const Start& start, std::string_view session_secret) {
    const auto now = now_of(context);
    if (!session_secret.empty()) {
        auto lease = std::make_optional(context.pool.read(scope_of(start.realm)));
        const auto session = find_session(*lease, hash_of(session_secret), now);
        const auto user = user_of_session(context, *lease, start, session, now);
        lease.reset(); // one session per request at a time: the transaction leases its own
        if (user)
            return scai::db::in_tx(context.pool, scope_of(start.realm), [&](scai::db::Tx& tx) {
                return code_redirect(context, tx, start, *user, *session, now);
            });
    }
    if (!start.request.prompt_none)
        return std::nullopt;
    const Params echo{{"redirect_uri", start.request.redirect_uri}, {"state", start.request.state}};
    return error_redirect(context, start.realm, echo, {"login_required", "nobody is signed in"});
}

SignedIn sign_in(Context& context, const Start& start, const Params& form, std::string_view browser_hash,
                 std::string_view old_session) {
    const std::string email(scai::trim(value_of(form, "email")));
    const auto password = value_of(form, "password");
    if (email.empty() || email.size() > 320 || !storable(email))
        return Refused{400, "Enter your e-mail address."};
    if (password.empty())
        return Refused{400, "Enter your password."};
    if (password.size() > 1024)
        return Refused{400, "A password has at most 1024 characters."};
    const auto now = now_of(context);
    // The try is booked as failed before the password is looked at: tries in parallel cannot outrun the
    // limit.
    const auto wait = scai::db::in_tx(context.pool, scai::db::Scope::none(),
                                      [&](scai::db::Tx& tx) { return begin_attempt(tx, email, now); });
    if (wait > 0) {
        scai::log::warn("sign_in_throttled", {{"client_id", start.client.client_id}, {"wait", wait}});
        return Refused{429, "Too many failed attempts. Try again in " + wait_text(wait) + ".",
                       static_cast<int>(wait)};
    }
    auto users = [&] {
        auto lease = context.pool.read(scope_of(start.realm));
        return users_by_email(lease, email, max_accounts);
    }();
    auto accounts = accounts_with_password(std::move(users), password);
    if (accounts.empty()) {
        scai::log::warn("sign_in_failed", {{"client_id", start.client.client_id}});
        return Refused{403, "E-mail address or password is wrong."};
    }
    scai::db::in_tx(context.pool, scai::db::Scope::none(),
                    [&](scai::db::Tx& tx) { forget_attempts(tx, email); });
    std::erase_if(accounts, [](const User& user) { return !user.active; });
    if (accounts.empty())
        return suspended();
    if (accounts.size() == 1)
        return open_session(context, start, accounts.front(), old_session);
    return offer_choice(context, accounts, browser_hash);
}

SignedIn choose(Context& context, const Start& start, const Params& form, std::string_view browser_hash,
                std::string_view old_session) {
    const auto now = now_of(context);
    const auto wanted = value_of(form, "tenant_id");
    const auto user =
        scai::db::in_tx(context.pool, scope_of(start.realm), [&](scai::db::Tx& tx) -> std::optional<User> {
            for (const auto& id : take_choice(tx, hash_of(value_of(form, "flow")), browser_hash, now))
                if (auto found = find_user(tx, id); found && found->tenant_id == wanted)
                    return found;
            return std::nullopt;
        });
    if (!user)
        return Refused{400, "The choice took too long. Sign in again."};
    if (!user->active)
        return suspended();
    return open_session(context, start, *user, old_session);
}

std::variant<SignOut, PageError> check_sign_out(Context& context, const Realm& realm,
                                                const Params& parameters, std::string_view session_secret) {
    SignOut out;
    const auto hint = read_id_hint(context, value_of(parameters, "id_token_hint"));
    const auto named = value_of(parameters, "client_id");
    if (!named.empty() && !hint.client_id.empty() && named != hint.client_id)
        return PageError{400, "Sign-out cannot start",
                         "client_id differs from the application of id_token_hint."};
    const auto client_id = hint.client_id.empty() ? named : hint.client_id;
    auto lease = context.pool.read(scope_of(realm));
    if (const auto target = value_of(parameters, "post_logout_redirect_uri"); !target.empty()) {
        const auto client =
            client_id.empty() || !storable(client_id) ? std::nullopt : find_client(lease, client_id);
        const bool registered = client && std::ranges::find(client->post_logout_redirect_uris, target) !=
                                              client->post_logout_redirect_uris.end();
        if (!registered)
            return PageError{
                400, "Sign-out cannot start",
                "The return address (post_logout_redirect_uri) is not one of those registered for the "
                "application that id_token_hint or client_id names."};
        out.target = with_query(target, {{"state", value_of(parameters, "state")}});
    }
    if (session_secret.empty())
        return out;
    const auto session = find_session(lease, hash_of(session_secret), now_of(context));
    if (!session)
        return out;
    out.session_id = session->id;
    out.asked_by_user = hint.subject == session->user_id;
    if (const auto user = find_user(lease, session->user_id))
        out.user_email = user->email;
    return out;
}

void sign_out(Context& context, const SignOut& what) {
    const auto now = now_of(context);
    scai::db::in_tx(context.pool, scai::db::Scope::all_tenants(),
                    [&](scai::db::Tx& tx) { end_session(tx, what.session_id, now, tokens_until(now)); });
    scai::log::info("signed_out", {{"session", what.session_id}});
}

} // namespace scaikey::oauth
