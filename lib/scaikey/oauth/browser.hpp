// What the provider keeps in a browser: the session cookie, and the cookie forms are bound to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"
#include "lib/web/http.hpp"

#include <string>

namespace scaikey::oauth {

/// Under https the names carry __Host-, so that no sibling host can plant them.
class Browser {
public:
    Browser(const Context& context, const scai::web::Request& request);

    const std::string& session_secret() const { return session_; } ///< "" = none
    /// Value of the hidden form field; makes the browser's secret on first use.
    std::string csrf();
    /// Whether a posted field belongs to this browser.
    bool csrf_matches(std::string_view field) const;
    std::string id_hash() const; ///< of the browser's secret

    void keep_session(std::string secret, std::int64_t max_age);
    void drop_session();
    /// Writes Set-Cookie for what changed.
    scai::web::Response apply(scai::web::Response response) const;

private:
    std::string cookie(const std::string& name, const std::string& value, std::int64_t max_age) const;

    bool secure_;
    std::string session_name_, secret_name_;
    std::string session_, secret_;
    bool new_secret_ = false, session_changed_ = false;
    std::int64_t session_age_ = 0;
};

} // namespace scaikey::oauth
