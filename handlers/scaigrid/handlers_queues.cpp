// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/base/strings.hpp"

namespace scaigrid {

queues::Caller queue_caller(const Request& request) {
    const auto& principal = request.principal;
    return {principal.tenant_id,
            {principal.subject.empty() ? principal.client_id : principal.subject,
             principal.service ? "service" : "user"}};
}

std::string_view verb_of(const Request& request) {
    const std::string_view path = request.path;
    return path.substr(path.rfind('/') + 1);
}

Response listing(const Request& request, std::string_view list, const queues::Listing& page) {
    return ok_page(request, scai::json::Value::array_of(page.rows),
                   page.next ? make_cursor(list, {*page.next}) : "");
}

Result<std::int64_t> position_of(const Paging& paging) {
    if (paging.key.empty())
        return 0;
    if (const auto position = scai::parse_int(paging.key.front()); position && *position >= 0)
        return *position;
    return refusal(scai::ErrorKind::bad_request, "VALIDATION_ERROR", "the cursor is none of this list");
}

} // namespace scaigrid
