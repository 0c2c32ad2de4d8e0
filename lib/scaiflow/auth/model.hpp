// Sign-in through the back end (BFF): the browser has the code, we have the client secret.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"

#include <string>

namespace scaiflow::auth {

/// contract scaiflow-api.md 2.2 A2.
struct ExchangeRequest {
    std::string code, verifier, redirect_uri;
};

/// Identity and key of one submission; only who holds code and verifier can make either.
struct Submission {
    std::string hash;     ///< hex sha256 over the three parts
    scai::SecretText key; ///< 32 bytes, seals the answer kept for the twin
};

} // namespace scaiflow::auth
