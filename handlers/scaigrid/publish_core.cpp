// POST /v1/modules/scaicore/cores/{core_id}/publish: the Core as a model. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/group_ids.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> publish_core(Context& context, const Request& request) {
    SCAI_TRY(const auto groups, read_group_ids(request));
    SCAI_TRY(const auto core, cores::publish(context, request.principal, request.param("core_id"),
                                             groups.value_or(std::vector<std::string>())));
    return ok(request, cores::view(core));
}

} // namespace scaigrid
