// Password hashes: scrypt in PHC form, parameters in the text so that they can grow later.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/crypto/openssl.hpp"

#include <openssl/core_names.h>

namespace scai::crypto {

namespace {

struct Cost {
    std::uint64_t log_n = 15;
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};

constexpr std::uint64_t memory_limit = 128U << 20U;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;

std::string scrypt(std::string_view password, std::string_view salt, Cost cost, std::size_t length) {
    const KdfContext context("SCRYPT");
    std::uint64_t n = std::uint64_t{1} << cost.log_n;
    std::uint64_t memory = memory_limit + (std::uint64_t{1} << 20U); // the library counts its buffers too
    const OSSL_PARAM params[] = {octets(OSSL_KDF_PARAM_PASSWORD, password),
                                 octets(OSSL_KDF_PARAM_SALT, salt),
                                 OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                                 OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &cost.r),
                                 OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &cost.p),
                                 OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
                                 OSSL_PARAM_construct_end()};
    return context.derive(params, length);
}

/// "ln=15,r=8,p=1" within bounds a verifier is willing to pay for.
std::optional<Cost> parse_cost(std::string_view text) {
    const auto parts = split_list(text, ',');
    if (parts.size() != 3)
        return std::nullopt;
    const auto number = [](std::string_view part, std::string_view name) -> std::optional<std::int64_t> {
        if (!part.starts_with(name))
            return std::nullopt;
        return parse_int(part.substr(name.size()));
    };
    const auto log_n = number(parts[0], "ln=");
    const auto r = number(parts[1], "r=");
    const auto p = number(parts[2], "p=");
    if (!log_n || !r || !p || *log_n < 1 || *log_n > 20 || *r < 1 || *r > 32 || *p < 1 || *p > 16)
        return std::nullopt;
    if (128U * (std::uint64_t{1} << static_cast<unsigned>(*log_n)) * static_cast<std::uint64_t>(*r) >
        memory_limit)
        return std::nullopt;
    return Cost{static_cast<std::uint64_t>(*log_n), static_cast<std::uint32_t>(*r),
                static_cast<std::uint32_t>(*p)};
}

} // namespace

std::string hash_password(std::string_view password) {
    const Cost cost;
    const std::string salt = random_bytes(salt_size);
    return "$scrypt$ln=" + std::to_string(cost.log_n) + ",r=" + std::to_string(cost.r) +
           ",p=" + std::to_string(cost.p) + "$" + base64(salt) + "$" +
           base64(scrypt(password, salt, cost, hash_size));
}

bool verify_password(std::string_view password, std::string_view encoded) {
    const auto parts = split_list(encoded, '$');
    if (parts.size() != 4 || parts[0] != "scrypt")
        return false;
    const auto cost = parse_cost(parts[1]);
    const auto salt = from_base64(parts[2]);
    const auto hash = from_base64(parts[3]);
    if (!cost || !salt || !hash || hash->size() < 16 || hash->size() > 64)
        return false;
    return constant_time_equal(scrypt(password, *salt, *cost, hash->size()), *hash);
}

} // namespace scai::crypto
