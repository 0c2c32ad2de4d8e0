// POST /v1/modules/scaicore/cores: JSON fields or a YAML manifest. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> create_core(Context& context, const Request& request) {
    SCAI_TRY(const auto draft, cores::read_draft(exchange_of(request).content_type, request.body));
    SCAI_TRY(const auto core, cores::create(context, request.principal, draft));
    return ok(request, cores::view(core), 201);
}

} // namespace scaigrid
