// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/webhooks/service.hpp"

#include "lib/scaiflow/webhooks/store.hpp"

namespace scaiflow::webhooks {

using scai::UtcTime;
using scai::db::Tx;

namespace {

/// What applying an event came to, before it is put on record.
struct Effect {
    Outcome outcome = Outcome::needs_sync;
    bool reconcile = false;
};

bool live(const std::optional<Row>& row) {
    return row && !row->deleted;
}

Effect apply_user(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark) {
    const auto before = store::user(tx, event.tenant_id, event.object_id);
    Patch patch = event.patch;
    if (!before && !patch.name)
        patch.name = patch.email; // contract scaikey.md 11.3
    const Decision decision = decide(before, patch, at, watermark);
    if (decision.write)
        store::put_user(tx, event.tenant_id, event.object_id, decision.row);
    const bool half_known = decision.write && !decision.row.deleted && decision.row.email.empty();
    // Somebody new, back or under a new address may have a grant waiting, or be in an elevated group.
    return {half_known ? Outcome::needs_sync : decision.outcome, decision.appeared || decision.renamed};
}

Effect apply_group(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark) {
    const auto before = store::group(tx, event.tenant_id, event.object_id);
    const Decision decision = decide(before, event.patch, at, watermark);
    if (!decision.write)
        return {decision.outcome, false};
    store::put_group(tx, event.tenant_id, event.object_id, decision.row);
    const bool went = live(before) && decision.row.deleted;
    if (decision.row.deleted)
        store::drop_group_contents(tx, event.tenant_id, event.object_id, at);
    const bool came_back = before && decision.appeared; // with which members, only upstream knows
    const bool half_known = !decision.row.deleted && decision.row.name.empty();
    return {came_back || half_known ? Outcome::needs_sync : decision.outcome,
            went || decision.appeared || decision.renamed};
}

Effect apply_member(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark) {
    const bool removal = event.patch.deleted.value_or(false);
    const auto group = store::group(tx, event.tenant_id, event.object_id);
    if (!removal && group && group->deleted && group->upstream_at && at <= *group->upstream_at)
        return {Outcome::ignored_old, false};
    const auto before = store::membership(tx, event.tenant_id, event.object_id, event.user_id);
    const Decision decision = decide(before, event.patch, at, watermark);
    if (!decision.write)
        return {decision.outcome, false};
    store::put_membership(tx, event.tenant_id, event.object_id, event.user_id, decision.row);
    const bool dangling =
        !decision.row.deleted && (!live(group) || !live(store::user(tx, event.tenant_id, event.user_id)));
    return {dangling ? Outcome::needs_sync : decision.outcome, true};
}

Effect apply_tenant(Tx& tx, const Event& event, UtcTime at, const store::Tenant& tenant,
                    const Watermark& watermark) {
    const Decision decision = decide(tenant.row, event.patch, at, watermark);
    if (decision.write)
        store::put_tenant(tx, event.object_id, decision.row);
    return {decision.appeared ? Outcome::needs_sync : decision.outcome, false};
}

std::string tenant_of(Tx& tx, const Event& event, const Policy& policy) {
    if (!event.tenant_id.empty())
        return event.tenant_id;
    if (!policy.pinned_tenant.empty())
        return policy.pinned_tenant;
    const auto candidates =
        store::tenants_with(tx, event.kind == Kind::user ? Kind::user : Kind::group, event.object_id);
    return candidates.size() == 1 ? candidates.front() : std::string{};
}

Effect apply(Tx& tx, Event& event, const Policy& policy, UtcTime now) {
    if (!event.identified)
        return {Outcome::needs_sync, false};
    if (event.kind == Kind::application_groups)
        return {Outcome::needs_sync, true};
    event.tenant_id = tenant_of(tx, event, policy);
    if (event.tenant_id.empty())
        return {Outcome::needs_sync, false};
    // A member event changes rows of one user, whatever the group; a group's end touches anybody's.
    const std::string object = event.kind == Kind::member
                                   ? "user/" + event.user_id
                                   : (event.kind == Kind::user ? "user/" : "object/") + event.object_id;
    const bool alone = event.kind == Kind::group && event.patch.deleted == std::optional(true);
    store::lock(tx, event.tenant_id, alone, object);
    const auto tenant = store::tenant(tx, event.tenant_id);
    if (!tenant || !event.at || event.nested)
        return {Outcome::needs_sync, false};
    const UtcTime at = scai::directory::events::clamp(*event.at, now, policy.future_limit);
    const Watermark watermark{.swept_at = tenant->swept_at};
    switch (event.kind) {
    case Kind::user:
        return apply_user(tx, event, at, watermark);
    case Kind::group:
        return apply_group(tx, event, at, watermark);
    case Kind::member:
        return apply_member(tx, event, at, watermark);
    case Kind::tenant:
        return apply_tenant(tx, event, at, *tenant, watermark);
    case Kind::application_groups:
    case Kind::unknown:
        break;
    }
    return {Outcome::unknown_type, false};
}

Receipt receive_in(Tx& tx, Event event, const Policy& policy, UtcTime now) {
    const bool foreign =
        !policy.pinned_tenant.empty() && !event.tenant_id.empty() && event.tenant_id != policy.pinned_tenant;
    Receipt receipt;
    receipt.outcome = event.kind == Kind::unknown ? Outcome::unknown_type
                      : foreign                   ? Outcome::ignored_tenant
                                                  : Outcome::applied;
    // contract scaikey.md 14.5: without ids the answer is handled:false and a sync is scheduled.
    receipt.handled = receipt.outcome == Outcome::applied && event.identified;
    if (const auto answered = store::record(tx, event, receipt.handled, receipt.outcome))
        return {.handled = *answered, .outcome = Outcome::unchanged, .duplicate = true};
    if (receipt.outcome != Outcome::applied)
        return receipt;
    const std::string named_tenant = event.tenant_id;
    const Effect effect = apply(tx, event, policy, now);
    const std::string& user = event.kind == Kind::user ? event.object_id : event.user_id;
    const bool one_user = event.kind == Kind::user || event.kind == Kind::member;
    if (effect.reconcile &&
        (!one_user || roles::concerns(tx, policy.super_admin_groups, {event.tenant_id, user})))
        roles::reconcile(tx, policy.super_admin_groups,
                         {.actor = "webhook:" + event.id,
                          .why = scai::json::Value::object({{"event_id", scai::json::Value(event.id)}})});
    receipt.outcome = effect.outcome;
    if (receipt.outcome != Outcome::applied || event.tenant_id != named_tenant)
        store::settle(tx, event, receipt.handled, receipt.outcome);
    return receipt;
}

} // namespace

Receipt receive(scai::db::Pool& pool, Event event, const Policy& policy, UtcTime now) {
    return scai::db::in_tx(pool, scai::db::Scope::all_tenants(),
                           [&](Tx& tx) { return receive_in(tx, event, policy, now); });
}

} // namespace scaiflow::webhooks
