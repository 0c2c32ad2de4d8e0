// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/upkeep.hpp"

#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/events/outbox.hpp"
#include "lib/scaivault/secrets/store_upkeep.hpp"

namespace scaivault::secrets {

using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr std::int64_t batch = 200;
constexpr std::string_view component = "secret-expiry";

/// Events of one secret, and what comes then.
Notice tell(Tx& tx, const store::DueSecret& secret, scai::UtcTime now, ExpiryReport& report) {
    Notice then;
    const auto who = system_caller(component, secret.owner, secret.partner_id);
    for (const auto& due :
         due_notices(secret.expires_at, secret.notify_before, secret.noticed_seconds, now, then)) {
        auto data = Value::object({{"expires_at", scai::to_iso8601(secret.expires_at)}});
        if (!due.threshold.empty())
            data.set("days_remaining", days_remaining(secret.expires_at, now))
                .set("threshold", due.threshold);
        events::emit(tx, who,
                     {.type = due.threshold.empty() ? "secret.expired" : "secret.expiring",
                      .owner = secret.owner,
                      .path = secret.path,
                      .secret_type = secret.secret_type,
                      .tags = secret.tags,
                      .data = std::move(data)});
        ++(due.threshold.empty() ? report.expired : report.expiring);
    }
    return then;
}

/// How many were dealt with; `report` counts what was told.
std::int64_t tell_batch(scai::db::Pool& pool, scai::UtcTime now, ExpiryReport& report) {
    struct Told {
        std::int64_t secrets;
        ExpiryReport report;
    };
    const auto told = scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) {
        Told out{};
        const auto due = store::due_secrets(tx, now, batch);
        std::vector<Notice> notices;
        notices.reserve(due.size());
        for (const auto& secret : due)
            notices.push_back(tell(tx, secret, now, out.report));
        if (!due.empty())
            store::set_notices(tx, due, notices);
        out.secrets = static_cast<std::int64_t>(due.size());
        return out;
    });
    report.expiring += told.report.expiring;
    report.expired += told.report.expired;
    return told.secrets;
}

/// The trail says what became of a secret that nobody's request took away.
void write_audit(Tx& tx, const store::Removable& secret) {
    audit::Entry entry;
    entry.tenant_id = secret.owner;
    entry.action = "delete";
    entry.identity_type = "system";
    entry.identity_id = "system:purge";
    entry.secret_path = secret.path;
    entry.extra.set("permanent", true).set("cause", "retention");
    audit::write(tx, entry);
}

std::int64_t purge_batch(scai::db::Pool& pool, scai::UtcTime now) {
    return scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) {
        const auto found = store::removable(tx, now, batch);
        for (const auto& secret : found)
            write_audit(tx, secret);
        if (!found.empty())
            store::erase_all(tx, found);
        return static_cast<std::int64_t>(found.size());
    });
}

} // namespace

ExpiryReport tell_expiry(scai::db::Pool& pool, scai::UtcTime now, const std::function<bool()>& must_stop) {
    ExpiryReport out;
    do {
        if (must_stop()) {
            out.finished = false;
            break;
        }
    } while (tell_batch(pool, now, out) > 0);
    return out;
}

ExpiryReport count_expiry(scai::db::Pool& pool, scai::UtcTime now) {
    auto reader = pool.read(Scope::all_tenants());
    return store::count_due(reader, now);
}

PurgeReport purge(scai::db::Pool& pool, scai::UtcTime now, const std::function<bool()>& must_stop) {
    PurgeReport out;
    const auto drain = [&](std::int64_t& counter, const auto& step) {
        for (;;) {
            if (must_stop()) {
                out.finished = false;
                return;
            }
            const auto count = step();
            counter += count;
            if (count == 0)
                return;
        }
    };
    drain(out.secrets, [&] { return purge_batch(pool, now); });
    drain(out.versions, [&] {
        return scai::db::in_tx(pool, Scope::all_tenants(),
                               [&](Tx& tx) { return store::drop_closed_versions(tx, now, batch); });
    });
    return out;
}

PurgeReport count_purgeable(scai::db::Pool& pool, scai::UtcTime now) {
    auto reader = pool.read(Scope::all_tenants());
    return store::count_removable(reader, now);
}

} // namespace scaivault::secrets
