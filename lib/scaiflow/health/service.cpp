// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/health/service.hpp"

#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/health/store.hpp"

#include <algorithm>

namespace scaiflow::health {

namespace {

using scai::json::Value;

/// One check; a database that fails inside it makes it "not ok", with the reason in the log only.
template<class Check>
Value checked(const char* name, Check check) {
    try {
        return check();
    } catch (const scai::db::Error& error) {
        scai::log::warn("health_check_failed",
                        {{"check", name}, {"sqlstate", error.sqlstate()}, {"what", error.what()}});
        return Value::object({{"ok", false}, {"message", "the database is not available"}});
    }
}

Value check_schema(Context& context) {
    const int there = scai::db::schema_version(context.pool, "scaiflow");
    const int known = expected_schema_version();
    auto out = Value::object({{"ok", there == known}, {"database", there}, {"program", known}});
    if (there < known)
        out.set("message", "the database is behind: run scaiflow-admin migrate");
    if (there > known)
        out.set("message", "the database is ahead: install the newer program");
    return out;
}

Value check_keys(Context& context) {
    if (context.settings.flag("SCAIFLOW_AUTH_DISABLED"))
        return Value::object(
            {{"ok", true}, {"message", "SCAIFLOW_AUTH_DISABLED is set: no keys are needed"}});
    if (!context.provider.configured())
        return Value::object({{"ok", false}, {"message", "ScaiKey OIDC not configured on the server"}});
    const auto keys = context.keys.keys_for({.algorithm = scai::jose::Algorithm::rs256, .kid = ""});
    if (!keys)
        return Value::object({{"ok", false}, {"message", keys.error().message}});
    const auto usable = static_cast<std::int64_t>((*keys)->usable());
    return Value::object({{"ok", usable > 0}, {"usable_keys", usable}});
}

Value check_sync(Context& context) {
    const auto state = sync_state(context.pool);
    return Value::object(
        {{"ok", true},
         {"last_run", state.last_id.empty() ? Value(nullptr) : Value(state.last_id)},
         {"last_outcome", state.last_id.empty() ? Value(nullptr) : Value(state.last_outcome)},
         {"last_age_seconds", state.last_age_seconds},
         {"last_success_age_seconds", state.last_success_age_seconds}});
}

class Gauges {
public:
    void add(const std::string& name, const std::string& labels, std::int64_t value) {
        if (name != last_) {
            text_ += "# TYPE " + name + " gauge\n";
            last_ = name;
        }
        text_ += name + labels + " " + std::to_string(value) + "\n";
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::string last_;
};

/// A label value from a closed set of our own; anything else would not be safe to print.
std::string outcome_label(const std::string& outcome) {
    const bool plain =
        std::all_of(outcome.begin(), outcome.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return R"({outcome=")" + (plain ? outcome : "other") + R"("})";
}

} // namespace

Readiness check_readiness(Context& context) {
    auto checks = Value::object();
    // One failing database need not be asked three times: each try may cost a connect time-out.
    auto schema = checked("schema", [&] { return check_schema(context); });
    const bool database = schema.get("database").present();
    checks.set("database", database ? Value::object({{"ok", true}}) : schema);
    if (database)
        checks.set("schema", schema);
    auto keys = database ? checked("jwks", [&] { return check_keys(context); })
                         : Value::object({{"ok", false}, {"message", "not checked"}});
    checks.set("jwks", keys);
    if (database)
        checks.set("sync", checked("sync", [&] { return check_sync(context); }));
    const bool ready =
        database && schema.get("ok").boolean().value_or(false) && keys.get("ok").boolean().value_or(false);
    return {.ready = ready,
            .report = Value::object({{"status", ready ? "ready" : "not_ready"}, {"checks", checks}})};
}

std::string mirror_gauges(Context& context) {
    Gauges out;
    try {
        const auto counts = mirror_counts(context.pool);
        const auto state = sync_state(context.pool);
        out.add("scaiflow_database_up", "", 1);
        out.add("scaiflow_mirror_tenants", "", counts.tenants);
        out.add("scaiflow_mirror_users", "", counts.users);
        out.add("scaiflow_mirror_groups", "", counts.groups);
        out.add("scaiflow_mirror_memberships", "", counts.memberships);
        out.add("scaiflow_super_admins", "", counts.super_admins);
        if (state.last_age_seconds)
            out.add("scaiflow_sync_last_age_seconds", "", *state.last_age_seconds);
        if (state.last_success_age_seconds)
            out.add("scaiflow_sync_last_success_age_seconds", "", *state.last_success_age_seconds);
        if (!state.last_outcome.empty())
            out.add("scaiflow_sync_last_outcome", outcome_label(state.last_outcome), 1);
        return out.text();
    } catch (const scai::db::Error& error) {
        scai::log::warn("metrics_without_database", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
    Gauges down;
    down.add("scaiflow_database_up", "", 0);
    return down.text();
}

} // namespace scaiflow::health
