// What the endpoints for clients (token, introspect, revoke) have in common. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"
#include "lib/scaikey/oauth/model.hpp"

#include <functional>

namespace scaikey::oauth {

/// A client that proved who it is, and its form.
struct Caller {
    Realm realm;
    Client client;
    Params form;
};

/// Reads the form, authenticates the client and runs `work`. Errors have the RFC 6749 5.2 shape; browsers of
/// the client's allowed_origins may read every answer, errors included.
scai::web::Response serve_client(Context& context, const scai::web::Request& request,
                                 const std::function<scai::Result<scai::web::Response>(const Caller&)>& work);

/// Lets a browser of that origin read the answer when the client registered it.
void allow_origin(scai::web::Response& response, const scai::web::Request& request, const Client& client);

} // namespace scaikey::oauth
