// JOSE over libjose: keys (RFC 7517), compact JWS (RFC 7515). Pure: time and keys are passed in.
// Only RS256 and ES256 exist here; `none` and HS* cannot be expressed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace scai::jose {

enum class Algorithm { rs256, es256 };
std::string_view name(Algorithm algorithm); ///< "RS256"

/// A new private JWK with kid (RFC 7638 thumbprint), alg and use=sig. RSA has 2,048 bits.
json::Value generate_key(Algorithm algorithm);
/// The public part: kty, kid, alg, use and n/e or crv/x/y, nothing else.
json::Value public_key(const json::Value& private_jwk);

/// Compact JWS; header gets alg, kid of the key, and typ=JWT.
std::string sign(const json::Value& payload, const json::Value& private_jwk);

struct Header {
    Algorithm algorithm;
    std::string kid; ///< "" when absent
};

/// A token taken apart, NOT verified.
struct Parsed {
    Header header;
    json::Value claims;
    std::string signing_input; ///< header.payload as received
    std::string signature;     ///< raw bytes
};

/// unauthenticated with a plain reason: "not a JWT", "unsupported alg HS256", "broken payload", "unknown crit
/// header". At most 16 KiB are read.
Result<Parsed> parse(std::string_view token);

/// Verification keys of one issuer. Unusable keys of the document (no kty, wrong use, RSA < 2,048 bits, oct,
/// unknown curve, broken base64) are skipped and counted, never fatal. Immutable after parse: share it
/// between threads.
class KeySet {
public:
    static Result<KeySet> parse(const json::Value& jwks_document);
    /// True when the signature is good under the key `kid` names, or, without kid, under any key of that
    /// type.
    bool verify(const Parsed& token) const;
    bool has_key(std::string_view kid, Algorithm algorithm) const; ///< kid "" = any of that type
    std::size_t usable() const;
    std::size_t skipped() const;

    KeySet();
    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;
    ~KeySet();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scai::jose
