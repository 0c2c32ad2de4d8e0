// The error catalogue of contract scaivault.md 8.4: one function a code, so that a code is written once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <string>
#include <string_view>

namespace scaivault {

/// `details` is error.details: an object, or absent.
scai::Error invalid(std::string_view code, std::string message,
                    const scai::json::Value& details = {}); ///< 400
scai::Error invalid_request(std::string message);
scai::Error invalid_path(std::string message, std::string_view path);
scai::Error validation_error(std::string field, std::string message);    ///< 422 with details.fields
scai::Error unauthenticated(std::string_view code, std::string message); ///< authentication_required, token_*
scai::Error insufficient_scope(std::string_view scope);
scai::Error forbidden(std::string message);
/// access_denied, or the code of the condition that failed, with details.failed_condition.
scai::Error access_denied(std::string_view path, std::string_view failed_condition,
                          const scai::json::Value& more_details = {});
scai::Error tenant_access_denied(std::string_view tenant);
scai::Error not_found(std::string_view code, std::string message, const scai::json::Value& details = {});
scai::Error conflict(std::string_view code, std::string message, const scai::json::Value& details = {});

} // namespace scaivault
