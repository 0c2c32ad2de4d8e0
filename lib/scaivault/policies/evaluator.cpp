// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/evaluator.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/policies/document.hpp"
#include "lib/scaivault/policies/store_sets.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

namespace scaivault::policies {

namespace {

using SetPtr = std::shared_ptr<const PolicySet>; // shared: a request goes on with the set it began with

struct Compiled {
    std::int64_t generation;
    SetPtr set;
    std::size_t weight;
};

Compiled compile(store::SetRows rows, const std::string& owner) {
    std::vector<Policy> policies;
    policies.reserve(rows.policies.size());
    std::size_t weight = rows.bindings.size() + 1;
    for (auto& row : rows.policies) {
        const auto json = scai::json::parse(row.rules);
        auto rules = json ? parse_rules(*json, "rules") : scai::Result<std::vector<Rule>>(json.error());
        if (!rules) // fail closed: what cannot be read gives nothing
            scai::log::error("policy_unreadable", {{"owner", owner}, {"policy_id", row.id}});
        policies.push_back({std::move(row.id), std::move(row.name), row.active && rules,
                            rules ? std::move(rules).value() : std::vector<Rule>{}});
        weight += policies.back().rules.size();
    }
    return {rows.generation, std::make_shared<const PolicySet>(std::move(policies), std::move(rows.bindings)),
            weight};
}

/// How far a denial got; the decision that got further tells the reason.
int progress(const Decision& decision) {
    constexpr std::array<std::string_view, 4> order{"no_policy_bound", "no_rule_matches",
                                                    "permission_missing", "condition_failed"};
    const auto found = std::find(order.begin(), order.end(), decision.reason);
    return static_cast<int>(found - order.begin());
}

/// The tenant's decision and its partner's as one.
Decision united(Decision tenant, Decision partner) {
    auto trace = std::move(tenant.trace);
    trace.insert(trace.end(), std::make_move_iterator(partner.trace.begin()),
                 std::make_move_iterator(partner.trace.end()));
    const bool take_partner = !tenant.allowed && (partner.allowed || progress(partner) > progress(tenant));
    Decision out = take_partner ? std::move(partner) : std::move(tenant);
    out.trace = std::move(trace);
    return out;
}

/// An exchanged token may be narrowed to some paths; what no policy allows it does not give either.
bool within_token(const Caller& caller, std::string_view path) {
    const auto fits = [&](const std::string& text) {
        const auto pattern = Pattern::parse(text);
        return pattern && pattern->matches(path);
    };
    return caller.allowed_paths.empty() ||
           std::any_of(caller.allowed_paths.begin(), caller.allowed_paths.end(), fits);
}

Decision outside_token() {
    Decision out;
    out.reason = "outside_token";
    return out;
}

} // namespace

struct Evaluator::Impl {
    struct Entry {
        std::int64_t generation = 0;
        SetPtr set;
        std::size_t weight = 0;
        std::uint64_t used = 0;
        bool loading = false;
        int waiting = 0;
    };

    Impl(scai::db::Pool& given_pool, const scai::Clock& given_clock, std::size_t max)
        : pool(given_pool), clock(given_clock), max_weight(max) {}

    SetPtr get(const std::string& owner, std::int64_t generation) {
        if (generation <= 0)
            return nothing;
        std::unique_lock lock(mutex);
        for (;;) {
            auto& entry = entries[owner];
            entry.used = ++uses;
            if (entry.set && entry.generation >= generation)
                return entry.set;
            if (!entry.loading)
                return load(lock, owner, generation);
            ++entry.waiting;
            loaded.wait(lock, [&] { return !entries[owner].loading; });
            --entries[owner].waiting;
        }
    }

    SetPtr load(std::unique_lock<std::mutex>& lock, const std::string& owner, std::int64_t generation) {
        entries[owner].loading = true;
        lock.unlock();
        std::optional<Compiled> made;
        try {
            auto reader = pool.read(scai::db::Scope::tenant(owner));
            made = compile(store::set_rows(reader, owner), owner);
        } catch (...) {
            lock.lock();
            entries[owner].loading = false;
            loaded.notify_all();
            throw;
        }
        lock.lock();
        auto& entry = entries[owner];
        entry.loading = false;
        entry.generation = made->generation;
        entry.set = made->set;
        weight += made->weight;
        weight -= entry.weight;
        entry.weight = made->weight;
        trim(owner);
        loaded.notify_all();
        if (made->generation < generation) // a server that lags behind must not decide
            throw scai::db::Unavailable("", "policies of an owner");
        return made->set;
    }

    void trim(const std::string& keep) {
        while (weight > max_weight) {
            auto oldest = entries.end();
            for (auto it = entries.begin(); it != entries.end(); ++it)
                if (it->first != keep && !it->second.loading && it->second.waiting == 0 &&
                    (oldest == entries.end() || it->second.used < oldest->second.used))
                    oldest = it;
            if (oldest == entries.end())
                return;
            weight -= oldest->second.weight;
            entries.erase(oldest);
        }
    }

    scai::db::Pool& pool;
    const scai::Clock& clock;
    const std::size_t max_weight;
    const SetPtr nothing = std::make_shared<const PolicySet>(std::vector<Policy>{}, std::vector<Binding>{});
    mutable std::mutex mutex;
    std::condition_variable loaded;
    std::unordered_map<std::string, Entry> entries;
    std::size_t weight = 0;
    std::uint64_t uses = 0;
};

Evaluator::Evaluator(scai::db::Pool& pool, const scai::Clock& clock, std::size_t max_weight)
    : impl_(std::make_unique<Impl>(pool, clock, max_weight)) {}
Evaluator::~Evaluator() = default;

std::shared_ptr<const PolicySet> Evaluator::set(const std::string& owner, std::int64_t generation) {
    return impl_->get(owner, generation);
}

const scai::Clock& Evaluator::clock() const {
    return impl_->clock;
}

std::size_t Evaluator::owners() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->entries.size();
}

Decision Evaluator::decide(const Caller& caller, std::string_view path, Permission permission) {
    if (!within_token(caller, path))
        return outside_token();
    const Query query{.identities = caller.identities(),
                      .path = std::string(path),
                      .permission = permission,
                      .context = caller.context(impl_->clock.now())};
    auto tenant = set(caller.tenant_id, caller.tenant_policies)->decide(query);
    if (tenant.allowed || caller.partner_policies == 0)
        return tenant;
    return united(std::move(tenant), set(partner_owner(caller), caller.partner_policies)->decide(query));
}

Decision Evaluator::explain(const Caller& where, const Query& query) {
    auto tenant = set(where.tenant_id, where.tenant_policies)->explain(query);
    if (where.partner_policies == 0)
        return tenant;
    return united(std::move(tenant), set(partner_owner(where), where.partner_policies)->explain(query));
}

} // namespace scaivault::policies
