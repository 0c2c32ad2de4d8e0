// GET /v1/secrets. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/secrets/listing.hpp"

namespace scaivault::secrets_api {

namespace {

constexpr std::size_t most_tags = 10;

/// ?deleted=true: those that can be restored.
scai::Result<bool> deleted_of(const Request& request) {
    const auto text = request.query_text("deleted").value_or("false");
    if (text != "true" && text != "false")
        return invalid_request("query.deleted must be true or false");
    return text == "true";
}

/// A cursor of the one list is none of the other.
const char* list_name(const secrets::ListQuery& query) {
    return query.restorable_at ? "deleted_secrets" : "secrets";
}

scai::Result<secrets::ListQuery> query_of(Context& context, const Request& request) {
    secrets::ListQuery out;
    SCAI_TRY(const auto prefix, prefix_of(request));
    SCAI_TRY(out.limit, limit_of(request));
    SCAI_TRY(const bool deleted, deleted_of(request));
    if (deleted)
        out.restorable_at = context.clock->now();
    SCAI_TRY(const auto key, cursor_of(request, list_name(out), 1));
    if (!key.empty())
        out.after = key.front();
    if (const auto type = request.query_text("secret_type")) {
        SCAI_TRY([[maybe_unused]] const auto known, secrets::check_type(*type));
        out.type = *type;
    }
    out.tags = scai::split_list(request.query_text("tags").value_or(""));
    if (out.tags.size() > most_tags)
        return invalid_request("query.tags must have at most 10 tags");
    exchange_of(request).audit.entry.secret_path = prefix;
    if (deleted)
        exchange_of(request).audit.entry.extra.set("deleted", true);
    out.ranges = secrets::narrowed(
        context.evaluator.reach(caller_of(request), policies::Permission::list, context.clock->now()),
        prefix);
    return out;
}

} // namespace

scai::Result<Response> list_secrets(Context& context, const Request& request) {
    SCAI_TRY(const auto owner, owner_of(request));
    SCAI_TRY(const auto query, query_of(context, request));
    const auto& caller = caller_of(request);
    const auto partner =
        owner.of_partner || caller.partner_id.empty() ? std::string() : partner_owner(caller);
    const auto page = secrets::list(context.pool, owner.id, partner, query, [&](std::string_view path) {
        return context.evaluator.decide(caller, path, policies::Permission::list).allowed;
    });
    const auto rows = list_view(page.rows, owner.of_partner);
    std::string body;
    body.reserve(2 * rows.size() + 128);
    body += "{";
    Members members(body);
    members.raw("secrets", rows).raw("data", rows);
    if (page.after)
        members.text("cursor", std::string_view(make_cursor(list_name(query), {*page.after})));
    else
        members.raw("cursor", "null");
    members.flag("has_more", page.after.has_value());
    body += "}";
    return json_text(std::move(body));
}

} // namespace scaivault::secrets_api
