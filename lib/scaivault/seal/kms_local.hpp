// The root keys in a file of this host: the embedded default, and what a site without a KMS has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/seal/kms.hpp"

namespace scaivault::seal {

/// Reads the file at every call, which is once in ten minutes and partner: a key added counts at once, and no
/// root key stays in memory.
scai::Result<std::unique_ptr<Kms>> make_local_kms(const std::string& file, bool may_create);

} // namespace scaivault::seal
