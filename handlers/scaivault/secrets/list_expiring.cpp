// GET /v1/secrets/expiring. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/secrets/listing.hpp"

namespace scaivault::secrets_api {

namespace {

constexpr std::int64_t default_days = 30, most_days = 36'500;

scai::Result<secrets::ExpiringQuery> query_of(const Request& request, scai::UtcTime now) {
    secrets::ExpiringQuery out;
    SCAI_TRY(out.prefix, prefix_of(request));
    SCAI_TRY(const auto days, number_of(request, "days"));
    if (days.value_or(default_days) > most_days)
        return invalid_request("query.days must be a number from 1 to 36500");
    out.until = now + std::chrono::days(days.value_or(default_days));
    SCAI_TRY(out.limit, limit_of(request));
    SCAI_TRY(const auto key, cursor_of(request, "expiring", 2));
    if (!key.empty()) {
        const auto micros = scai::parse_int(key.front());
        if (!micros)
            return invalid("invalid_cursor",
                           "query.cursor must be the cursor of an earlier page of this list");
        out.after_us = *micros;
        out.after_path = key.back();
    }
    exchange_of(request).audit.entry.secret_path = out.prefix;
    return out;
}

} // namespace

scai::Result<Response> list_expiring(Context& context, const Request& request) {
    SCAI_TRY(const auto owner, owner_of(request));
    const auto now = context.clock->now();
    SCAI_TRY(const auto query, query_of(request, now));
    const auto& caller = caller_of(request);
    const auto page = secrets::list_expiring(context.pool, owner.id, query, [&](std::string_view path) {
        return context.evaluator.decide(caller, path, policies::Permission::list).allowed;
    });
    std::string rows = "[";
    for (const auto& row : page.rows) {
        rows += rows.size() == 1 ? "{" : ",{";
        Members(rows)
            .text("path", std::string_view(row.path))
            .text("secret_type", std::string_view(row.secret_type))
            .number("version", row.version)
            .time("expires_at", row.expires_at)
            .number("days_remaining", secrets::days_remaining(*row.expires_at, now))
            .flag("expired", *row.expires_at <= now)
            .list("tags", row.tags)
            .text("scope", std::string_view(owner.of_partner ? "partner" : "tenant"));
        rows += "}";
    }
    rows += "]";
    std::string body = "{";
    Members members(body);
    members.raw("secrets", rows).raw("data", rows);
    if (page.after)
        members.text("cursor", std::string_view(make_cursor(
                                   "expiring", {std::to_string(page.after->first), page.after->second})));
    else
        members.raw("cursor", "null");
    members.flag("has_more", page.after.has_value());
    body += "}";
    return json_text(std::move(body));
}

} // namespace scaivault::secrets_api
