// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/store_principal.hpp"

#include "lib/base/coalescer.hpp"
#include "lib/base/recent.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <unordered_map>

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

// The array comes by a subselect, here and wherever requests share a statement: the planner, which would look
// at its length, finds no plan of a single call cheaper then, and stops planning each anew.
constexpr auto select_versions = R"(
    SELECT u.id, u.xmin, (SELECT t.xmin FROM scaiflow.tenants t WHERE t.id = :p1)
      FROM unnest((SELECT :p2::text[])) AS x(id)
      JOIN scaiflow.users u ON u.tenant_id = :p1 AND u.id = x.id
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

using Versions = scai::Coalescer<std::string, std::optional<UserVersion>>;

Versions::Answers versions(scai::db::Pool& pool, const std::string& tenant,
                           const std::vector<std::string>& users) {
    std::unordered_map<std::string, UserVersion> found;
    auto lease = pool.read(scai::db::Scope::tenant(tenant));
    for (auto& [user, of_user, of_tenant] :
         lease.all<std::string, std::string, std::optional<std::string>>(select_versions, tenant, users))
        found.emplace(std::move(user),
                      UserVersion{.user = std::move(of_user), .tenant = std::move(of_tenant)});
    Versions::Answers out;
    out.reserve(users.size());
    for (const auto& user : users) {
        const auto known = found.find(user);
        out.push_back(known == found.end() ? std::nullopt : std::optional(known->second));
    }
    return out;
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
    Versions current{[this](const std::string& tenant, const std::vector<std::string>& asked) {
        return versions(pool, tenant, asked);
    }};
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
    if (known) {
        const auto current = impl_->current.ask(tenant, user);
        if (!current)
            return nullptr;
        if (*current == known->version)
            return known;
    }
    auto fresh = find_principal(impl_->pool, tenant, user);
    if (!fresh)
        return nullptr;
    known = std::make_shared<const MirroredUser>(std::move(*fresh));
    impl_->users.keep(key, known, now);
    return known;
}

} // namespace scaiflow
