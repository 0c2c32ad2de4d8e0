// Secrets an operator hands over: from a file, from standard input, from the environment or typed; never from
// an argument, which every user of the machine can read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"

#include <string>

namespace scaiflow::cli {

/// First line of `file` ("-" = standard input), else of the environment variable, else what is typed at a
/// terminal after `prompt` without being shown. Error when all are empty.
scai::Result<scai::SecretText> read_secret(const std::string& file, const char* variable,
                                           const std::string& prompt);

} // namespace scaiflow::cli
