// Reading both event envelopes. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/directory/events/rules.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace scai::directory::events {

using scai::json::Value;

namespace {

constexpr std::size_t longest_id = 255;

struct TypeRow {
    std::string_view type;
    Kind kind;
    std::optional<bool> deleted;
    std::string_view status; ///< what the type says by itself
};

// contract scaiflow-api.md 5.3 and scaikey.md 14.4. A suspended user is not thereby back from the dead.
constexpr std::array type_table{
    TypeRow{"user.created", Kind::user, false, ""},
    TypeRow{"user.updated", Kind::user, false, ""},
    TypeRow{"user.suspended", Kind::user, std::nullopt, "SUSPENDED"},
    TypeRow{"user.activated", Kind::user, false, "ACTIVE"},
    TypeRow{"user.deleted", Kind::user, true, ""},
    TypeRow{"group.created", Kind::group, false, ""},
    TypeRow{"group.updated", Kind::group, false, ""},
    TypeRow{"group.deleted", Kind::group, true, ""},
    TypeRow{"group_membership.added", Kind::member, false, ""},
    TypeRow{"group.member_added", Kind::member, false, ""},
    TypeRow{"group_membership.removed", Kind::member, true, ""},
    TypeRow{"group.member_removed", Kind::member, true, ""},
    TypeRow{"tenant.created", Kind::tenant, false, ""},
    TypeRow{"tenant.updated", Kind::tenant, false, ""},
    TypeRow{"tenant.deleted", Kind::tenant, true, ""},
    TypeRow{"application.group_assigned", Kind::application_groups, std::nullopt, ""},
    TypeRow{"application.group_unassigned", Kind::application_groups, std::nullopt, ""},
    TypeRow{"application.user_assigned", Kind::application_groups, std::nullopt, ""},
    TypeRow{"application.user_unassigned", Kind::application_groups, std::nullopt, ""},
};

std::string first_text(std::initializer_list<std::string> candidates) {
    for (const auto& text : candidates)
        if (!text.empty())
            return text;
    return {};
}

std::string resource_id(const Value& body, std::string_view type) {
    const Value resource = body.get("resource");
    return scai::iequals(resource.member("type"), type) ? resource.member("id") : std::string{};
}

/// The data may hold the object itself or carry it under its name.
Value object_of(const Value& data, std::string_view key) {
    const Value nested = data.get(key);
    return nested.is_object() ? nested : data;
}

std::string id_of(const Value& body, const Value& data, std::string_view noun, bool own_family) {
    const std::string key = std::string(noun) + "_id";
    return first_text({data.member(key), data.get(noun).member("id"),
                       own_family ? data.member("id") : std::string{}, resource_id(body, noun)});
}

std::optional<std::string> optional_member(const Value& object, std::string_view key) {
    auto text = object.get(key).text();
    return text && !text->empty() ? text : std::nullopt;
}

/// display = display_name | name | first + last (contract scaikey.md 11.3); the parts count only together.
std::optional<std::string> display_name(const Value& user) {
    if (auto text = optional_member(user, "display_name"))
        return text;
    if (auto text = optional_member(user, "name"))
        return text;
    const auto first = user.get("first_name").text();
    const auto last = user.get("last_name").text();
    if (!first || !last)
        return std::nullopt;
    const std::string joined(scai::trim(*first + " " + *last));
    return joined.empty() ? std::nullopt : std::optional(joined);
}

/// ISO 8601; also without offset or with a blank, which is how some serialisers write UTC; or unix seconds.
std::optional<scai::UtcTime> time_of(const Value& value) {
    if (const auto seconds = value.integer())
        return *seconds > 0 && *seconds < 253402300800 ? std::optional(scai::from_unix_seconds(*seconds))
                                                       : std::nullopt;
    std::string text = value.text_or("");
    if (text.size() > 10 && text[10] == ' ')
        text[10] = 'T';
    if (auto time = scai::parse_iso8601(text))
        return time;
    return scai::parse_iso8601(text + "Z");
}

void read_user(const Value& body, const Value& data, Event& event) {
    const Value user = object_of(data, "user");
    event.object_id = id_of(body, data, "user", true);
    event.patch.email = optional_member(user, "email");
    if (!event.patch.email)
        event.patch.email = optional_member(user, "user_name");
    event.patch.name = display_name(user);
    if (auto status = optional_member(user, "status"))
        event.patch.status = status;
}

void read_group(const Value& body, const Value& data, Event& event) {
    const Value group = object_of(data, "group");
    event.object_id = id_of(body, data, "group", true);
    event.patch.name = optional_member(group, "name");
    if (auto status = optional_member(group, "status"))
        event.patch.status = status;
}

void read_member(const Value& body, const Value& data, Event& event) {
    event.object_id = id_of(body, data, "group", false);
    event.user_id = first_text(
        {id_of(body, data, "user", false), data.member("member_id"), data.get("member").member("id")});
    const Value member = data.get("member");
    const std::string type = first_text({data.member("member_type"), member.member("type")});
    event.nested = scai::iequals(type, "group") || data.get("child_group_id").present();
    event.patch = Patch{.deleted = event.patch.deleted};
}

void read_tenant(const Value& body, const Value& data, Event& event) {
    const Value tenant = object_of(data, "tenant");
    event.object_id = first_text({id_of(body, data, "tenant", true), body.member("tenant_id")});
    event.tenant_id = event.object_id;
    event.patch.name = optional_member(tenant, "name");
    event.patch.slug = optional_member(tenant, "slug");
    if (auto status = optional_member(tenant, "status"))
        event.patch.status = status;
}

/// contract scaikey.md 15: a row that says it is deleted counts as absent, whatever the event is called.
void note_deletion(const Value& data, std::string_view noun, Event& event) {
    const Value deleted_at = object_of(data, noun).get("deleted_at");
    if ((deleted_at.present() && !deleted_at.is_null()) ||
        (event.patch.status && scai::iequals(*event.patch.status, "DELETED"))) {
        event.patch.deleted = true;
        event.patch.status.reset();
    }
}

} // namespace

