// The HTML a person sees: sign-in, tenant choice, sign-out, errors. Works without JavaScript. Text enters a
// page only through escape(), in page.cpp. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaikey::oauth {

std::string escape(std::string_view text); ///< for element content and quoted attributes

struct SignInPage {
    std::string application;
    std::string tenant = {}; ///< "" on the platform flavour
    std::string email = {}, csrf = {};
    std::string error = {}; ///< "" = first sight
};
struct ChoicePage {
    std::string application, email, csrf, flow;
    std::vector<std::pair<std::string, std::string>> tenants; ///< id, name
};
struct SignOutPage {
    std::string email, csrf;
};

/// `form_target` is the origin the client's redirect goes to: browsers apply form-action to it as well.
scai::web::Response sign_in_page(const SignInPage& page, std::string_view form_target, int status);
scai::web::Response choice_page(const ChoicePage& page, std::string_view form_target);
scai::web::Response sign_out_page(const SignOutPage& page, std::string_view form_target);
scai::web::Response message_page(std::string_view title, std::string_view text, int status);

} // namespace scaikey::oauth
