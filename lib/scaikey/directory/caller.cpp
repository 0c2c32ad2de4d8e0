// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/caller.hpp"

#include "lib/scaikey/app/errors.hpp"

#include <algorithm>

namespace scaikey {

using scai::Result;
using scai::db::Reader;
using scai::db::Scope;

namespace {

constexpr const char* tenant_ref_sql = R"(
SELECT t.id, coalesce(t.partner_id, '')
  FROM scaikey.tenants t
 WHERE t.id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* partner_tenants_sql = R"(
SELECT t.id
  FROM scaikey.tenants t
 WHERE t.partner_id = :p1 AND t.deleted_at IS NULL
 ORDER BY t.id)";

constexpr const char* partner_exists_sql = R"(
SELECT count(*)
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL)";

Result<TenantSet> tenants_of_partner(Reader& reader, const std::string& partner) {
    if (reader.one<std::int64_t>(partner_exists_sql, partner) == 0)
        return not_found("Partner");
    return TenantSet(reader.all<std::string>(partner_tenants_sql, partner));
}

} // namespace

Caller Caller::from(const scai::web::Principal& principal) {
    Caller out;
    out.reach = reach_of(principal);
    out.actor_type = principal.service ? "api" : "admin";
    out.actor_id = principal.service ? principal.client_id : principal.subject;
    out.client_id = principal.client_id;
    return out;
}

Caller Caller::system() {
    return {.reach = {Reach::Kind::platform, ""}, .actor_type = "system", .actor_id = "", .client_id = ""};
}

Scope scope_of(const Reach& reach) {
    switch (reach.kind) {
    case Reach::Kind::platform:
    case Reach::Kind::partner:
        return Scope::all_tenants();
    case Reach::Kind::tenant:
        return Scope::tenant(reach.id);
    case Reach::Kind::none:
        break;
    }
    return Scope::none();
}

bool covers(const Reach& reach, std::string_view tenant_id, std::string_view partner_id) {
    switch (reach.kind) {
    case Reach::Kind::platform:
        return true;
    case Reach::Kind::partner:
        return !partner_id.empty() && reach.id == partner_id;
    case Reach::Kind::tenant:
        return !tenant_id.empty() && reach.id == tenant_id;
    case Reach::Kind::none:
        break;
    }
    return false;
}

Result<TenantRef> find_tenant_ref(Reader& reader, const Reach& reach, std::string_view tenant_id) {
    auto row = reader.maybe<std::string, std::string>(tenant_ref_sql, tenant_id);
    if (!row || !covers(reach, std::get<0>(*row), std::get<1>(*row)))
        return not_found("Tenant");
    return TenantRef{std::get<0>(*row), std::get<1>(*row)};
}

Result<TenantSet> select_tenants(Reader& reader, const Reach& reach,
                                 const std::optional<std::string>& tenant_id,
                                 const std::optional<std::string>& partner_id) {
    TenantSet set;
    if (reach.kind == Reach::Kind::none)
        return forbidden("This token reaches no tenant");
    if (reach.kind == Reach::Kind::tenant) {
        if ((tenant_id && *tenant_id != reach.id) || partner_id)
            return forbidden("The filter is outside the reach of this token");
        return TenantSet(std::vector{reach.id});
    }
    if (reach.kind == Reach::Kind::partner && partner_id && *partner_id != reach.id)
        return forbidden("The filter is outside the reach of this token");
    if (reach.kind == Reach::Kind::partner || partner_id) {
        SCAI_TRY(set,
                 tenants_of_partner(reader, reach.kind == Reach::Kind::partner ? reach.id : *partner_id));
    }
    if (!tenant_id)
        return set;
    if (!reader.maybe<std::string, std::string>(tenant_ref_sql, *tenant_id))
        return not_found("Tenant");
    if (set && std::find(set->begin(), set->end(), *tenant_id) == set->end()) {
        if (reach.kind == Reach::Kind::partner)
            return forbidden("The filter is outside the reach of this token");
        return TenantSet(std::vector<std::string>{}); // the tenant is not one of that partner's
    }
    return TenantSet(std::vector{*tenant_id});
}

int rank_of_role(std::string_view admin_role) {
    if (admin_role == "super_admin")
        return 3;
    if (admin_role == "partner_admin")
        return 2;
    return admin_role == "tenant_admin" ? 1 : 0;
}

int rank_of(const Reach& reach) {
    switch (reach.kind) {
    case Reach::Kind::platform:
        return 3;
    case Reach::Kind::partner:
        return 2;
    case Reach::Kind::tenant:
        return 1;
    case Reach::Kind::none:
        break;
    }
    return 0;
}

} // namespace scaikey
