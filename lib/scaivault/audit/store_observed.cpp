// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/observed.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace scaivault::audit {

namespace {

using scai::json::Value;

constexpr auto select_observers = R"(SELECT tenant_id, accessed, violation FROM scaivault.observers())";

constexpr auto insert_events = R"(
SELECT scaivault.observe(:p1::text[], :p2::boolean[], :p3::text[], :p4::text[], :p5::text[], :p6::text[], :p7::text[],
                         :p8::text[]))";

constexpr std::chrono::seconds interval{1};
constexpr std::size_t event_id_length = 20;
constexpr std::string_view accessed = "secret.accessed", violation = "policy.violation";

/// Denials of policies; a missing scope or a foreign tenant is none.
bool denies(std::string_view code) {
    constexpr std::array<std::string_view, 4> codes{"access_denied", "mfa_required", "ip_not_allowed",
                                                    "time_window_violation"};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Value data_of(const Entry& entry, const std::string& error) {
    if (error.empty())
        return Value::object({{"version", entry.extra.get("version")},
                              {"accessed_by", entry.identity_id},
                              {"source_ip", entry.source_ip}});
    return Value::object({{"permission", entry.action},
                          {"reason", error},
                          {"failed_condition", error == "access_denied" ? Value(nullptr) : Value(error)},
                          {"source_ip", entry.source_ip}});
}

} // namespace

std::optional<Observed> observed_of(const Entry& entry) {
    if (entry.secret_path.empty() || entry.tenant_id.empty())
        return std::nullopt;
    const auto error = entry.extra.member("error");
    const bool read = entry.success && entry.action == "read";
    if (!read && !denies(error))
        return std::nullopt;
    return Observed{.tenant_id = entry.tenant_id,
                    .event_id = "evt_" + scai::crypto::random_id(event_id_length),
                    .type = std::string(read ? accessed : violation),
                    .identity_id = entry.identity_id,
                    .path = entry.secret_path,
                    .data = data_of(entry, read ? "" : error).dump(),
                    .request_id = entry.request_id,
                    .of_partner = entry.extra.member("scope") == "partner"};
}

void Observers::refresh() {
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (looking_ || (looked_at_ && now - *looked_at_ < interval))
            return;
        looking_ = true;
        looked_at_ = now;
    }
    std::optional<std::map<std::string, Wishes, std::less<>>> found;
    try {
        auto reader = pool_.read(scai::db::Scope::none());
        found.emplace();
        for (auto& [tenant, reads, denials] : reader.all<std::string, bool, bool>(select_observers))
            found->emplace(std::move(tenant), Wishes{.accessed = reads, .violation = denials});
    } catch (const scai::db::Error& error) { // the rows of the trail say what is to be said of it
        scai::log::warn("observers_unknown", {{"sqlstate", error.sqlstate()}});
        found.reset();
    }
    const std::lock_guard lock(mutex_);
    looking_ = false;
    if (!found)
        return;
    by_tenant_ = std::move(*found);
    any_ = {};
    for (const auto& [tenant, wishes] : by_tenant_) {
        any_.accessed = any_.accessed || wishes.accessed;
        any_.violation = any_.violation || wishes.violation;
    }
}

bool Observers::none() const {
    const std::lock_guard lock(mutex_);
    return by_tenant_.empty();
}

bool Observers::want(const Observed& event) const {
    const std::lock_guard lock(mutex_);
    const auto of = [&](const Wishes& wishes) {
        return event.type == accessed ? wishes.accessed : wishes.violation;
    };
    if (event.of_partner) // any tenant of the partner may be the one that asks
        return of(any_);
    const auto found = by_tenant_.find(event.tenant_id);
    return found != by_tenant_.end() && of(found->second);
}

std::vector<Observed> Observers::wanted(std::span<const Entry> entries) const {
    std::vector<Observed> out;
    if (none())
        return out;
    for (const Entry& entry : entries)
        if (auto event = observed_of(entry); event && want(*event))
            out.push_back(std::move(*event));
    return out;
}

void insert_observed(scai::db::Tx& tx, std::span<const Observed> events) {
    std::vector<std::string> tenants, ids, types, identities, paths, data, requests, of_partner;
    for (const auto& event : events) {
        tenants.push_back(event.tenant_id);
        of_partner.emplace_back(event.of_partner ? "true" : "false");
        ids.push_back(event.event_id);
        types.push_back(event.type);
        identities.push_back(event.identity_id);
        paths.push_back(event.path);
        data.push_back(event.data);
        requests.push_back(event.request_id);
    }
    tx.one<std::int64_t>(insert_events, tenants, of_partner, ids, types, identities, paths, data, requests);
}

} // namespace scaivault::audit
