// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/context.hpp"

#include <utility>

namespace scaikey {

using scai::web::ErasedRoute;

namespace {

scai::Result<scai::web::Response> redirect_to_slash(const scai::web::Request& request) {
    std::string url = request.base_url + "/api" + request.path + "/";
    if (!request.raw_query.empty())
        url += "?" + request.raw_query;
    scai::web::Response response;
    response.status = 307;
    response.header("Location", std::move(url));
    return response;
}

} // namespace

std::vector<ErasedRoute> with_slash_redirects(std::vector<ErasedRoute> routes) {
    const std::size_t count = routes.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (!routes[i].pattern.ends_with('/') || routes[i].pattern.size() < 2)
            continue;
        // Open: the redirect says nothing that the path did not say already, and its target asks for the
        // token.
        ErasedRoute twin{routes[i].method, routes[i].pattern.substr(0, routes[i].pattern.size() - 1),
                         scai::web::Access::open(), routes[i].max_body, redirect_to_slash};
        routes.push_back(std::move(twin));
    }
    return routes;
}

} // namespace scaikey
