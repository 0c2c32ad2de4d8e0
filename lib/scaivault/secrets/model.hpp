// Secrets as they are stored and shown. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::secrets {

/// A secret as it is shown, without its value.
struct Info {
    std::string path, secret_id, secret_type;
    std::int64_t version = 0; ///< current; 0 = every version is destroyed
    std::int64_t oldest_version = 0, last_version = 0, revision = 0;
    std::string metadata; ///< text of a JSON object
    std::vector<std::string> tags;
    std::int64_t max_versions = 0; ///< 0 = unlimited
    std::vector<std::string> notify_before;
    std::optional<std::string> rotation_policy_id, secret_policy_id;
    scai::UtcTime created_at, updated_at;
    std::string created_by, updated_by;
    std::optional<scai::UtcTime> expires_at, last_accessed_at;
};

struct Version {
    std::int64_t number = 0;
    scai::UtcTime created_at;
    std::string created_by;
    std::optional<scai::UtcTime> readable_until;
};

/// Row of a list.
struct Listed {
    std::string path, secret_type;
    std::int64_t version = 0;
    scai::UtcTime created_at, updated_at;
    std::optional<scai::UtcTime> expires_at;
    std::optional<scai::UtcTime> deleted_at, restore_until; ///< of deleted ones
    std::vector<std::string> tags;
    bool of_partner = false;
    bool fits = true; ///< the filters of the list
};

} // namespace scaivault::secrets
