// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/rules.hpp"
#include "lib/crypto/crypto.hpp"

#include <cstring>
#include <initializer_list>

namespace scaivault::seal {

namespace {

/// A label and texts, each with its length: no two lists give the same bytes.
std::string binding(std::string_view label, std::initializer_list<std::string_view> parts) {
    std::size_t size = label.size();
    for (const std::string_view part : parts)
        size += part.size() + 8;
    std::string out;
    out.reserve(size);
    out += label;
    for (const std::string_view part : parts) {
        out += '\n';
        out += std::to_string(part.size());
        out += ':';
        out += part;
    }
    return out;
}

std::string tenant_binding(const KeyRow& key) {
    return binding("scaivault tenant key 1", {key.owner_id, key.id, key.parent_id});
}

std::string data_binding(std::string_view owner_id, std::string_view key_id) {
    return binding("scaivault data key 1", {owner_id, key_id});
}

} // namespace

KeyBytes::KeyBytes() : bytes_(scai::crypto::random_bytes(key_size)) {}

KeyBytes::~KeyBytes() {
    explicit_bzero(bytes_.data(), bytes_.size());
}

std::string partner_context(const KeyRow& partner_key) {
    return binding("scaivault partner key 1", {partner_key.owner_id, partner_key.id});
}

std::string wrap_tenant_key(const KeyRow& tenant_key, std::string_view parent_key, std::string_view key) {
    return scai::crypto::seal(parent_key, key, tenant_binding(tenant_key));
}

std::optional<scai::SecretText> unwrap_tenant_key(const KeyRow& tenant_key, std::string_view parent_key) {
    return scai::crypto::open(parent_key, tenant_key.wrapped, tenant_binding(tenant_key));
}

std::string wrap_data_key(std::string_view owner_id, std::string_view key_id, std::string_view tenant_key,
                          std::string_view data_key) {
    return scai::crypto::seal(tenant_key, data_key, data_binding(owner_id, key_id));
}

std::optional<scai::SecretText> unwrap_data_key(std::string_view owner_id, std::string_view key_id,
                                                std::string_view tenant_key, std::string_view wrapped) {
    return scai::crypto::open(tenant_key, wrapped, data_binding(owner_id, key_id));
}

std::string version_binding(std::string_view owner_id, std::string_view secret_id, std::string_view path,
                            std::int64_t version) {
    return binding("scaivault version 1", {owner_id, secret_id, path, std::to_string(version)});
}

} // namespace scaivault::seal
