// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/bunkers/rules.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaigrid/app/refusal.hpp"

#include <algorithm>
#include <cctype>

namespace scaigrid::bunkers {

using scai::Error;
using scai::ErrorKind;
using scai::json::Fields;
using scai::json::Value;

namespace {

constexpr std::int64_t year = 31'536'000;

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return alphanumeric(c) || c == '-'; });
}

bool is_host(std::string_view text) {
    if (text.empty() || text.size() > 253)
        return false;
    while (true) {
        const auto dot = text.find('.');
        if (!is_label(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_image(std::string_view text) {
    return alphanumeric(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
               return alphanumeric(c) || std::string_view("._-/:@").find(c) != std::string_view::npos;
           });
}

bool is_variable_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && (text.front() < '0' || text.front() > '9') &&
           std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '_'; });
}

void read_size(Fields& fields, Wanted& out) {
    out.cpu_millicores = fields.optional_integer("cpu_millicores", {100, 64000}).value_or(out.cpu_millicores);
    out.memory_mb = fields.optional_integer("memory_mb", {64, 262144}).value_or(out.memory_mb);
    out.disk_mb = fields.optional_integer("disk_mb", {64, 1048576}).value_or(out.disk_mb);
    out.gpu_count = fields.optional_integer("gpu_count", {0, 8}).value_or(0);
    out.gpu_type = fields.optional_text("gpu_type", {.max = 64});
    if (out.gpu_type && out.gpu_count == 0)
        fields.reject("gpu_type", "needs a gpu_count of 1 or more");
    out.bandwidth_mbit = fields.optional_integer("bandwidth_mbit", {1, 10000});
    out.max_lifetime_s = fields.optional_integer("max_lifetime_s", {1, year});
    out.idle_timeout_s = fields.optional_integer("idle_timeout_s", {1, year});
}

void read_network(Fields& fields, Wanted& out) {
    out.network_profile =
        fields
            .optional_text("network_profile",
                           {.one_of = {"isolated", "registry", "allowlisted", "unrestricted", "transit"}})
            .value_or("isolated");
    out.network_allowlist = fields.optional_text_list("network_allowlist", {.max = 255}, 100);
    out.interfaces = fields.optional_text_list("interfaces", {.max = 64}, 16);
    for (std::size_t i = 0; i < out.network_allowlist.size(); ++i)
        if (!is_allowlist_entry(out.network_allowlist[i]))
            fields.reject("network_allowlist[" + std::to_string(i) + "]",
                          "a host name, or one after a leading '*.'; no scheme, port or path");
    if (out.network_profile == "allowlisted" && out.network_allowlist.empty())
        fields.reject("network_allowlist", "at least one host is required by the profile 'allowlisted'");
    if (out.network_profile != "allowlisted" && !out.network_allowlist.empty())
        fields.reject("network_allowlist", "is for the profile 'allowlisted'");
}

void read_maps(Fields& fields, Wanted& out) {
    out.labels = fields.optional_object("label_set");
    if (out.labels.size() > 64)
        fields.reject("label_set", "at most 64 labels");
    out.labels.each_member([&](std::string_view key, const Value& value) {
        if (!value.is_string() || value.size_of_text() > 256 || key.empty() || key.size() > 64)
            fields.reject("label_set." + std::string(key),
                          "a name of 1 to 64 bytes and a text of at most 256");
    });
    const Value variables = fields.optional_object("env_vars");
    if (variables.size() > 256)
        fields.reject("env_vars", "at most 256 variables");
    out.env_vars = Value::object();
    variables.each_member([&](std::string_view key, const Value& value) {
        if (!is_variable_name(key) || !value.is_string() || value.size_of_text() > 32768)
            fields.reject("env_vars." + std::string(key),
                          "a name of letters, digits and '_' that begins with no digit, and a text");
        else
            out.env_vars.set(key, "********");
    });
}

} // namespace

bool is_allowlist_entry(std::string_view text) {
    if (text.starts_with("*."))
        text.remove_prefix(2);
    return is_host(text);
}

scai::Result<Wanted> decode(const Value& body) {
    Fields fields(body, "");
    Wanted out;
    out.image = fields.text("image", {.max = 256});
    if (!out.image.empty() && !is_image(out.image))
        fields.reject("image", "an image name such as python-3.12");
    out.name = fields.optional_text("name", {.max = 128});
    out.lifecycle_mode =
        fields.optional_text("lifecycle_mode", {.one_of = {"ephemeral", "session", "persistent"}})
            .value_or("ephemeral");
    out.session_type =
        fields.optional_text("session_type", {.one_of = {"standalone", "scaicore", "scaiwave", "api"}})
            .value_or("standalone");
    out.session_ref = fields.optional_text("session_ref", {.max = 256});
    read_size(fields, out);
    read_network(fields, out);
    read_maps(fields, out);
    if (auto error = fields.error())
        return *error;
    if (out.network_profile != "transit" && !out.interfaces.empty())
        return refusal(ErrorKind::unprocessable, "INTERFACES_NOT_ALLOWED",
                       "interfaces are for the network profile 'transit'");
    if (out.network_profile == "transit" && out.interfaces.empty())
        return refusal(ErrorKind::unprocessable, "TRANSIT_MISSING_INTERFACES",
                       "the network profile 'transit' needs interfaces");
    // What nobody limited would count against the quota for ever.
    if (!out.max_lifetime_s && out.lifecycle_mode != "persistent")
        out.max_lifetime_s = out.lifecycle_mode == "ephemeral" ? 3600 : 86400;
    return out;
}

scai::Status check_permissions(const Wanted& wanted, const May& may) {
    if (wanted.lifecycle_mode != "ephemeral" && !may("scaibunker:create:" + wanted.lifecycle_mode))
        return refusal(ErrorKind::forbidden, "LIFECYCLE_MODE_DENIED",
                       "permission_denied: need scaibunker:create:" + wanted.lifecycle_mode);
    if (wanted.network_profile != "isolated" && !may("scaibunker:network:" + wanted.network_profile))
        return refusal(ErrorKind::forbidden, "NETWORK_PROFILE_DENIED",
                       "permission_denied: need scaibunker:network:" + wanted.network_profile);
    return scai::Done{};
}

scai::Status check_quota(const Usage& usage, const Wanted& wanted) {
    const Usage more{1, wanted.cpu_millicores, wanted.memory_mb, wanted.disk_mb, wanted.gpu_count};
    for (std::size_t i = 0; i < caps.size(); ++i)
        if (usage[i] + more[i] > caps[i].most)
            return refusal(ErrorKind::rate_limited, "BUNKER_QUOTA_EXCEEDED",
                           std::string(caps[i].resource) + ": " + std::to_string(usage[i]) + " of " +
                               std::to_string(caps[i].most) + " in use, " + std::to_string(more[i]) +
                               " more asked for");
    return scai::Done{};
}

} // namespace scaigrid::bunkers
