// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace scai::config {

/// A setting does not fit what is stored. The text says which and holds no value of it: it is logged, and the
/// request is answered with 503.
struct Misconfigured : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace scai::config
