// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/outbox.hpp"
#include "lib/scaivault/policies/document.hpp"
#include "lib/scaivault/policies/store.hpp"

namespace scaivault::policies {

using scai::Result;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::size_t id_length = 16;

bool is_partner(const std::string& owner) {
    return owner.starts_with("partner/");
}

/// The audit row is the tenant's where the caller stands, the policy its partner's: both in one transaction.
/// Every statement names its owner all the same.
Scope scope_of(const std::string& owner) {
    return is_partner(owner) ? Scope::all_tenants() : Scope::tenant(owner);
}

scai::Error no_such_policy(const std::string& id) {
    return not_found("policy_not_found", "there is no such policy", Value::object({{"policy_id", id}}));
}

scai::Error name_conflict(const std::string& name) {
    return conflict("name_conflict", "another policy has this name", Value::object({{"name", name}}));
}

void record(Tx& tx, const Change& change, const std::string& owner, const char* type, Value data) {
    auto entry = change.entry;
    entry.extra = Value::object();
    change.entry.extra.each_member(
        [&](std::string_view key, const Value& value) { entry.extra.set(key, value); });
    data.each_member([&](std::string_view key, const Value& value) { entry.extra.set(key, value); });
    if (is_partner(owner))
        entry.extra.set("scope", "partner");
    store::bump(tx, owner);
    audit::write(tx, entry);
    events::emit(
        tx, change.caller,
        {.type = type, .owner = owner, .path = {}, .secret_type = {}, .tags = {}, .data = std::move(data)});
}

Value named(const PolicyRow& row) {
    return Value::object({{"policy_id", row.id}, {"name", row.name}});
}

void apply(const Changes& wanted, PolicyRow& row) {
    if (wanted.name)
        row.name = *wanted.name;
    if (wanted.description)
        row.description = *wanted.description;
    if (wanted.is_active)
        row.is_active = *wanted.is_active;
    if (wanted.rules) {
        row.rules = to_json(*wanted.rules).dump();
        row.rule_count = static_cast<std::int64_t>(wanted.rules->size());
    }
}

std::vector<std::string> tenants_in_sight(scai::db::Pool& pool, const Caller& caller, bool whole_partner) {
    if (!whole_partner)
        return {caller.tenant_id};
    auto reader = pool.read(Scope::none());
    return store::tenants_of_partner(reader, caller.partner_id);
}

} // namespace

scai::Status may_manage(const Caller& caller, const std::string& owner) {
    if (is_partner(owner) && !caller.has_role("partner_admin"))
        return forbidden("policies of the partner are changed by its administrators (partner_admin) only");
    if (caller.identity_type == "user" && !caller.has_role("tenant_admin"))
        return forbidden("policies are changed by administrators (tenant_admin) only");
    return scai::Done{};
}

Result<std::string> owner_of_scope(const Caller& caller, const std::string& scope) {
    if (scope == "tenant")
        return caller.tenant_id;
    if (caller.partner_id.empty())
        return forbidden("the tenant has no partner");
    return partner_owner(caller);
}

Page list(scai::db::Pool& pool, const Caller& caller, const std::string& scope, bool inactive_too,
          const std::optional<std::pair<std::string, std::string>>& after, std::int64_t limit) {
    Page out;
    const auto take = [&](const std::string& which, const std::string& owner) {
        if ((!scope.empty() && scope != which) || (after && after->first > which) || out.next)
            return;
        const auto room = limit - static_cast<std::int64_t>(out.policies.size());
        const auto start = after && after->first == which ? after->second : std::string();
        auto reader = pool.read(Scope::tenant(owner));
        auto rows = store::page(reader, owner, inactive_too, start, room + 1);
        if (static_cast<std::int64_t>(rows.size()) > room) {
            rows.pop_back();
            const auto& last = rows.empty() ? out.policies.back() : rows.back();
            out.next = {std::string(last.scope()), last.name};
        }
        out.policies.insert(out.policies.end(), std::make_move_iterator(rows.begin()),
                            std::make_move_iterator(rows.end()));
    };
    // In the order of the words, which the cursor relies on: "partner" is smaller than "tenant".
    if (!caller.partner_id.empty())
        take("partner", partner_owner(caller));
    take("tenant", caller.tenant_id);
    return out;
}

Result<PolicyRow> find(scai::db::Pool& pool, const Caller& caller, const std::string& id) {
    auto own = [&] {
        auto reader = pool.read(Scope::tenant(caller.tenant_id));
        return store::find(reader, caller.tenant_id, id);
    }();
    if (own)
        return std::move(*own);
    if (!caller.partner_id.empty()) {
        auto reader = pool.read(Scope::tenant(partner_owner(caller)));
        if (auto shared = store::find(reader, partner_owner(caller), id))
            return std::move(*shared);
    }
    return no_such_policy(id);
}

Result<PolicyRow> create(scai::db::Pool& pool, const Change& change, const std::string& owner,
                         const Changes& wanted) {
    SCAI_TRY([[maybe_unused]] const auto allowed, may_manage(change.caller, owner));
    PolicyRow row;
    row.owner = owner;
    row.id = "pol_" + scai::crypto::random_id(id_length);
    row.created_at = row.updated_at = change.now;
    row.created_by = change.caller.identity_id;
    apply(wanted, row);
    return scai::db::in_tx(pool, scope_of(owner), [&](Tx& tx) -> Result<PolicyRow> {
        if (!store::insert(tx, row))
            return name_conflict(row.name);
        record(tx, change, owner, "policy.created", named(row));
        return row;
    });
}

