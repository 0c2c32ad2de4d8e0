// The error catalogue of contract scaivault.md 8.4: one function a code, so that a code is written once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaivault {

using Details = std::vector<std::pair<std::string, std::string>>; ///< members of error.details

scai::Error invalid_request(std::string message, Details details = {});
scai::Error invalid_path(std::string message, std::string_view path);
scai::Error unauthenticated(std::string_view code, std::string message); ///< authentication_required, token_*
scai::Error insufficient_scope(std::string_view scope);
/// access_denied, or the code of the condition that failed, with details.failed_condition.
scai::Error access_denied(std::string_view path, std::string_view failed_condition);
scai::Error tenant_access_denied(std::string_view tenant);
scai::Error not_found(std::string_view code, std::string message, Details details = {});
scai::Error conflict(std::string_view code, std::string message, Details details = {});
scai::Error encryption_unavailable();

} // namespace scaivault
