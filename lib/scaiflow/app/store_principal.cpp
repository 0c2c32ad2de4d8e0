// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/store_principal.hpp"

#include "lib/base/recent.hpp"
#include "lib/json/value.hpp"

#include <chrono>

namespace scaiflow {

namespace {

// A tenant that is suspended or deleted takes its users with it.
constexpr auto select_principal = R"(
    SELECT u.xmin::text, t.xmin::text, u.email, u.display_name,
           CASE WHEN upper(t.status) <> 'ACTIVE' THEN 'TENANT_' || t.status ELSE u.status END,
           u.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL, coalesce(u.admin_role, ''),
           coalesce(u.admin_role_source, ''),
           coalesce((SELECT array_to_json(array_agg(m.group_id ORDER BY m.group_id))::text
                       FROM scaiflow.memberships m
                      WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL), '')
      FROM scaiflow.users u LEFT JOIN scaiflow.tenants t ON t.id = :p1
     WHERE u.tenant_id = :p1 AND u.id = :p2
)";

constexpr auto select_version = R"(
    SELECT u.xmin, (SELECT t.xmin FROM scaiflow.tenants t WHERE t.id = :p1)
      FROM scaiflow.users u
     WHERE u.tenant_id = :p1 AND u.id = :p2
)";

std::optional<MirroredUser> read(scai::db::ReadLease& lease, std::string_view tenant, std::string_view user) {
    using Text = std::string;
    auto row = lease.maybe<Text, std::optional<Text>, Text, Text, Text, bool, Text, Text, Text>(
        select_principal, tenant, user);
    if (!row)
        return std::nullopt;
    auto& [user_version, tenant_version, email, display_name, status, deleted, role, source, groups] = *row;
    MirroredUser out{.email = std::move(email),
                     .display_name = std::move(display_name),
                     .status = std::move(status),
                     .deleted = deleted,
                     .admin_role = std::move(role),
                     .admin_role_source = std::move(source),
                     .groups = {},
                     .version = {.user = std::move(user_version), .tenant = std::move(tenant_version)}};
    if (!groups.empty())
        if (const auto list = scai::json::parse(groups))
            list->each_item([&](const scai::json::Value& id) { out.groups.push_back(id.text_or("")); });
    return out;
}

std::string key_of(const std::string& tenant, const std::string& user) {
    return tenant + '\n' + user;
}

std::optional<UserVersion> version(scai::db::ReadLease& lease, std::string_view tenant,
                                   std::string_view user) {
    auto row = lease.maybe<std::string, std::optional<std::string>>(select_version, tenant, user);
    if (!row)
        return std::nullopt;
    return UserVersion{.user = std::move(std::get<0>(*row)), .tenant = std::move(std::get<1>(*row))};
}

} // namespace

std::optional<MirroredUser> find_principal(scai::db::Pool& pool, std::string_view tenant,
                                           std::string_view user) {
    auto lease = pool.read(scai::db::Scope::tenant(tenant));
    return read(lease, tenant, user);
}

struct Principals::Impl {
    static constexpr std::chrono::seconds longest{60}; ///< should a version ever fail to tell
    static constexpr std::size_t most = 10240;

    explicit Impl(scai::db::Pool& from) : pool(from) {}

    scai::db::Pool& pool;
    scai::Recent<MirroredUser> users{most, longest};
};

Principals::Principals(scai::db::Pool& pool) : impl_(std::make_unique<Impl>(pool)) {}
Principals::~Principals() = default;

std::shared_ptr<const MirroredUser> Principals::remembered(const std::string& tenant,
                                                           const std::string& user) {
    return impl_->users.find(key_of(tenant, user), std::chrono::steady_clock::now());
}

std::shared_ptr<const MirroredUser> Principals::find(const std::string& tenant, const std::string& user) {
    const std::string key = key_of(tenant, user);
    const auto now = std::chrono::steady_clock::now();
    auto known = impl_->users.find(key, now);
    auto lease = impl_->pool.read(scai::db::Scope::tenant(tenant));
    if (known) {
        const auto current = version(lease, tenant, user);
        if (!current)
            return nullptr;
        if (*current == known->version)
            return known;
    }
    auto fresh = read(lease, tenant, user);
    if (!fresh)
        return nullptr;
    known = std::make_shared<const MirroredUser>(std::move(*fresh));
    impl_->users.keep(key, known, now);
    return known;
}

} // namespace scaiflow
