// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"

namespace scaivault::secrets_api {

scai::Result<Owner> owner_of(const Request& request) {
    const auto& caller = caller_of(request);
    if (!request.route.starts_with("/v1/partner/"))
        return Owner{.id = caller.tenant_id};
    if (caller.partner_id.empty())
        return forbidden("the tenant belongs to no partner");
    exchange_of(request).audit.entry.extra.set("scope", "partner");
    return Owner{.id = partner_owner(caller), .of_partner = true};
}

scai::Result<Target> target_of(Context& context, const Request& request, policies::Permission permission) {
    const auto& path = request.param("path");
    exchange_of(request).audit.entry.secret_path = path;
    SCAI_TRY([[maybe_unused]] const auto named, secrets::check_path(path));
    SCAI_TRY(auto owner, owner_of(request));
    const auto& caller = caller_of(request);
    const bool changes = permission != policies::Permission::read && permission != policies::Permission::list;
    if (owner.of_partner && changes && !caller.has_role("partner_admin"))
        return forbidden("only admins of the partner change its secrets");
    SCAI_TRY([[maybe_unused]] const auto allowed, context.evaluator.allow(caller, path, permission));
    return Target{.owner = std::move(owner), .path = path};
}

scai::Result<std::optional<std::int64_t>> number_of(const Request& request, std::string_view name) {
    const auto text = request.query_text(name);
    if (!text)
        return std::optional<std::int64_t>{};
    const auto number = scai::parse_int(*text);
    if (!number || *number < 1)
        return invalid_request("query." + std::string(name) + " must be a number from 1");
    return number;
}

scai::Result<bool> flag_of(const Request& request, std::string_view name) {
    const auto text = request.query_text(name).value_or("false");
    if (text == "true" || text == "1")
        return true;
    if (text == "false" || text == "0")
        return false;
    return invalid_request("query." + std::string(name) + " must be true or false");
}

scai::Result<std::string> prefix_of(const Request& request) {
    auto prefix = request.query_text("prefix").value_or("");
    if (const auto fine = secrets::check_prefix(prefix); !fine) {
        auto error = fine.error();
        error.message = "query.prefix: " + error.message;
        return error;
    }
    return prefix;
}

scai::Result<std::optional<secrets::Tag>> expected_of(const Request& request) {
    return secrets::parse_if_match(request.header("if-match"));
}

void write_audit(scai::db::Tx& tx, Context& context, const Request& request) {
    auto& exchange = exchange_of(request);
    auto& entry = exchange.audit.entry;
    if (entry.action.empty() && exchange.endpoint != nullptr)
        entry.action = exchange.endpoint->action;
    entry.success = true;
    entry.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->now() -
                                                                              exchange.audit.started_at)
                            .count();
    audit::write(tx, entry);
}

} // namespace scaivault::secrets_api
