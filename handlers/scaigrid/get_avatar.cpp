// GET /v1/models/{model_id}/avatar: public, as pictures on a page are. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/store.hpp"

namespace scaigrid {

Result<Response> get_avatar(Context& context, const Request& request) {
    auto reader = context.pool.read(scai::db::Scope::all_tenants());
    auto avatar = cores::store::avatar_of_model(reader, request.param("model_id"));
    if (!avatar)
        return not_found("Avatar");
    return Response::text(std::move(avatar->bytes), avatar->content_type)
        .header("Cache-Control", "public, max-age=300")
        .header("X-Content-Type-Options", "nosniff");
}

} // namespace scaigrid
