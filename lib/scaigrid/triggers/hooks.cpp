// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/triggers/hooks.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/triggers/store.hpp"

namespace scaigrid::triggers {

namespace db = scai::db;
using scai::json::Value;

namespace {

constexpr std::string_view bearer = "Bearer ";

std::string new_secret() {
    return "whs_" + scai::crypto::random_id(40);
}

std::string url_of(const Context& context, const cores::Runnable& core, const std::string& name) {
    return context.base_url + "/v1/modules/scaicore/hooks/" + scai::percent_encode(core.id) + "/" +
           scai::percent_encode(name);
}

Value shown(const Value& trigger) {
    Value out = Value::object();
    for (const char* key : {"kind", "name", "node_id", "target_flow", "method", "path", "cron", "timezone"})
        if (const Value value = trigger.get(key); value.present() && !value.is_null())
            out.set(key, value);
    return out;
}

} // namespace

Value list(Context& context, const std::string& tenant_id, const cores::Runnable& core) {
    Value out = Value::array();
    std::vector<std::string> hooks;
    core.module->get("triggers").each_item([&](const Value& trigger) {
        if (trigger.member("kind") == "webhook")
            hooks.push_back(trigger.member("name"));
    });
    const auto secrets = db::in_tx(context.pool, db::Scope::tenant(tenant_id), [&](db::Tx& tx) {
        for (const std::string& name : hooks)
            store::keep_secret(tx, tenant_id, core.id, name, new_secret());
        return store::secrets(tx, tenant_id, core.id);
    });
    auto reader = context.pool.read(db::Scope::tenant(tenant_id));
    const auto due = store::due_times(reader, tenant_id, core.id);
    core.module->get("triggers").each_item([&](const Value& trigger) {
        Value row = shown(trigger);
        const std::string name = trigger.member("name");
        if (const auto secret = secrets.find(name);
            trigger.member("kind") == "webhook" && secret != secrets.end()) {
            row.set("url", url_of(context, core, name));
            row.set("secret", secret->second);
        }
        if (trigger.member("kind") == "schedule") {
            const auto times = due.find(name);
            row.set("next_due", times == due.end() ? Value(nullptr) : Value(times->second.next));
            row.set("last_due", times == due.end() ? Value(nullptr) : Value(times->second.last));
        }
        out.push(std::move(row));
    });
    return out;
}

scai::Result<Value> rotate(Context& context, const std::string& tenant_id, const cores::Runnable& core,
                           const std::string& name) {
    Value found;
    core.module->get("triggers").each_item([&](const Value& trigger) {
        if (trigger.member("kind") == "webhook" && trigger.member("name") == name)
            found = shown(trigger);
    });
    if (!found.present())
        return not_found("Webhook trigger");
    const std::string secret = new_secret();
    db::in_tx(context.pool, db::Scope::tenant(tenant_id),
              [&](db::Tx& tx) { store::replace_secret(tx, tenant_id, core.id, name, secret); });
    return found.set("url", url_of(context, core, name)).set("secret", secret);
}

std::string signature(std::string_view secret, std::string_view body) {
    return "sha256=" + scai::crypto::to_hex(scai::crypto::hmac_sha256(secret, body));
}

bool proves(const scai::web::Request& request, std::string_view secret) {
    if (const auto given = request.header("x-scaigrid-signature"); !given.empty())
        return scai::crypto::constant_time_equal(scai::to_lower(given), signature(secret, request.body));
    const auto given = request.header("authorization");
    return given.starts_with(bearer) &&
           scai::crypto::constant_time_equal(scai::trim(given.substr(bearer.size())), secret);
}

std::optional<Hook> find_hook(db::Pool& pool, const std::string& core_id, const std::string& name) {
    auto reader = pool.read(db::Scope::all_tenants());
    return store::find_hook(reader, core_id, name);
}

Value input_of(const scai::web::Request& request) {
    if (scai::trim(request.body).empty())
        return Value::object();
    if (auto parsed = scai::json::parse(request.body)) {
        if (parsed->is_object())
            return *parsed;
        return Value::object({{"body", *parsed}});
    }
    if (auto form = request.form()) {
        Value out = Value::object();
        for (const auto& [key, value] : *form)
            out.set(key, value);
        return out;
    }
    return Value::object({{"body", request.body}});
}

} // namespace scaigrid::triggers