scai::Result<Event> parse_event(const Value& body, std::string_view raw_body, std::string_view id_header,
                                std::string_view type_header) {
    if (!body.is_object())
        return scai::Error{.kind = scai::ErrorKind::bad_request,
                           .message = "bad body: a JSON object was expected"};
    Event event;
    event.type = first_text({body.member("event_type"), body.member("type"), std::string(type_header)});
    event.id = first_text({body.member("event_id"), body.member("id"), std::string(id_header)});
    if (event.id.empty() ||
        event.id.size() > longest_id) // still one delivery, still recognised when repeated
        event.id = "sha256:" + scai::crypto::to_hex(scai::crypto::sha256(raw_body));
    event.type.resize(std::min(event.type.size(), longest_id));
    event.at = time_of(body.get("timestamp"));
    if (!event.at)
        event.at = time_of(body.get("created_at"));

    const Value data = body.get("data");
    event.tenant_id =
        first_text({body.member("tenant_id"), data.member("tenant_id"), data.get("tenant").member("id"),
                    data.get("user").member("tenant_id"), data.get("group").member("tenant_id")});
    const std::string wanted = scai::to_lower(event.type);
    const auto* row = std::find_if(type_table.begin(), type_table.end(),
                                   [&](const TypeRow& candidate) { return candidate.type == wanted; });
    if (row == type_table.end())
        return event;
    event.kind = row->kind;
    event.patch.deleted = row->deleted;
    switch (event.kind) {
    case Kind::user:
        read_user(body, data, event);
        note_deletion(data, "user", event);
        break;
    case Kind::group:
        read_group(body, data, event);
        note_deletion(data, "group", event);
        break;
    case Kind::member:
        read_member(body, data, event);
        break;
    case Kind::tenant:
        read_tenant(body, data, event);
        note_deletion(data, "tenant", event);
        break;
    case Kind::application_groups:
    case Kind::unknown:
        return event;
    }
    if (!row->status.empty() && event.patch.deleted != std::optional(true)) {
        const bool active = scai::iequals(row->status, "ACTIVE");
        if (!event.patch.status || scai::iequals(*event.patch.status, "ACTIVE") != active)
            event.patch.status = row->status; // the data name none, or that of before the change
    }
    const auto usable = [](const std::string& id) { return !id.empty() && id.size() <= longest_id; };
    event.identified = usable(event.object_id) && event.tenant_id.size() <= longest_id &&
                       (event.kind != Kind::member || event.nested || usable(event.user_id));
    return event;
}

} // namespace scai::directory::events
