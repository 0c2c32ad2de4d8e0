// Authorization endpoint, RFC 6749 3.1. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/browser.hpp"
#include "lib/scaikey/oauth/page.hpp"
#include "lib/scaikey/oauth/sign_in.hpp"

namespace scaikey {

Answer get_authorize(Context& context, const scai::web::Request& request) {
    const auto checked = oauth::check_request(context, request);
    if (const auto* error = std::get_if<oauth::PageError>(&checked))
        return oauth::message_page(error->title, error->text, error->status);
    if (const auto* redirect = std::get_if<oauth::Redirect>(&checked))
        return scai::web::Response::redirect(redirect->url);
    const auto& start = std::get<oauth::Start>(checked);
    oauth::Browser browser(context, request);
    if (const auto redirect = oauth::use_session(context, start, browser.session_secret()))
        return scai::web::Response::redirect(redirect->url);
    const oauth::SignInPage page{start.client.name, start.realm.tenant ? start.realm.tenant->name : "",
                                 start.request.login_hint, browser.csrf(), ""};
    return browser.apply(oauth::sign_in_page(page, oauth::form_target(start.request.redirect_uri), 200));
}

} // namespace scaikey
