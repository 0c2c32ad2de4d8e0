// GET /v1/users?status=&limit=&cursor=: users something is kept about. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/scaigrid/users/users.hpp"

namespace scaigrid {

Result<Response> list_users(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, users::cursor_name, 1));
    SCAI_TRY(const auto status, query_choice(request, "status", {"active", "suspended"}));
    const auto page = users::list(context.pool, request.principal.tenant_id, status, paging);
    auto rows = scai::json::Value::array();
    for (const auto& user : page.users)
        rows.push(users::view(user));
    return ok_page(request, rows, page.next);
}

} // namespace scaigrid
