// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/bunkers/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/parsed.hpp"
#include "lib/scaigrid/app/refusal.hpp"

namespace scaigrid::bunkers {

using scai::Error;
using scai::ErrorKind;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

Error no_bunker(std::string_view id) {
    return refusal(ErrorKind::not_found, "NOT_FOUND", "there is no bunker '" + std::string(id) + "'");
}

bool over(std::string_view status) {
    return status == "terminated" || status == "failed";
}

} // namespace

Object create(Pool& pool, std::string_view tenant, std::string_view by, const Value& body, const May& may) {
    SCAI_TRY(const auto wanted, decode(body));
    SCAI_TRY([[maybe_unused]] const auto allowed, check_permissions(wanted, may));
    return scai::db::in_tx(pool, Scope::tenant(tenant), [&](Tx& tx) -> Object {
        store::take_turn(tx, tenant);
        SCAI_TRY([[maybe_unused]] const auto fits, check_quota(store::usage(tx, tenant), wanted));
        return parsed(store::insert(tx, tenant, "bnk_" + scai::crypto::random_id(16), wanted, by));
    });
}

Object get(Pool& pool, std::string_view tenant, std::string_view id) {
    auto db = pool.read(Scope::tenant(tenant));
    const auto object = store::find(db, tenant, id);
    if (!object)
        return no_bunker(id);
    return parsed(*object);
}

Page list(Pool& pool, const store::Filter& filter, std::int64_t after, std::int64_t limit) {
    auto db = pool.read(filter.tenant.empty() ? Scope::all_tenants() : Scope::tenant(filter.tenant));
    Page out;
    for (const auto& [object, position] : store::list(db, filter, after, limit + 1)) {
        if (static_cast<std::int64_t>(out.rows.size()) == limit)
            return out;
        out.rows.push_back(parsed(object));
        out.next = position;
    }
    out.next.reset();
    return out;
}

Object change(Pool& pool, std::string_view tenant, std::string_view id, std::string_view verb) {
    return scai::db::in_tx(pool, Scope::tenant(tenant), [&](Tx& tx) -> Object {
        const auto row = store::lock(tx, tenant, id);
        if (!row)
            return no_bunker(id);
        const auto& status = row->first;
        const bool fits = verb == "pause"    ? status == "running"
                          : verb == "resume" ? status == "paused"
                                             : status == "running" || status == "paused";
        if (!fits)
            return refusal(ErrorKind::conflict, "BUNKER_STATE",
                           "a bunker that is " + status + " cannot " + std::string(verb));
        if (verb == "snapshot")
            return parsed(store::snapshot(tx, tenant, id));
        return parsed(store::set_status(tx, tenant, id, verb == "pause" ? "paused" : "running", ""));
    });
}

scai::Status remove(Pool& pool, std::string_view tenant, std::string_view id, bool with_snapshot) {
    return scai::db::in_tx(pool, Scope::tenant(tenant), [&](Tx& tx) -> scai::Status {
        const auto row = store::lock(tx, tenant, id);
        if (!row)
            return no_bunker(id);
        if (over(row->first))
            return scai::Done{};
        if (with_snapshot)
            store::snapshot(tx, tenant, id);
        store::set_status(tx, tenant, id, "terminated", "deleted");
        return scai::Done{};
    });
}

Value usage_rows(Pool& pool, std::string_view tenant) {
    auto db = pool.read(Scope::tenant(tenant));
    const auto usage = store::usage(db, tenant);
    Value out = Value::array();
    for (std::size_t i = 0; i < caps.size(); ++i)
        out.push(Value::object({{"resource", caps[i].resource},
                                {"usage", usage[i]},
                                {"cap", caps[i].most},
                                {"headroom", caps[i].most - usage[i]}}));
    return out;
}

Error no_worker(Pool& pool, std::string_view tenant, std::string_view id) {
    auto db = pool.read(Scope::tenant(tenant));
    if (!store::find(db, tenant, id))
        return no_bunker(id);
    return refusal(ErrorKind::unavailable, "WORKER_UNAVAILABLE",
                   "the embedded ScaiGrid keeps records of bunkers and has no worker that runs them");
}

} // namespace scaigrid::bunkers
