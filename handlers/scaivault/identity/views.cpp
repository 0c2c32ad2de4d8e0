// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/views.hpp"

#include "lib/scaivault/app/errors.hpp"

namespace scaivault::identity_api {

using scai::Result;
using scai::json::Value;

Result<identity::Paging> paging_of(const scai::web::Request& request) {
    SCAI_TRY(const auto page, request.query_int("page", 1, 1, 1'000'000));
    SCAI_TRY(const auto size, request.query_int("page_size", 100, 1, 1000));
    return identity::Paging{.offset = (page - 1) * size, .limit = size};
}

scai::Status check_reach(Context& context, const Caller& caller, const std::string& tenant) {
    if (tenant == caller.tenant_id)
        return scai::Done{};
    if (!caller.has_role("partner_admin"))
        return tenant_access_denied(tenant);
    auto reader = context.pool.read(scai::db::Scope::none());
    const auto partner = identity::store::partner_of(reader, tenant);
    const bool everywhere = caller.has_role("super_admin");
    if (!everywhere && (!partner || *partner != caller.partner_id))
        return tenant_access_denied(tenant);
    if (!partner)
        return not_found("tenant_not_found", "there is no such tenant");
    return scai::Done{};
}

Result<identity::Identity> user_named(Context& context, const Caller& caller, const std::string& text) {
    SCAI_TRY(const auto name, identity::parse_name(text, identity::Type::user, "user_id"));
    return identity::resolve(context.pool, identity::Where::tenant(caller.tenant_id), name, "user_id");
}

Value optional_time(const std::optional<scai::UtcTime>& time) {
    return time ? Value(scai::to_iso8601(*time)) : Value(nullptr);
}

Value view(const identity::PartnerRow& row) {
    return Value::object({{"id", row.id},
                          {"name", row.name},
                          {"slug", row.slug},
                          {"region", row.region},
                          {"status", row.status},
                          {"last_synced_at", optional_time(row.last_synced_at)}});
}

Value view(const identity::TenantRow& row) {
    return Value::object({{"id", row.id},
                          {"partner_id", row.partner_id},
                          {"name", row.name},
                          {"slug", row.slug},
                          {"status", row.status},
                          {"last_synced_at", optional_time(row.last_synced_at)}});
}

Value view(const identity::UserRow& row) {
    return Value::object({{"id", row.id},
                          {"tenant_id", row.tenant_id},
                          {"email", row.email},
                          {"display_name", row.display_name},
                          {"status", row.status},
                          {"mfa_enabled", row.mfa_enabled},
                          {"groups", Value::array_of(row.groups)},
                          {"roles", Value::array_of(row.roles)},
                          {"last_synced_at", optional_time(row.last_synced_at)}});
}

Value view(const identity::GroupRow& row) {
    return Value::object({{"id", row.id},
                          {"tenant_id", row.tenant_id},
                          {"name", row.name},
                          {"status", row.status},
                          {"member_count", row.member_count},
                          {"last_synced_at", optional_time(row.last_synced_at)}});
}

Value view(const identity::MemberRow& row) {
    return Value::object({{"user_id", row.user_id},
                          {"email", row.email},
                          {"display_name", row.display_name},
                          {"membership_type", row.membership_type},
                          {"added_at", scai::to_iso8601(row.added_at)}});
}

Value view(const identity::SyncRow& row) {
    const auto text = [](const std::string& json) {
        auto parsed = scai::json::parse(json);
        return parsed ? std::move(parsed).value() : Value(nullptr);
    };
    const auto id = [](const std::string& value) { return value.empty() ? Value(nullptr) : Value(value); };
    return Value::object({{"sync_id", row.id},
                          {"status", row.status},
                          {"partner_id", id(row.extent.partner_id)},
                          {"tenant_id", id(row.extent.tenant_id)},
                          {"trigger", row.trigger},
                          {"requested_by", row.requested_by},
                          {"requested_at", scai::to_iso8601(row.requested_at)},
                          {"started_at", optional_time(row.started_at)},
                          {"completed_at", optional_time(row.completed_at)},
                          {"users_synced", row.users_synced},
                          {"groups_synced", row.groups_synced},
                          {"counters", text(row.counters)},
                          {"messages", text(row.messages)},
                          {"error", row.error}});
}

} // namespace scaivault::identity_api
