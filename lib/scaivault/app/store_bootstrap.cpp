// SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/bootstrap.hpp"

namespace scaivault::bootstrap {

namespace {

constexpr auto insert_grant = R"(
    INSERT INTO scaivault.bootstrap_grants (identity, tenant_id) VALUES (:p1, :p2)
    ON CONFLICT (identity, tenant_id) DO NOTHING
)";

constexpr auto apply_grant = R"(SELECT scaivault.apply_bootstrap(:p1, :p2))";

constexpr auto select_grants = R"(
    SELECT identity, tenant_id, state, coalesce(user_id, ''), coalesce(user_tenant_id, ''),
           (extract(epoch FROM created_at) * 1000000)::bigint,
           (extract(epoch FROM granted_at) * 1000000)::bigint
      FROM scaivault.bootstrap_grants ORDER BY created_at, identity
)";

constexpr const char* who = "BOOTSTRAP_SUPER_ADMIN";
constexpr const char* where = "BOOTSTRAP_TENANT";

scai::UtcTime time_of(std::int64_t microseconds) {
    return scai::UtcTime(std::chrono::microseconds(microseconds));
}

} // namespace

void remember(scai::db::Pool& pool, const scai::config::Settings& settings) {
    if (!settings.has(who))
        return;
    scai::db::in_tx(pool, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        tx.run(insert_grant, settings.text(who), settings.text(where));
    });
}

bool wanted(const scai::config::Settings& settings, const Caller& caller) {
    if (!settings.has(who) || caller.identity_type != "user" || caller.has_role("super_admin"))
        return false;
    if (settings.has(where) && settings.text(where) != caller.home_tenant_id)
        return false; // a grant that waits since before the tenant was named, too
    const auto named = settings.text(who);
    return named == caller.identity || scai::iequals(named, caller.identity_id);
}

bool apply(scai::db::Pool& pool, const scai::config::Settings& settings, const Caller& caller) {
    if (!wanted(settings, caller))
        return false;
    constexpr std::size_t prefix = 5; // "user:"
    return scai::db::in_tx(pool, scai::db::Scope::tenant(caller.home_tenant_id), [&](scai::db::Tx& tx) {
        return tx.one<std::string>(apply_grant, caller.home_tenant_id, caller.identity.substr(prefix)) ==
               "granted";
    });
}

std::vector<Grant> list(scai::db::Pool& pool) {
    using Text = std::string;
    std::vector<Grant> out;
    for (auto& [identity, tenant, state, user, user_tenant, created, granted] :
         pool.read(scai::db::Scope::none())
             .all<Text, Text, Text, Text, Text, std::int64_t, std::optional<std::int64_t>>(select_grants))
        out.push_back({.identity = identity,
                       .tenant_id = tenant,
                       .state = state,
                       .user_id = user,
                       .user_tenant_id = user_tenant,
                       .created_at = time_of(created),
                       .granted_at = granted ? std::optional(time_of(*granted)) : std::nullopt});
    return out;
}

std::string next_step(const Grant& grant, const scai::config::Settings& settings) {
    if (grant.state != "granted" &&
        (grant.identity != settings.text(who) || grant.tenant_id != settings.text(where)))
        return "not asked for any more: BOOTSTRAP_SUPER_ADMIN and BOOTSTRAP_TENANT name another one";
    if (grant.state != "granted" && !grant.identity.starts_with("user:"))
        return "BOOTSTRAP_SUPER_ADMIN must be user:<e-mail address> or user:<id>";
    if (grant.state == "ambiguous")
        return "several tenants have a user of this address: set BOOTSTRAP_TENANT";
    if (grant.state == "pending")
        return "the user must be in the identity cache (scaivault-job-identity-sync) and sign in";
    return {};
}

} // namespace scaivault::bootstrap
