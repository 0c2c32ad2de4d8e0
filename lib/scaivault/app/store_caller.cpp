// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/store_caller.hpp"

#include "lib/base/recent.hpp"
#include "lib/base/strings.hpp"
#include "lib/db/sql.hpp"

#include <chrono>

namespace scaivault {

namespace {

// Identifiers have no comma; a list of them needs no JSON.
constexpr auto select_caller = R"(
    SELECT u.status, coalesce(u.email, ''), coalesce(u.display_name, ''), u.deleted_at IS NOT NULL,
           coalesce((SELECT string_agg(m.group_id, ',' ORDER BY m.group_id)
                       FROM scaivault.memberships m
                       JOIN scaivault.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.deleted_at IS NULL
                      WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL), ''),
           coalesce((SELECT string_agg(r.role, ',' ORDER BY r.role)
                       FROM scaivault.admin_roles r
                      WHERE r.tenant_id = :p1 AND r.user_id = :p2), ''),
           h.partner_id, coalesce(h.status, ''), h.deleted_at IS NOT NULL,
           s.partner_id, coalesce(s.status, ''), s.deleted_at IS NOT NULL,
           coalesce(t.generation, 0), coalesce(p.generation, 0),
           coalesce(u.xmin::text, '') || '/' || coalesce(s.xmin::text, '') || '/' || coalesce(t.generation, 0)::text
           || '/' || coalesce(p.generation, 0)::text
      FROM (SELECT 1) AS one
      LEFT JOIN scaivault.users u ON u.tenant_id = :p1 AND u.id = :p2
      LEFT JOIN scaivault.tenants h ON h.id = :p1
      LEFT JOIN scaivault.tenants s ON s.id = :p3
      LEFT JOIN scaivault.policy_generations t ON t.tenant_id = :p3
      LEFT JOIN scaivault.policy_generations p ON p.tenant_id = 'partner/' || coalesce(s.partner_id, :p4)
)";

constexpr char select[] = "SELECT ";
constexpr char of_one[] = R"(
  FROM (SELECT :p2::text AS callers_user, :p3::text AS partner_owner) AS x
)";
constexpr auto select_version = scai::db::joined<select, callers_version, of_one>;

std::optional<DirectoryTenant> tenant(std::optional<std::string>&& partner, std::string&& status,
                                      bool deleted) {
    if (!partner)
        return std::nullopt;
    return DirectoryTenant{
        .partner_id = std::move(*partner), .status = std::move(status), .deleted = deleted};
}

std::string name_of(const Sought& sought) {
    return sought.home_tenant + '\n' + sought.user + '\n' + sought.fallback_partner;
}

} // namespace

Lookup look_up(scai::db::Pool& pool, const Sought& sought) {
    using Text = std::string;
    using Maybe = std::optional<std::string>;
    auto [status, email, name, deleted, groups, roles, home_partner, home_status, home_deleted,
          selected_partner, selected_status, selected_deleted, tenant_policies, partner_policies, version] =
        pool.read(scai::db::Scope::tenant(sought.home_tenant))
            .one<Maybe, Text, Text, bool, Text, Text, Maybe, Text, bool, Maybe, Text, bool, std::int64_t,
                 std::int64_t, Text>(select_caller, sought.home_tenant, sought.user, sought.selected_tenant,
                                     sought.fallback_partner);
    Lookup out;
    if (status)
        out.user = DirectoryUser{.status = std::move(*status),
                                 .email = std::move(email),
                                 .display_name = std::move(name),
                                 .deleted = deleted,
                                 .groups = scai::split_list(groups),
                                 .roles = scai::split_list(roles)};
    out.home = tenant(std::move(home_partner), std::move(home_status), home_deleted);
    out.selected = tenant(std::move(selected_partner), std::move(selected_status), selected_deleted);
    out.tenant_policies = tenant_policies;
    out.partner_policies = partner_policies;
    out.version = std::move(version);
    return out;
}

struct Callers::Impl {
    static constexpr std::chrono::seconds longest{60}; ///< should a version ever fail to tell
    static constexpr std::size_t most = 8192;

    explicit Impl(scai::db::Pool& from) : pool(from) {}

    scai::db::Pool& pool;
    scai::Recent<Known> known{most, longest};
};

Callers::Callers(scai::db::Pool& pool) : impl_(std::make_unique<Impl>(pool)) {}
Callers::~Callers() = default;

std::shared_ptr<const Known> Callers::remembered(const Sought& sought) {
    if (!sought.at_home())
        return nullptr;
    return impl_->known.find(name_of(sought), std::chrono::steady_clock::now());
}

std::shared_ptr<const Known> Callers::find(Sought sought) {
    const auto now = std::chrono::steady_clock::now();
    if (auto known = remembered(sought)) {
        const auto version =
            impl_->pool.read(scai::db::Scope::tenant(sought.home_tenant))
                .one<std::string>(select_version, sought.home_tenant, sought.user, known->partner_owner);
        if (version == known->lookup.version)
            return known;
    }
    Known fresh{.sought = std::move(sought), .lookup = {}, .partner_owner = {}};
    fresh.lookup = look_up(impl_->pool, fresh.sought);
    const auto& selected = fresh.lookup.selected;
    fresh.partner_owner = "partner/" + (selected ? selected->partner_id : fresh.sought.fallback_partner);
    auto known = std::make_shared<const Known>(std::move(fresh));
    if (known->sought.at_home())
        impl_->known.keep(name_of(known->sought), known, now);
    return known;
}

} // namespace scaivault
