// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/receive.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/identity/store_events.hpp"
#include "lib/scaivault/identity/store_runs.hpp"
#include "lib/scaivault/identity/store_sync.hpp"

namespace scaivault::identity {

using scai::UtcTime;
using scai::db::Tx;
using scai::directory::events::Decision;
using scai::directory::events::Event;
using scai::directory::events::Kind;
using scai::directory::events::Outcome;
using scai::directory::events::Row;
using scai::directory::events::Watermark;

namespace {

bool live(const std::optional<Row>& row) {
    return row && !row->deleted;
}

Outcome apply_user(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark) {
    const auto before = store::user(tx, event.tenant_id, event.object_id);
    auto patch = event.patch;
    if (!before && !patch.name)
        patch.name = patch.email;
    const auto decision = decide(before, patch, at, watermark);
    if (decision.write)
        store::put_user(tx, event.tenant_id, event.object_id, decision.row);
    const bool half_known = decision.write && !decision.row.deleted && decision.row.email.empty();
    return half_known ? Outcome::needs_sync : decision.outcome;
}

Outcome apply_group(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark) {
    const auto before = store::group(tx, event.tenant_id, event.object_id);
    const auto decision = decide(before, event.patch, at, watermark);
    if (!decision.write)
        return decision.outcome;
    store::put_group(tx, event.tenant_id, event.object_id, decision.row);
    if (decision.row.deleted)
        store::drop_members(tx, event.tenant_id, event.object_id, at);
    const bool came_back = before && decision.appeared; // with which members, only upstream knows
    const bool half_known = !decision.row.deleted && decision.row.name.empty();
    return came_back || half_known ? Outcome::needs_sync : decision.outcome;
}

Outcome apply_member(Tx& tx, const Event& event, UtcTime at, const Watermark& watermark, bool nested) {
    const bool removal = event.patch.deleted.value_or(false);
    const auto group = store::group(tx, event.tenant_id, event.object_id);
    if (!removal && group && group->deleted && group->upstream_at && at <= *group->upstream_at)
        return Outcome::ignored_old;
    const auto before = store::membership(tx, event.tenant_id, event.object_id, event.user_id);
    const auto decision = decide(before, event.patch, at, watermark);
    if (!decision.write)
        return decision.outcome;
    store::put_membership(tx, event.tenant_id, event.object_id, event.user_id, decision.row);
    const bool dangling =
        !decision.row.deleted && (!live(group) || !live(store::user(tx, event.tenant_id, event.user_id)));
    // Groups above this one gain or lose the member too: that is worked out by a sync.
    return dangling || nested ? Outcome::needs_sync : decision.outcome;
}

Outcome apply(Tx& tx, const Event& event, UtcTime now, std::chrono::seconds future_limit) {
    if (!event.identified || event.tenant_id.empty() || event.kind == Kind::application_groups)
        return Outcome::needs_sync;
    store::lock(tx, event.tenant_id);
    const auto tenant = store::tenant(tx, event.tenant_id);
    if (!tenant || !event.at || event.nested)
        return Outcome::needs_sync;
    const auto at = scai::directory::events::clamp(*event.at, now, future_limit);
    const Watermark watermark{.swept_at = tenant->swept_at};
    switch (event.kind) {
    case Kind::user:
        return apply_user(tx, event, at, watermark);
    case Kind::group:
        return apply_group(tx, event, at, watermark);
    case Kind::member:
        return apply_member(tx, event, at, watermark, tenant->nested);
    case Kind::tenant: {
        const auto decision = decide(tenant->row, event.patch, at, watermark);
        if (decision.write)
            store::put_tenant(tx, event.object_id, decision.row);
        return decision.appeared ? Outcome::needs_sync : decision.outcome;
    }
    case Kind::application_groups:
    case Kind::unknown:
        break;
    }
    return Outcome::unknown_type;
}

Receipt receive_in(Tx& tx, Event event, const std::string& pinned, UtcTime now,
                   std::chrono::seconds future_limit) {
    if (event.tenant_id.empty())
        event.tenant_id = pinned;
    Receipt receipt;
    const bool foreign = !pinned.empty() && event.tenant_id != pinned;
    const bool ours = event.kind != Kind::unknown && !foreign;
    receipt.handled = ours && event.identified;
    if (const auto answered = store::record(tx, event, receipt.handled))
        return {.handled = *answered, .duplicate = true, .outcome = Outcome::unchanged};
    receipt.outcome = ours      ? apply(tx, event, now, future_limit)
                      : foreign ? Outcome::ignored_tenant
                                : Outcome::unknown_type;
    const bool of_a_partner = event.type.starts_with("partner.");
    if (receipt.outcome == Outcome::needs_sync || of_a_partner)
        store::request(tx, "sync_" + scai::crypto::random_id(16),
                       {.partner_id = {}, .tenant_id = of_a_partner ? "" : event.tenant_id}, "webhook",
                       "event " + event.id);
    store::settle(tx, event, name(receipt.outcome));
    return receipt;
}

} // namespace

Receipt receive(scai::db::Pool& pool, Event event, const std::string& pinned_tenant, UtcTime now,
                std::chrono::seconds future_limit) {
    return scai::db::in_tx(pool, scai::db::Scope::all_tenants(),
                           [&](Tx& tx) { return receive_in(tx, event, pinned_tenant, now, future_limit); });
}

} // namespace scaivault::identity
