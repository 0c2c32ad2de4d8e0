// Sign-in through the back end (BFF): the browser has the code, we have the client secret.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"

#include <chrono>
#include <string>

namespace scaiflow::auth {

/// contract scaiflow-api.md 2.2 A2.
struct ExchangeRequest {
    std::string code, verifier, redirect_uri;
};

/// Identity and key of one submission; only who holds code and verifier, or the refresh token, can make
/// either.
struct Submission {
    std::string hash;            ///< hex sha256 over what was submitted
    scai::SecretText key;        ///< 32 bytes, seals the answer kept for the twin
    std::chrono::seconds window; ///< a later one is no twin: ScaiKey is asked, and sees that it comes again
};

} // namespace scaiflow::auth
