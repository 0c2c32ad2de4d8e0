// A hardware security module, or SoftHSM, by its PKCS#11 library. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/seal/kms.hpp"

namespace scaivault::seal {

struct Pkcs11Settings {
    std::string module; ///< path of the shared library
    std::string slot;   ///< number or token label; "" = the first slot with a token
    scai::SecretText pin;
    std::string label; ///< CKA_LABEL of the AES key; another label is another generation
};

/// Only a module that cannot be loaded is an error here (bad_request naming the setting); a token that is not
/// there may come back, so it is unavailable at each call.
scai::Result<std::unique_ptr<Kms>> make_pkcs11_kms(Pkcs11Settings settings);

} // namespace scaivault::seal
