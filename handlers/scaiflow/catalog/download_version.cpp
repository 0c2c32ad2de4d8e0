// GET /v1/catalog/{package_id}/versions/{version}/package: the .scaipkg. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/catalog/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaiflow/catalog/service.hpp"

#include <algorithm>

namespace scaiflow::catalog_api {

using scai::web::Response;

namespace {

bool has_it(std::string_view if_none_match, const std::string& etag) {
    const auto known = scai::split_list(if_none_match);
    return std::any_of(known.begin(), known.end(), [&](const std::string& tag) {
        return tag == "*" || tag == etag || tag == "W/" + etag;
    });
}

} // namespace

scai::Result<Response> download_version(Context& context, const scai::web::Request& request) {
    const auto ref = ref_of(request);
    const auto caller = flows::caller_of(request);
    auto reader = context.pool.read(flows::scope_of(caller));
    SCAI_TRY(auto stored, catalog::open_version(reader, caller, ref, request.param("version")));
    const auto etag = "\"" + stored.sha256 + "\"";
    Response response;
    // Asked again each time: who may see the package can change, its bytes cannot.
    response.header("ETag", etag).header("Cache-Control", "private, no-cache");
    if (has_it(request.header("if-none-match"), etag)) {
        response.status = 304;
        return response;
    }
    response.header("Content-Type", "application/zip")
        .header("Content-Disposition",
                "attachment; filename=\"" + ref.package_id + "-" + stored.version + ".scaipkg\"");
    response.body = std::move(stored.bytes);
    return response;
}

} // namespace scaiflow::catalog_api
