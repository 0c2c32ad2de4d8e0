// Paths, types, options of secrets (contract scaivault.md 2). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::secrets {

/// a-z 0-9 - _ in at most 10 segments, at most 512 characters; bad_request `invalid_path` says what is wrong.
/// A path that ends in metadata, versions, rotate or restore, or is batch or expiring, would clash with a
/// route and is refused.
scai::Status check_path(std::string_view path);

struct Options {
    std::optional<std::int64_t> max_versions;
    std::optional<std::chrono::seconds> expires_in;
    std::optional<std::vector<std::string>> notify_before;
    std::optional<std::string> rotation_policy_id, secret_policy_id;
    std::optional<std::int64_t> cas; ///< version expected; 0 = must not exist
};

struct Write {
    scai::SecretText data;     ///< text of a JSON object as the client wrote it; empty with generate_from
    std::string generate_from; ///< secret policy id, "" = none
    std::optional<std::string> secret_type;
    scai::json::Value metadata; ///< absent = keep
    Options options;
};
/// Body of PUT, taken apart without a copy of the secret outside Write; `if_match` is the header's version
/// when there is one.
scai::Result<Write> parse_write(std::string_view body, std::optional<std::int64_t> if_match);

} // namespace scaivault::secrets
