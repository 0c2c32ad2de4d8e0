// Pure parts of the code exchange and of the refresh. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/auth/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::auth {

Submission submission_of(const ExchangeRequest& request);
Submission submission_of_refresh(std::string_view refresh_token);

/// The outcome of an exchange as text and back: tokens or the error, for the twin of a double submit.
std::string pack(const scai::Result<scai::json::Value>& outcome);
/// nullopt when the text is not what pack() made.
std::optional<scai::Result<scai::json::Value>> unpack(std::string_view text);

std::string seal_answer(const Submission& submission, std::string_view packed); ///< base64
std::optional<scai::SecretText> open_answer(const Submission& submission, std::string_view sealed);

} // namespace scaiflow::auth
