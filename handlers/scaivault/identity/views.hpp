// What the endpoints of the group share: paging by number, whose tenants a caller sees, rows on the wire.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/identity/resolve.hpp"
#include "lib/scaivault/identity/store.hpp"
#include "lib/scaivault/identity/store_runs.hpp"

namespace scaivault::identity_api {

/// ?page= (from 1) and ?page_size= (1..1000, 100).
scai::Result<identity::Paging> paging_of(const scai::web::Request& request);

/// The caller's own tenant, any of his partner for a partner_admin, every one for a super_admin. 404
/// tenant_not_found, 403 tenant_access_denied.
scai::Status check_reach(Context& context, const Caller& caller, const std::string& tenant);

/// The user of the caller's tenant by id, e-mail or any other spelling.
scai::Result<identity::Identity> user_named(Context& context, const Caller& caller, const std::string& text);

scai::json::Value optional_time(const std::optional<scai::UtcTime>& time);
scai::json::Value view(const identity::PartnerRow& row);
scai::json::Value view(const identity::TenantRow& row);
scai::json::Value view(const identity::UserRow& row);
scai::json::Value view(const identity::GroupRow& row);
scai::json::Value view(const identity::MemberRow& row);
scai::json::Value view(const identity::SyncRow& row);

/// {"<name>": [...], "total": n, "page": n, "page_size": n}
template<class Row>
scai::web::Response page_of(const char* name, const identity::Paged<Row>& page,
                            const identity::Paging& paging) {
    auto rows = scai::json::Value::array();
    for (const auto& row : page.rows)
        rows.push(view(row));
    return scai::web::Response::json(scai::json::Value::object({{name, rows},
                                                                {"total", page.total},
                                                                {"page", paging.offset / paging.limit + 1},
                                                                {"page_size", paging.limit}}));
}

} // namespace scaivault::identity_api
