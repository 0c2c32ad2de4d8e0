// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/subscriptions/access.hpp"

#include "lib/scaivault/subscriptions/store.hpp"

#include <algorithm>

namespace scaivault::subscriptions {

bool paths_fit(const std::vector<policies::Pattern>& patterns, std::string_view path) {
    if (path.empty())
        return false;
    const auto segments = policies::segments_of(path);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const policies::Pattern& pattern) { return pattern.matches(segments); });
}

std::vector<policies::Pattern> compile(const std::vector<std::string>& paths) {
    std::vector<policies::Pattern> out;
    for (const auto& path : paths)
        if (auto pattern = policies::Pattern::parse(path))
            out.push_back(std::move(*pattern));
    return out;
}

bool may_hear(policies::Evaluator& evaluator, const Caller& caller, const std::string& path) {
    return evaluator.decide(caller, path, policies::Permission::list).allowed ||
           evaluator.decide(caller, path, policies::Permission::read).allowed;
}

Access::Access(policies::Evaluator& evaluator) : evaluator_(evaluator) {}

const Access::Subscriber& Access::subscriber(scai::db::Reader& reader, const std::string& tenant_id,
                                             const std::string& subscription_id) {
    const auto [found, is_new] = subscribers_.try_emplace(tenant_id + "/" + subscription_id);
    auto& out = found->second;
    if (!is_new)
        return out;
    if (auto owner = store::find_owner(reader, tenant_id, subscription_id)) {
        out.known = true;
        out.patterns = compile(owner->paths);
        out.caller = std::move(owner->caller);
    }
    return out;
}

bool Access::may_see(scai::db::Reader& reader, const std::string& tenant_id,
                     const std::string& subscription_id, const events::Row& event) {
    const auto& who = subscriber(reader, tenant_id, subscription_id);
    return who.known && paths_fit(who.patterns, event.path) && may_hear(evaluator_, who.caller, event.path);
}

} // namespace scaivault::subscriptions
