// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/reach.hpp"

#include "lib/scaivault/policies/store.hpp"

#include <algorithm>
#include <map>

namespace scaivault::policies {

namespace {

constexpr std::string_view user_prefix = "user:";
constexpr std::string_view group_prefix = "group:";

using ByIdentity = std::map<std::string, std::vector<Grantee>>;

ByIdentity grantees(Evaluator& evaluator, const Caller& caller, const std::string& path,
                    Permission permission) {
    ByIdentity out;
    const auto now = evaluator.clock().now();
    const auto add = [&](const std::string& owner, std::int64_t generation) {
        for (auto& grantee : evaluator.set(owner, generation)->who_can(path, permission, now))
            out[grantee.identity].push_back(std::move(grantee));
    };
    add(caller.tenant_id, caller.tenant_policies);
    if (caller.partner_policies != 0)
        add(partner_owner(caller), caller.partner_policies);
    return out;
}

std::string type_of(const std::string& identity) {
    if (identity.starts_with(user_prefix))
        return "user";
    if (identity.starts_with(group_prefix))
        return "group";
    return identity.starts_with("sa:") ? "service_account" : "system";
}

std::vector<std::string> ids_with(const ByIdentity& grantees, std::string_view prefix) {
    std::vector<std::string> out;
    for (const auto& [identity, through] : grantees)
        if (identity.starts_with(prefix))
            out.push_back(identity.substr(prefix.size()));
    return out;
}

} // namespace

ReachPage who_can(Evaluator& evaluator, scai::db::Pool& pool, const Caller& caller, const std::string& path,
                  Permission permission, const std::string& after, std::size_t limit) {
    const auto all = grantees(evaluator, caller, path, permission);
    const auto groups = ids_with(all, group_prefix);
    auto reader = pool.read(scai::db::Scope::tenant(caller.tenant_id));
    std::map<std::string, std::string> names; // of the groups that are there: others have nobody behind them
    if (!groups.empty())
        for (auto& [id, name] : store::group_names(reader, caller.tenant_id, groups))
            names.emplace(id, std::move(name));

    ReachPage page;
    // "user:" sorts behind every other kind: they come first, from memory.
    for (const auto& [identity, through] : all) {
        if (identity <= after || identity.starts_with(user_prefix))
            continue;
        Reached reached{.identity_type = type_of(identity),
                        .identity = identity,
                        .shown = identity,
                        .display_name = {},
                        .status = "ACTIVE",
                        .through = through};
        if (reached.identity_type == "group") {
            const auto found = names.find(identity.substr(group_prefix.size()));
            if (found == names.end())
                continue; // of another tenant of the partner, or gone
            reached.display_name = found->second;
            reached.shown = found->second.empty() ? identity : "group:" + found->second;
        }
        if (page.reached.size() == limit) {
            page.more = true;
            return page;
        }
        page.reached.push_back(std::move(reached));
    }
    const auto users = ids_with(all, user_prefix);
    if (users.empty() && names.empty())
        return page;
    std::vector<std::string> live_groups;
    live_groups.reserve(names.size());
    for (const auto& [id, name] : names)
        live_groups.push_back(id);
    const auto start = after.starts_with(user_prefix) ? after.substr(user_prefix.size()) : std::string();
    const auto room = limit - page.reached.size();
    for (auto& person : store::people(reader, caller.tenant_id, users, live_groups, start,
                                      static_cast<std::int64_t>(room) + 1)) {
        if (page.reached.size() == limit) {
            page.more = true;
            break;
        }
        Reached reached{.identity_type = "user",
                        .identity = std::string(user_prefix) + person.id,
                        .shown = std::string(user_prefix) + (person.email.empty() ? person.id : person.email),
                        .display_name = std::move(person.display_name),
                        .status = std::move(person.status),
                        .through = {}};
        const auto take = [&](const std::string& identity) {
            if (const auto found = all.find(identity); found != all.end())
                reached.through.insert(reached.through.end(), found->second.begin(), found->second.end());
        };
        take(reached.identity);
        for (const auto& group : person.groups)
            take(std::string(group_prefix) + group);
        page.reached.push_back(std::move(reached));
    }
    return page;
}

} // namespace scaivault::policies