Result<PolicyRow> update(scai::db::Pool& pool, const Change& change, const std::string& id,
                         const Changes& wanted) {
    SCAI_TRY(const auto there, find(pool, change.caller, id));
    SCAI_TRY([[maybe_unused]] const auto allowed, may_manage(change.caller, there.owner));
    return scai::db::in_tx(pool, scope_of(there.owner), [&](Tx& tx) -> Result<PolicyRow> {
        auto row = store::lock(tx, there.owner, id);
        if (!row)
            return no_such_policy(id);
        if (wanted.expected_revision && *wanted.expected_revision != row->revision)
            return conflict("version_conflict", "the policy was changed meanwhile: read it again",
                            Value::object({{"current_revision", row->revision}}));
        if (wanted.name && store::name_taken(tx, row->owner, id, *wanted.name))
            return name_conflict(*wanted.name);
        apply(wanted, *row);
        ++row->revision;
        row->updated_at = change.now;
        row->binding_count = there.binding_count;
        store::update(tx, *row);
        record(tx, change, row->owner, "policy.updated", named(*row));
        return std::move(*row);
    });
}

scai::Status remove(scai::db::Pool& pool, const Change& change, const std::string& id, bool force) {
    SCAI_TRY(const auto there, find(pool, change.caller, id));
    SCAI_TRY([[maybe_unused]] const auto allowed, may_manage(change.caller, there.owner));
    return scai::db::in_tx(pool, scope_of(there.owner), [&](Tx& tx) -> scai::Status {
        const auto row = store::lock(tx, there.owner, id);
        if (!row)
            return no_such_policy(id);
        const auto live = store::live_bindings(tx, row->owner, id, change.now);
        if (live > 0 && !force)
            return conflict("policy_in_use",
                            "the policy is bound: remove its bindings first, or add ?force=true",
                            Value::object({{"policy_id", id}, {"binding_count", live}}));
        store::remove(tx, row->owner, id);
        auto data = named(*row);
        data.set("removed_bindings", live);
        record(tx, change, row->owner, "policy.deleted", std::move(data));
        return scai::Done{};
    });
}

Result<std::vector<BindingRow>> bindings(scai::db::Pool& pool, const Caller& caller, const PolicyRow& policy,
                                         const std::string& after_id, std::int64_t limit) {
    const bool whole_partner = is_partner(policy.owner) && caller.has_role("partner_admin");
    const auto tenants = tenants_in_sight(pool, caller, whole_partner);
    auto reader = pool.read(scope_of(policy.owner));
    return store::bindings(reader, policy.owner, policy.id, tenants,
                           is_partner(policy.owner) && !whole_partner, after_id, limit);
}

Result<Bound> bind(scai::db::Pool& pool, const Change& change, const std::string& policy_id,
                   const identity::Name& name, std::optional<scai::UtcTime> expires_at) {
    SCAI_TRY(const auto policy, find(pool, change.caller, policy_id));
    SCAI_TRY([[maybe_unused]] const auto allowed, may_manage(change.caller, policy.owner));
    const auto where = is_partner(policy.owner) ? identity::Where::partner(change.caller.partner_id)
                                                : identity::Where::tenant(change.caller.tenant_id);
    SCAI_TRY(const auto who, identity::resolve(pool, where, name, "identity_id"));
    const BindingRow row{.id = "bnd_" + scai::crypto::random_id(id_length),
                         .policy_id = policy_id,
                         .identity_type = std::string(name_of(who.type)),
                         .identity = who.canonical,
                         .shown = who.shown,
                         .display_name = who.display_name,
                         .known = true,
                         .expires_at = expires_at,
                         .created_at = change.now,
                         .created_by = change.caller.identity_id};
    return scai::db::in_tx(pool, scope_of(policy.owner), [&](Tx& tx) -> Result<Bound> {
        if (!store::lock(tx, policy.owner, policy_id))
            return no_such_policy(policy_id);
        Bound out{.binding = row};
        std::tie(out.binding.id, out.created) = store::bind(tx, policy.owner, row);
        auto data = Value::object(
            {{"policy_id", policy_id}, {"binding_id", out.binding.id}, {"identity_id", who.canonical}});
        if (expires_at)
            data.set("expires_at", scai::to_iso8601(*expires_at));
        record(tx, change, policy.owner, "policy.binding.created", std::move(data));
        return out;
    });
}

scai::Status unbind(scai::db::Pool& pool, const Change& change, const std::string& policy_id,
                    const std::string& binding_id) {
    SCAI_TRY(const auto policy, find(pool, change.caller, policy_id));
    SCAI_TRY([[maybe_unused]] const auto allowed, may_manage(change.caller, policy.owner));
    return scai::db::in_tx(pool, scope_of(policy.owner), [&](Tx& tx) -> scai::Status {
        const auto identity = store::unbind(tx, policy.owner, policy_id, binding_id);
        if (!identity)
            return not_found("binding_not_found", "the policy has no such binding",
                             Value::object({{"policy_id", policy_id}, {"binding_id", binding_id}}));
        record(tx, change, policy.owner, "policy.binding.deleted",
               Value::object(
                   {{"policy_id", policy_id}, {"binding_id", binding_id}, {"identity_id", *identity}}));
        return scai::Done{};
    });
}

} // namespace scaivault::policies
