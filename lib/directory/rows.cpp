// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/rows.hpp"

#include "lib/base/strings.hpp"

namespace scai::directory {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t max_id = 255;

std::string_view text(object row, std::string_view key) {
    std::string_view found;
    if (row.at_key(key).get(found) != simdjson::SUCCESS)
        return {};
    return found;
}

std::string_view first_text(object row, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys)
        if (const auto found = text(row, key); !found.empty())
            return found;
    return {};
}

object inner(object row, std::string_view key) {
    object found;
    if (row.at_key(key).get(found) != simdjson::SUCCESS)
        return {};
    return found;
}

bool has_object(object row, std::string_view key) {
    object found;
    return row.at_key(key).get(found) == simdjson::SUCCESS;
}

/// Opaque, but it must fit a key column and a URL.
std::string usable_id(std::string_view id) {
    if (id.size() > max_id || id.find('\0') != std::string_view::npos)
        return {};
    return std::string(id);
}

bool deleted(object row) {
    element at;
    return (row.at_key("deleted_at").get(at) == simdjson::SUCCESS && !at.is_null()) ||
           scai::iequals(text(row, "status"), "DELETED");
}

std::string status_of(object row) {
    const auto status = text(row, "status");
    return status.empty() ? "ACTIVE" : std::string(status);
}

std::string display_name(object row) {
    if (const auto name = first_text(row, {"display_name", "name"}); !name.empty())
        return std::string(name);
    const std::string joined =
        std::string(text(row, "first_name")) + " " + std::string(text(row, "last_name"));
    return std::string(scai::trim(joined));
}

std::string email(object row) {
    return std::string(first_text(row, {"email", "user_name"}));
}

std::string tenant_of(object row) {
    if (const auto id = text(row, "tenant_id"); !id.empty())
        return std::string(id);
    return has_object(row, "tenant") ? std::string(text(inner(row, "tenant"), "id")) : std::string();
}

std::optional<scai::UtcTime> changed_at(object row) {
    return scai::parse_iso8601(text(row, "updated_at"));
}

User user_fields(object row, std::string id, const std::string& tenant_id) {
    User user;
    user.id = std::move(id);
    user.tenant_id = tenant_of(row);
    if (user.tenant_id.empty())
        user.tenant_id = tenant_id;
    user.email = email(row);
    user.display_name = display_name(row);
    user.status = status_of(row);
    user.upstream_at = changed_at(row);
    return user;
}

bool says_group(object row) {
    return scai::iequals(first_text(row, {"member_type", "type"}), "group");
}

} // namespace

Mapped<Tenant> map_tenant(element row) {
    Mapped<Tenant> out;
    object fields;
    if (row.get(fields) != simdjson::SUCCESS)
        return out;
    out.id = usable_id(first_text(fields, {"id", "tenant_id"}));
    out.deleted = deleted(fields);
    out.value = {out.id, std::string(text(fields, "slug")), std::string(text(fields, "name")),
                 status_of(fields), std::string(text(fields, "partner_id"))};
    return out;
}

Mapped<User> map_user(element row, const std::string& tenant_id) {
    Mapped<User> out;
    object fields;
    if (row.get(fields) != simdjson::SUCCESS)
        return out;
    if (first_text(fields, {"id", "user_id", "sub"}).empty() && has_object(fields, "user"))
        fields = inner(fields, "user");
    out.id = usable_id(first_text(fields, {"id", "user_id", "sub"}));
    out.deleted = deleted(fields);
    out.value = user_fields(fields, out.id, tenant_id);
    return out;
}

Mapped<Group> map_group(element row) {
    Mapped<Group> out;
    object fields;
    if (row.get(fields) != simdjson::SUCCESS)
        return out;
    out.id = usable_id(first_text(fields, {"id", "group_id"}));
    out.deleted = deleted(fields);
    out.value = {out.id, tenant_of(fields), std::string(first_text(fields, {"name", "display_name"})),
                 status_of(fields), changed_at(fields)};
    return out;
}

Mapped<MemberRow> map_member(element row, const std::string& group_id, const std::string& tenant_id) {
    Mapped<MemberRow> out;
    object fields;
    if (row.get(fields) != simdjson::SUCCESS)
        return out;
    object about = fields; // where the member itself is described
    std::string_view id;
    bool is_group = says_group(fields);
    if (is_group || (text(fields, "user_id").empty() && !has_object(fields, "user"))) {
        if (has_object(fields, "group")) {
            about = inner(fields, "group");
            is_group = true;
        }
        id = is_group ? first_text(fields, {"member_group_id", "child_group_id", "member_id"})
                      : std::string_view{};
        if (id.empty() && (is_group || !has_object(fields, "user")))
            id = first_text(about, {"member_id", "id"});
        // Member rows may repeat the group they belong to as group_id: only another one is the member.
        if (id.empty() && text(fields, "group_id") != group_id)
            id = text(fields, "group_id");
    } else {
        if (has_object(fields, "user"))
            about = inner(fields, "user");
        id = text(fields, "user_id");
        if (id.empty())
            id = first_text(about, {"id", "user_id"});
    }
    is_group = is_group || id.starts_with("grp_");
    out.id = usable_id(id);
    out.deleted = deleted(fields) || deleted(about);
    out.value.member = {group_id, out.id, is_group};
    if (!is_group) {
        out.value.user = user_fields(about, out.id, tenant_id);
        if (text(about, "status").empty()) // a membership row seldom has it: not said is not ACTIVE
            out.value.user.status.clear();
    }
    return out;
}

} // namespace scai::directory
