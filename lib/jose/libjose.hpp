// What the sources of lib/jose share over libjose and OpenSSL; not for other folders.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <jansson.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

// libjose has no linkage guards of its own for C++.
extern "C" {
#include <jose/b64.h>
#include <jose/jwk.h>
#include <jose/jws.h>
#include <jose/openssl.h>
}

namespace scai::jose {

struct KeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

/// A failure that no caller can handle: our own key or out of memory. No key material goes into the text.
[[noreturn]] inline void broken(const char* what) {
    throw std::runtime_error(std::string("libjose: ") + what + " failed");
}

/// `value` with the named text members only.
inline json::Value pick(const json::Value& value, std::initializer_list<const char*> members) {
    json::Value out = json::Value::object();
    for (const char* member : members)
        if (const json::Value found = value.get(member); found.is_string())
            out.set(member, found);
    return out;
}

} // namespace scai::jose
