// Policies and bindings as they are kept. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/policies/rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::policies {

struct PolicyRow {
    std::string owner; ///< tenant id, or "partner/<id>"
    std::string id, name, description;
    std::string rules; ///< JSON text
    bool is_active = true;
    std::int64_t revision = 1;
    scai::UtcTime created_at, updated_at;
    std::string created_by;
    std::int64_t rule_count = 0, binding_count = 0;

    std::string_view scope() const { return owner.starts_with("partner/") ? "partner" : "tenant"; }
};

struct BindingRow {
    std::string id, policy_id;
    std::string identity_type;
    std::string identity; ///< canonical
    std::string shown;    ///< "user:mia@example.test"
    std::string display_name;
    bool known = true; ///< the directory copy has it
    std::optional<scai::UtcTime> expires_at;
    scai::UtcTime created_at;
    std::string created_by;
};

/// What a client wants changed; what is absent stays.
struct Changes {
    std::optional<std::string> name, description;
    std::optional<std::vector<Rule>> rules;
    std::optional<bool> is_active;
    std::optional<std::int64_t> expected_revision; ///< If-Match
};

} // namespace scaivault::policies
