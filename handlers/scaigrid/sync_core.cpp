// POST /v1/modules/scaicore/cores/{core_id}/publish/sync: brings the model up to date with the Core.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/group_ids.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> sync_core(Context& context, const Request& request) {
    SCAI_TRY(const auto groups, read_group_ids(request));
    SCAI_TRY(const auto core,
             cores::sync_publication(context, request.principal, request.param("core_id"), groups));
    return ok(request, cores::view(core));
}

} // namespace scaigrid
