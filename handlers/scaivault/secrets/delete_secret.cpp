// DELETE /v1/secrets/{path}: recoverable, for good, or one version. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/scaivault/app/errors.hpp"

namespace scaivault::secrets_api {

namespace {

/// A misspelt ?version= would remove the whole secret.
scai::Status nothing_else_asked(const Request& request) {
    for (const auto& [name, value] : request.query)
        if (name != "version" && name != "permanent" && name != "hard")
            return invalid_request("query." + name + " is unknown: a removal has version, permanent or hard");
    return scai::Done{};
}

scai::Result<Response> destroy_version(Context& context, const Request& request, const Target& target,
                                       std::int64_t version) {
    SCAI_TRY(const auto expected, expected_of(request));
    exchange_of(request).audit.entry.extra.set("version", version);
    SCAI_TRY(const auto destroyed, change(context, request, target.owner, [&](scai::db::Tx& tx) {
                 return secrets::destroy(tx, caller_of(request), target.owner.id, target.path, version,
                                         expected, context.clock->now());
             }));
    std::string body = "{";
    Members members(body);
    members.text("path", std::string_view(target.path)).number("version", version).flag("destroyed", true);
    if (destroyed.current == 0)
        members.raw("current_version", "null");
    else
        members.number("current_version", destroyed.current);
    body += "}";
    return json_text(std::move(body));
}

} // namespace

scai::Result<Response> delete_secret(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::remove));
    SCAI_TRY([[maybe_unused]] const auto known, nothing_else_asked(request));
    SCAI_TRY(const auto version, number_of(request, "version"));
    SCAI_TRY(const auto permanent, flag_of(request, "permanent"));
    SCAI_TRY(const auto hard, flag_of(request, "hard"));
    if (version)
        return destroy_version(context, request, target, *version);
    SCAI_TRY(const auto expected, expected_of(request));
    exchange_of(request).audit.entry.extra.set("permanent", permanent || hard);
    SCAI_TRY(const auto removed, change(context, request, target.owner, [&](scai::db::Tx& tx) {
                 return secrets::remove(tx, caller_of(request), target.owner.id, target.path,
                                        permanent || hard, expected, context.clock->now());
             }));
    std::string body = "{";
    Members members(body);
    members.text("path", std::string_view(target.path))
        .flag("permanent", removed.permanent)
        .number("version_count", removed.version_count);
    if (removed.recoverable_until)
        members.time("recoverable_until", *removed.recoverable_until);
    body += "}";
    return json_text(std::move(body));
}

} // namespace scaivault::secrets_api
