// Stored data that does not open under the key it names: moved, altered, or below a key that is. Nothing a
// caller can do about it; an operator restores the row. The text names no secret and may be logged.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace scaivault::seal {

class Damaged : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace scaivault::seal
