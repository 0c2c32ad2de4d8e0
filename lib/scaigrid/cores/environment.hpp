// A Core's environment: texts, and secrets that are sealed before they are stored and never shown again
// (contract scaigrid.md 4.1, 12 N16). Stored form of a secret: {"type":"secret","sealed":"<base64>"}.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/json/value.hpp"

#include <map>
#include <string>
#include <string_view>

namespace scaigrid::cores {

class Sealer {
public:
    /// SCAIGRID_SECRET_KEY; an empty one seals nothing. Throws std::runtime_error when it is too short.
    explicit Sealer(const scai::SecretText& secret);

    /// The stored form of what a client sent. A secret without a value keeps the one of `stored`.
    /// unprocessable for values of other types, for secrets without a key to seal them and for a kept value
    /// that is not there.
    scai::Result<scai::json::Value> seal(const scai::json::Value& environment,
                                         const scai::json::Value& stored, std::string_view tenant_id,
                                         std::string_view core_id) const;
    /// conflict when a secret cannot be opened any more.
    scai::Result<std::map<std::string, scai::SecretText>>
    open(const scai::json::Value& stored, std::string_view tenant_id, std::string_view core_id) const;

private:
    scai::SecretText key_; ///< 32 bytes, or none
};

/// What may be shown: secrets are {"type":"secret"}.
scai::json::Value shown_environment(const scai::json::Value& stored);

} // namespace scaigrid::cores
