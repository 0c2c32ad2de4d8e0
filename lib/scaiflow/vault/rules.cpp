// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/vault/rules.hpp"

#include <algorithm>

namespace scaiflow::vault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;

namespace {

constexpr std::size_t longest_tenant = 200;
constexpr std::string_view escape = "x-";
constexpr std::string_view key_prefix = "sgk_";
constexpr std::size_t shortest_key = 12, longest_key = 512, longest_url = 2048;

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool visible(char c) {
    return c > ' ' && c < '\x7f';
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

bool valid_host(std::string_view host) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    return !host.empty() && std::all_of(host.begin(), host.end(), [bracketed](char c) {
        return plain(c) || (c >= 'A' && c <= 'Z') || c == '.' || (bracketed && (c == ':' || c == '%'));
    });
}

} // namespace

Result<std::string> segment_of(std::string_view tenant_id) {
    if (tenant_id.empty() || tenant_id.size() > longest_tenant)
        return Error{.kind = ErrorKind::unprocessable,
                     .code = "bad_tenant_id",
                     .message = "a tenant id must have 1 to 200 bytes to have credentials of its own"};
    if (!tenant_id.starts_with(escape) && std::all_of(tenant_id.begin(), tenant_id.end(), plain))
        return std::string(tenant_id);
    return std::string(escape) + hex(tenant_id);
}

Result<Paths> paths_of(std::string_view tenant_id) {
    SCAI_TRY(const auto segment, segment_of(tenant_id));
    const auto folder = "tenants/" + segment + "/";
    return Paths{.key = folder + "scaigrid_api_key", .base_url = folder + "scaigrid_base_url"};
}

bool valid_key(std::string_view key) {
    return key.size() >= shortest_key && key.size() <= longest_key && key.starts_with(key_prefix) &&
           std::all_of(key.begin(), key.end(), visible);
}

std::string masked(std::string_view key) {
    if (key.size() < shortest_key)
        return "…";
    return std::string(key.substr(0, 4)) + "…" + std::string(key.substr(key.size() - 4));
}

std::string normal_base_url(std::string_view url) {
    while (url.ends_with('/'))
        url.remove_suffix(1);
    const bool secure = url.starts_with("https://");
    if (url.size() > longest_url || (!secure && !url.starts_with("http://")) ||
        !std::all_of(url.begin(), url.end(), visible) ||
        url.find_first_of("?#@\\\"<>{}|^`") != std::string_view::npos)
        return "";
    const auto rest = url.substr(secure ? 8 : 7);
    const auto authority = rest.substr(0, rest.find('/'));
    const auto colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    if (has_port) {
        const auto port = authority.substr(colon + 1);
        if (port.empty() || port.size() > 5 ||
            !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return "";
    }
    return valid_host(has_port ? authority.substr(0, colon) : authority) ? std::string(url) : "";
}

} // namespace scaiflow::vault
