// What a sweep prints: the object for programs, the lines for people. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace scaiflow::mirror {

namespace {

using scai::json::Value;

void put_counters(Value& out, const Counters& c) {
    out.set("users_seen", c.users_seen)
        .set("users_added", c.users_added)
        .set("users_undeleted", c.users_undeleted)
        .set("users_soft_deleted", c.users_soft_deleted)
        .set("users_updated", c.users_updated)
        .set("users_unverified", c.users_unverified)
        .set("groups_seen", c.groups_seen)
        .set("groups_added", c.groups_added)
        .set("groups_undeleted", c.groups_undeleted)
        .set("groups_soft_deleted", c.groups_soft_deleted)
        .set("groups_updated", c.groups_updated)
        .set("memberships_seen", c.memberships_seen)
        .set("memberships_added", c.memberships_added)
        .set("memberships_soft_deleted", c.memberships_soft_deleted);
}

Value breaker_json(const std::optional<Breaker>& breaker) {
    if (!breaker)
        return nullptr;
    return Value::object(
        {{"kind", breaker->kind}, {"would_remove", breaker->would_remove}, {"limit", breaker->limit}});
}

Value message_json(const scai::directory::Message& message, const std::string& tenant) {
    auto out = Value::object({{"level", message.level}, {"code", message.code}, {"text", message.text}});
    if (!tenant.empty())
        out.set("tenant_id", tenant);
    return out;
}

/// The words of a run in order: tenant by tenant, then what concerns all.
void each_message(const SweepResult& result,
                  const std::function<void(const scai::directory::Message&, const std::string&)>& visit) {
    for (const auto& tenant : result.tenants) {
        for (const auto& message : tenant.messages)
            visit(message, tenant.tenant_id);
        if (!tenant.error.empty())
            visit({"error", "tenant_failed", tenant.error}, tenant.tenant_id);
    }
    for (const auto& message : result.messages)
        visit(message, "");
}

std::string grouped(std::int64_t value) {
    std::string digits = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

void part(std::string& line, std::int64_t value, const char* word) {
    if (value != 0)
        line += ", " + grouped(value) + " " + word;
}

std::string counter_lines(const Counters& c, const std::string& indent, bool dry_run) {
    const std::string removed = dry_run ? "to remove" : "removed";
    std::string users = indent + "users        " + grouped(c.users_seen) + " seen";
    part(users, c.users_added, dry_run ? "to add" : "added");
    part(users, c.users_undeleted, dry_run ? "to restore" : "restored");
    part(users, c.users_updated, dry_run ? "to update" : "updated");
    part(users, c.users_soft_deleted, removed.c_str());
    part(users, c.users_unverified, "kept although not seen");
    std::string groups = indent + "groups       " + grouped(c.groups_seen) + " seen";
    part(groups, c.groups_added, dry_run ? "to add" : "added");
    part(groups, c.groups_undeleted, dry_run ? "to restore" : "restored");
    part(groups, c.groups_updated, dry_run ? "to update" : "updated");
    part(groups, c.groups_soft_deleted, removed.c_str());
    std::string memberships = indent + "memberships  " + grouped(c.memberships_seen) + " seen";
    part(memberships, c.memberships_added, dry_run ? "to add" : "added");
    part(memberships, c.memberships_soft_deleted, removed.c_str());
    return users + "\n" + groups + "\n" + memberships + "\n";
}

std::string headline(const SweepResult& result) {
    const std::string what = result.dry_run ? "dry run (nothing is written)" : "sync";
    if (result.skipped_reason)
        return what + " skipped: " + *result.skipped_reason + "\n";
    std::string state = result.outcome;
    if (state == "breaker")
        state = "STOPPED by a safety limit: what is named below was left as it was";
    else if (const auto failed = std::ranges::count_if(
                 result.tenants, [](const TenantResult& tenant) { return !tenant.error.empty(); });
             state == "partial" && failed > 0)
        state = "done, but " + std::to_string(failed) + " of " + std::to_string(result.tenants.size()) +
                " tenants failed";
    else if (state == "partial")
        state = "done, but not everything could be read";
    else if (state == "unavailable")
        state = "FAILED: nothing was changed";
    else if (state == "failed")
        state = "FAILED";
    char tail[96];
    std::snprintf(tail, sizeof tail, " (%.1f s, %llu calls to ScaiKey)\n", result.duration_seconds,
                  static_cast<unsigned long long>(result.upstream_calls));
    return what + " " + result.run_id + " " + state + tail;
}

std::string change_line(const Change& change) {
    std::string line = "  " + change.change + " " + change.object_type + " " + change.object_id +
                       " (tenant " + change.tenant_id + ")";
    if (change.before.is_object())
        line += " was " + change.before.dump();
    if (change.after.is_object())
        line += " is " + change.after.dump();
    return line + "\n";
}

} // namespace

Value to_json(const SweepResult& result, bool with_changes) {
    auto out = Value::object({{"run_id", result.run_id.empty() ? Value(nullptr) : Value(result.run_id)},
                              {"outcome", result.outcome},
                              {"dry_run", result.dry_run},
                              {"skipped_reason", Value(result.skipped_reason)},
                              {"users_method", Value(result.users_method)}});
    put_counters(out, result.counters);
    out.set("super_admin_count", result.super_admin_count)
        .set("super_admins_group_promoted", result.super_admins_group_promoted)
        .set("super_admins_group_demoted", result.super_admins_group_demoted)
        .set("partial", result.partial)
        .set("breaker", breaker_json(result.breaker))
        .set("duration_seconds", std::round(result.duration_seconds * 1000.0) / 1000.0)
        .set("upstream_calls", result.upstream_calls);
    if (!result.holder.empty())
        out.set("holder", result.holder);
    auto tenants = Value::array();
    for (const auto& tenant : result.tenants) {
        auto row = Value::object(
            {{"tenant_id", tenant.tenant_id},
             {"users_method", tenant.users_method.empty() ? Value(nullptr) : Value(tenant.users_method)}});
        put_counters(row, tenant.counters);
        row.set("partial", tenant.partial)
            .set("breaker", breaker_json(tenant.breaker))
            .set("error", tenant.error.empty() ? Value(nullptr) : Value(tenant.error));
        tenants.push(std::move(row));
    }
    out.set("tenants", std::move(tenants));
    auto messages = Value::array();
    each_message(result, [&](const auto& message, const auto& tenant) {
        messages.push(message_json(message, tenant));
    });
    out.set("messages", std::move(messages));
    if (!with_changes)
        return out;
    auto changes = Value::array();
    for (const auto& change : result.changes) {
        changes.push(Value::object({{"tenant_id", change.tenant_id},
                                    {"object_type", change.object_type},
                                    {"object_id", change.object_id},
                                    {"change", change.change},
                                    {"before", change.before.present() ? change.before : Value(nullptr)},
                                    {"after", change.after.present() ? change.after : Value(nullptr)}}));
    }
    out.set("changes", std::move(changes)).set("changes_truncated", result.changes_truncated);
    return out;
}

std::string to_text(const SweepResult& result, bool verbose) {
    std::string out = headline(result);
    if (!result.skipped_reason && !result.tenants.empty()) {
        out += counter_lines(result.counters, "  ", result.dry_run);
        out += "  super_admins " + grouped(result.super_admin_count);
        std::string roles;
        part(roles, result.super_admins_group_promoted, "promoted by a group");
        part(roles, result.super_admins_group_demoted, "demoted");
        out += roles + "\n";
        if (result.users_method)
            out += "  users read through " + *result.users_method + "\n";
    }
    if (result.tenants.size() > 1 || verbose) {
        for (const auto& tenant : result.tenants) {
            out += "tenant " + tenant.tenant_id;
            if (!tenant.error.empty())
                out += " FAILED: nothing of it was changed\n";
            else
                out += std::string(tenant.breaker   ? " STOPPED by a safety limit: left as it was"
                                   : tenant.partial ? " (not everything could be read)"
                                                    : "") +
                       "\n" + counter_lines(tenant.counters, "  ", result.dry_run);
        }
    }
    each_message(result, [&](const scai::directory::Message& message, const std::string& tenant) {
        const bool always = result.skipped_reason || message.code == "tenant_inactive";
        if (message.level == "info" && !verbose && !always)
            return;
        const bool says_whose = tenant.empty() || result.tenants.size() < 2 ||
                                message.text.find("tenant " + tenant) != std::string::npos;
        out += message.level + ": " + (says_whose ? "" : "tenant " + tenant + ": ") + message.text + "\n";
    });
    if (verbose || result.dry_run) {
        for (const auto& change : result.changes)
            out += change_line(change);
        if (result.changes_truncated)
            out += "  ... and more; every count above is complete\n";
    }
    return out;
}

} // namespace scaiflow::mirror
