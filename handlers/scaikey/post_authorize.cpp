// The sign-in form comes back to the URL it was shown at. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaikey/oauth/browser.hpp"
#include "lib/scaikey/oauth/page.hpp"
#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/sign_in.hpp"

namespace scaikey {

using oauth::Params;
using oauth::value_of;
using scai::web::Response;

namespace {

/// OIDC Core 3.1.2.1 lets clients POST the request itself: it goes on as the GET it could have been.
Response as_get(Context& context, const scai::web::Request& request, const Params& form) {
    std::string url = context.base_url + "/api" + request.path;
    char separator = '?';
    for (const auto& [name, value] : form) {
        url += separator + scai::percent_encode(name) + "=" + scai::percent_encode(value);
        separator = '&';
    }
    return Response::redirect(url, 303);
}

Response show_again(oauth::Browser& browser, const oauth::Start& start, const Params& form,
                    const oauth::Refused& refused) {
    const oauth::SignInPage page{start.client.name, start.realm.tenant ? start.realm.tenant->name : "",
                                 value_of(form, "email"), browser.csrf(), refused.text};
    auto response = oauth::sign_in_page(page, oauth::form_target(start.request.redirect_uri), refused.status);
    if (refused.retry_after > 0)
        response.header("Retry-After", std::to_string(refused.retry_after));
    return browser.apply(std::move(response));
}

} // namespace

Answer post_authorize(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto form, request.form());
    if (request.raw_query.empty() && form.contains("client_id"))
        return as_get(context, request, form);
    const auto checked = oauth::check_request(context, request);
    if (const auto* error = std::get_if<oauth::PageError>(&checked))
        return oauth::message_page(error->title, error->text, error->status);
    if (const auto* redirect = std::get_if<oauth::Redirect>(&checked))
        return Response::redirect(redirect->url, 303);
    const auto& start = std::get<oauth::Start>(checked);
    oauth::Browser browser(context, request);
    const auto site = request.header("sec-fetch-site");
    if (!browser.csrf_matches(value_of(form, "csrf")) || site == "cross-site" || site == "same-site")
        return show_again(browser, start, form,
                          {400, "The page was too old, or your browser refuses cookies. Try again."});
    auto outcome = form.contains("flow")
                       ? oauth::choose(context, start, form, browser.id_hash(), browser.session_secret())
                       : oauth::sign_in(context, start, form, browser.id_hash(), browser.session_secret());
    if (const auto* refused = std::get_if<oauth::Refused>(&outcome))
        return show_again(browser, start, form, *refused);
    if (const auto* choose = std::get_if<oauth::Choose>(&outcome))
        return browser.apply(oauth::choice_page(
            {start.client.name, choose->email, browser.csrf(), choose->choice, choose->tenants},
            oauth::form_target(start.request.redirect_uri)));
    auto& session = std::get<oauth::NewSession>(outcome);
    browser.keep_session(std::move(session.secret), session.max_age);
    return browser.apply(Response::redirect(session.redirect.url, 303));
}

} // namespace scaikey
