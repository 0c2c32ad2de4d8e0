// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/principals.hpp"

#include "lib/scaikey/app/errors.hpp"

#include <tuple>
#include <utility>

namespace scaikey::directory {

using scai::Done;
using scai::Result;
using scai::db::Pool;

namespace {

/// All tenants when `tenant` is "".
ListPage anchored_page(scai::db::Reader& reader, const PrincipalKind& kind, const std::string& tenant,
                       const Paging& paging, PageAnchors& anchors) {
    using S = std::string;
    const std::string list = std::string(kind.plural) + "|" + tenant + "|" + std::to_string(paging.per_page);
    const PageStart start = anchors.find(list, paging.page, paging.per_page);
    const auto read = [&](const char* sql, const auto&... more) {
        return reader.one<std::int64_t, std::int64_t, S, S>(sql, paging.offset(), paging.per_page,
                                                            start.version, start.id, start.skip, more...);
    };
    auto [total, version, last, rows] = tenant.empty() ? read(kind.list_all) : read(kind.list_tenant, tenant);
    if (!last.empty())
        anchors.remember(list, version, paging.page, last);
    return {total, std::move(rows)};
}

} // namespace

Result<ListPage> list_principals(Pool& pool, const Caller& by, const PrincipalKind& kind,
                                 const PrincipalFilter& filter, const Paging& paging, PageAnchors& anchors) {
    auto reader = pool.read(scope_of(by.reach));
    SCAI_TRY(const auto tenants, select_tenants(reader, by.reach, filter.tenant_id, filter.partner_id));
    if (filter.plain() && (!tenants || tenants->size() == 1))
        return anchored_page(reader, kind, tenants ? tenants->front() : "", paging, anchors);
    auto [total, rows] = reader.one<std::int64_t, std::string>(
        kind.list_filtered, tenants, filter.only, filter.search, paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get_principal(Pool& pool, const Caller& by, const PrincipalKind& kind,
                                  const std::string& id) {
    auto row = pool.read(scope_of(by.reach)).maybe<std::string, std::string, std::string>(kind.get, id);
    if (!row || !covers(by.reach, std::get<0>(*row), std::get<1>(*row)))
        return not_found(kind.what);
    return std::get<2>(std::move(*row));
}

void tenant_field(Changes& changes, const Caller& by) {
    changes.text("tenant_id", {.max = 64});
    if (by.reach.kind != Reach::Kind::tenant)
        changes.require("tenant_id");
}

std::string tenant_of(const Changes& changes, const Caller& by) {
    return changes.has("tenant_id") ? changes.member("tenant_id") : by.reach.id;
}

scai::Status tenant_exists(scai::db::Reader& reader, const Caller& by, const std::string& tenant_id) {
    if (!find_tenant_ref(reader, by.reach, tenant_id))
        return bad_field("body.tenant_id", "there is no such tenant within your reach");
    return Done{};
}

} // namespace scaikey::directory
