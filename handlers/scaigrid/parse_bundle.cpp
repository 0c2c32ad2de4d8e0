// POST /v1/modules/scaicore/cores/parse-bundle: what is in a bundle; nothing is stored.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/service.hpp"
#include "lib/web/multipart.hpp"

#include <algorithm>

namespace scaigrid {

Result<Response> parse_bundle(Context&, const Request& request) {
    const auto parts = scai::web::read_multipart(exchange_of(request).content_type, request.body);
    if (!parts)
        return bad_field("body", parts.error().message);
    const auto file = std::find_if(parts->begin(), parts->end(),
                                   [](const scai::web::Part& part) { return part.name == "file"; });
    if (file == parts->end())
        return bad_field("body.file", "is required");
    SCAI_TRY(auto parsed, cores::parse_bundle(file->data));
    return ok(request, std::move(parsed));
}

} // namespace scaigrid
