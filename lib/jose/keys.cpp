// Making keys and their public parts. SPDX-License-Identifier: Apache-2.0
#include "lib/jose/jose.hpp"
#include "lib/jose/libjose.hpp"

namespace scai::jose {

json::Value generate_key(Algorithm algorithm) {
    json::Value made = json::Value::object({{"alg", std::string(name(algorithm))}});
    if (!jose_jwk_gen(nullptr, made.raw()))
        broken("key generation");
    // Without the key_ops of libjose: RFC 7517 4.3 wants `use` or `key_ops`, not both.
    json::Value key = pick(made, {"kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "crv", "x", "y"});
    const json::Value thumbprint = json::Value::adopt(jose_jwk_thp(nullptr, key.raw(), "S256"));
    if (!thumbprint.is_string())
        broken("key thumbprint");
    key.set("kid", thumbprint);
    key.set("alg", std::string(name(algorithm)));
    key.set("use", "sig");
    return key;
}

json::Value public_key(const json::Value& private_jwk) {
    return pick(private_jwk, {"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"});
}

} // namespace scai::jose
