// End session, OIDC RP-Initiated Logout 1.0. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/browser.hpp"
#include "lib/scaikey/oauth/page.hpp"
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/sign_in.hpp"

namespace scaikey {

using oauth::Params;
using scai::web::Response;

namespace {

constexpr std::string_view done_title = "Signed out";
constexpr std::string_view done_text = "You are signed out. You can close this page.";

Response leave(oauth::Browser& browser, const oauth::SignOut& what) {
    browser.drop_session();
    return browser.apply(what.target.empty() ? oauth::message_page(done_title, done_text, 200)
                                             : Response::redirect(what.target, 303));
}

/// Without proof that the application asks for the person of this session, the person is asked: anybody can
/// put a link to this URL on a page.
Answer log_out(Context& context, const scai::web::Request& request, const Params& parameters) {
    auto realm = oauth::realm_of(context, request);
    if (!realm)
        return oauth::message_page("Unknown organisation", "There is no organisation with this address.",
                                   404);
    oauth::Browser browser(context, request);
    const auto checked = oauth::check_sign_out(context, *realm, parameters, browser.session_secret());
    if (const auto* error = std::get_if<oauth::PageError>(&checked))
        return oauth::message_page(error->title, error->text, error->status);
    const auto& what = std::get<oauth::SignOut>(checked);
    if (what.session_id.empty())
        return leave(browser, what);
    const auto confirmed = parameters.find("csrf");
    if (!what.asked_by_user && (confirmed == parameters.end() || !browser.csrf_matches(confirmed->second)))
        return browser.apply(
            oauth::sign_out_page({what.user_email, browser.csrf()}, oauth::form_target(what.target)));
    oauth::sign_out(context, what);
    return leave(browser, what);
}

} // namespace

Answer get_logout(Context& context, const scai::web::Request& request) {
    auto parameters = request.query;
    parameters.erase("csrf"); // only a form confirms
    return log_out(context, request, parameters);
}

Answer post_logout(Context& context, const scai::web::Request& request) {
    // The confirmation comes back to the URL it was shown at; an application may also POST everything.
    SCAI_TRY(auto parameters, request.form());
    for (const auto& [name, value] : request.query)
        if (name != "csrf")
            parameters.emplace(name, value);
    return log_out(context, request, parameters);
}

} // namespace scaikey
