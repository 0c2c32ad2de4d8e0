// GET /oai/v1/models: the list in OpenAI's form. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/models/models.hpp"

namespace scaigrid {

using scai::json::Value;

Result<Response> list_openai_models(Context& context, const Request& request) {
    constexpr std::int64_t all = 10'000; // that form knows no pages
    auto rows = Value::array();
    for (const auto& model : models::list(context, request.principal, {.limit = all, .key = {}}).models)
        rows.push(models::openai_view(model));
    return Response::json(Value::object({{"object", "list"}, {"data", rows}}));
}

} // namespace scaigrid
