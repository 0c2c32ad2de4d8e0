// GET /v1/scaicore/events (contract scaiflow-api.md 2.10 S1). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/grid/proxy.hpp"

namespace scaiflow::scaicore_api {

scai::Result<scai::web::Response> list_events(Context& context, const scai::web::Request& request) {
    if (grid::wants_stream(request))
        return stream_events(context, request);
    SCAI_TRY(auto query, grid::events_query(request));
    return grid::forward_list(context, request, grid::events_path, query.text(), "events");
}

} // namespace scaiflow::scaicore_api
