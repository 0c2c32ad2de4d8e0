// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

/// Of a group of the selected tenant, by id or name.
scai::Result<scai::web::Response> list_members(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto paging, paging_of(request));
    SCAI_TRY(const auto name,
             identity::parse_name(request.param("group_id"), identity::Type::group, "group_id"));
    SCAI_TRY(const auto group,
             identity::resolve(context.pool, identity::Where::tenant(caller.tenant_id), name, "group_id"));
    auto reader = context.pool.read(scai::db::Scope::tenant(caller.tenant_id));
    return page_of("members", identity::store::members(reader, caller.tenant_id, group.id, paging), paging);
}

} // namespace scaivault::identity_api
