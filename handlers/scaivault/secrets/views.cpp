// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/views.hpp"

#include "lib/json/rows.hpp"

namespace scaivault::secrets_api {

namespace {

/// More than everything of a read but data, metadata and path.
constexpr std::size_t frame = 1024;

void shared_members(Members& members, const secrets::Info& info) {
    members.raw("metadata", info.metadata)
        .time("created_at", info.created_at)
        .time("updated_at", info.updated_at)
        .time("expires_at", info.expires_at)
        .time("last_accessed_at", info.last_accessed_at)
        .text("rotation_policy_id", info.rotation_policy_id)
        .text("secret_policy_id", info.secret_policy_id);
}

} // namespace

void Members::name(std::string_view name) {
    out_ += first_ ? "\"" : ",\"";
    first_ = false;
    out_.append(name).append("\":");
}

Members& Members::text(std::string_view key, std::string_view value) {
    name(key);
    scai::json::append_text(out_, value);
    return *this;
}

Members& Members::text(std::string_view key, const std::optional<std::string>& value) {
    return value ? text(key, std::string_view(*value)) : raw(key, "null");
}

Members& Members::time(std::string_view key, scai::UtcTime value) {
    return text(key, std::string_view(scai::to_iso8601(value)));
}

Members& Members::time(std::string_view key, const std::optional<scai::UtcTime>& value) {
    return value ? time(key, *value) : raw(key, "null");
}

Members& Members::number(std::string_view key, std::int64_t value) {
    return raw(key, std::to_string(value));
}

Members& Members::flag(std::string_view key, bool value) {
    return raw(key, value ? "true" : "false");
}

Members& Members::list(std::string_view key, const std::vector<std::string>& values) {
    name(key);
    out_ += "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0)
            out_ += ",";
        scai::json::append_text(out_, values[i]);
    }
    out_ += "]";
    return *this;
}

Members& Members::raw(std::string_view key, std::string_view json) {
    name(key);
    out_.append(json);
    return *this;
}

std::string read_view(const secrets::store::Stored& stored, const scai::SecretText& data) {
    std::string out;
    out.reserve(frame + stored.info.path.size() + stored.info.metadata.size() + data.size());
    out += "{";
    Members members(out);
    members.text("path", std::string_view(stored.info.path))
        .text("secret_type", std::string_view(stored.info.secret_type))
        .number("version", stored.version)
        .raw("data", data.reveal());
    shared_members(members, stored.info);
    out += "}";
    return out; // moved, not copied: it may hold a value
}

std::string written_view(const secrets::Info& info) {
    std::string out = "{";
    Members members(out);
    members.text("path", std::string_view(info.path))
        .text("secret_type", std::string_view(info.secret_type))
        .number("version", info.version);
    shared_members(members, info);
    out += "}";
    return out; // moved, not copied: it may hold a value
}

std::string metadata_view(const secrets::store::Described& described, bool of_partner) {
    const auto& info = described.info;
    std::string out = "{";
    Members members(out);
    members.text("path", std::string_view(info.path))
        .text("scope", std::string_view(of_partner ? "partner" : "tenant"))
        .text("secret_type", std::string_view(info.secret_type))
        .number("version", info.version)
        .number("revision", info.revision)
        .number("version_count", described.version_count)
        .number("max_versions", info.max_versions)
        .list("tags", info.tags)
        .list("notify_before", info.notify_before)
        .text("created_by", std::string_view(info.created_by))
        .text("updated_by", std::string_view(info.updated_by))
        .raw("rotation", described.rotation);
    shared_members(members, info);
    out += "}";
    return out; // moved, not copied: it may hold a value
}

Response damaged_view(std::string_view path, std::int64_t version, std::string_view request_id) {
    using scai::json::Value;
    const auto error = Value::object({{"code", "internal_error"},
                                      {"message", damaged_text},
                                      {"details", Value::object({{"path", path}, {"version", version}})},
                                      {"request_id", request_id}});
    return Response::json(Value::object({{"error", error}}), 500);
}

std::string list_view(const std::vector<secrets::Listed>& rows, bool of_partner) {
    std::string out = "[";
    for (const auto& row : rows) {
        out += out.size() == 1 ? "{" : ",{";
        Members members(out);
        members.text("path", std::string_view(row.path))
            .text("secret_type", std::string_view(row.secret_type))
            .number("version", row.version)
            .time("created_at", row.created_at)
            .time("updated_at", row.updated_at)
            .time("expires_at", row.expires_at)
            .list("tags", row.tags)
            .text("scope", std::string_view(of_partner || row.of_partner ? "partner" : "tenant"));
        if (row.deleted_at)
            members.time("deleted_at", row.deleted_at).time("restore_until", row.restore_until);
        out += "}";
    }
    out += "]";
    return out;
}

Response json_text(std::string body, int status) {
    Response out;
    out.status = status;
    out.headers.emplace_back("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

} // namespace scaivault::secrets_api
