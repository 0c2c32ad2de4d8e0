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

inline constexpr std::size_t max_path = 512;
inline constexpr std::size_t max_data = 1U << 20U;      ///< bytes of the text of `data`
inline constexpr std::size_t max_metadata = 64U << 10U; ///< bytes of the text of `metadata`
inline constexpr std::size_t max_batch = 100;
inline constexpr std::int64_t default_max_versions = 10;
inline constexpr std::chrono::days retention{30}; ///< of a deleted secret

/// a-z 0-9 - _ in at most 10 segments, at most 512 characters; bad_request `invalid_path` says what is wrong.
/// A path that ends in metadata, versions, rotate or restore, or begins with batch or expiring, would clash
/// with a route and is refused.
scai::Status check_path(std::string_view path);
/// The beginning of a path, perhaps in the middle of a segment; "" is one.
scai::Status check_prefix(std::string_view prefix);

/// kv, json, certificate, ssh_key, api_key; else invalid_secret_type.
scai::Status check_type(std::string_view type);

/// What an ETag of a secret names, and so what If-Match and If-None-Match say.
struct Tag {
    std::int64_t version = 0;
    std::optional<std::int64_t> revision; ///< absent: any
};
std::string etag(std::int64_t version, std::int64_t revision); ///< "\"3.7\""
/// If-Match: "3" or "3.7"; nullopt when the header is absent. bad_request for anything else.
scai::Result<std::optional<Tag>> parse_if_match(std::string_view header);
/// If-None-Match of a read: true when one of the tags is this one. Weak tags and what is no tag of ours do
/// not count.
bool names(std::string_view if_none_match, std::string_view tag);

struct Options {
    std::optional<std::int64_t> max_versions;
    std::optional<std::chrono::seconds> expires_in; ///< 0 = never expires any more
    std::optional<std::vector<std::string>> notify_before;
    std::optional<std::string> rotation_policy_id, secret_policy_id; ///< "" = none any more
    std::optional<std::int64_t> cas;                                 ///< version expected; 0 = must not exist
    std::optional<std::int64_t> revision;                            ///< expected as well
};

struct Write {
    scai::SecretText data;     ///< text of a JSON object as the client wrote it; empty with generate_from
    std::string generate_from; ///< secret policy id, "" = none
    std::optional<std::string> secret_type;
    scai::json::Value metadata; ///< absent = keep
    Options options;
};
/// Body of PUT, taken apart without a copy of the secret outside Write.
scai::Result<Write> parse_write(std::string_view body, const std::optional<Tag>& if_match);

struct Patch {
    scai::json::Value metadata; ///< absent = keep; a member that is null goes
    Options options;
};
/// Body of PATCH .../metadata.
scai::Result<Patch> parse_patch(std::string_view body, const std::optional<Tag>& if_match);
/// `patch` laid over `metadata` (text of an object), checked as a whole.
scai::Result<scai::json::Value> patched(std::string_view metadata, const scai::json::Value& patch);
std::vector<std::string> tags_of(const scai::json::Value& metadata);

struct Batch {
    std::vector<std::string> paths; ///< each once, as given; patterns with expand_wildcards
    bool include_metadata = false, fail_fast = false, expand_wildcards = false;
    std::optional<std::int64_t> version;
};
/// Body of POST .../batch and, with `metadata_only`, of POST .../batch/metadata. A path that is none is no
/// error here: it is answered in its place.
scai::Result<Batch> parse_batch(std::string_view body, bool metadata_only);

/// When the next event about an expiry is due.
struct Notice {
    std::optional<scai::UtcTime> at;             ///< none: nothing will come any more
    std::optional<std::int64_t> noticed_seconds; ///< thresholds of so many seconds and more are behind us
};
/// At the time an expiry is set: thresholds that had passed by then are not told.
Notice first_notice(std::optional<scai::UtcTime> expires_at, const std::vector<std::string>& notify_before,
                    scai::UtcTime now);
struct DueNotice {
    std::string threshold; ///< "7d"; "" = has expired
};
/// What is due by `now`, the longest threshold first, and what comes then.
std::vector<DueNotice> due_notices(scai::UtcTime expires_at, const std::vector<std::string>& notify_before,
                                   std::optional<std::int64_t> noticed_seconds, scai::UtcTime now,
                                   Notice& then);
/// Whole days left, rounded up; negative when they are over.
std::int64_t days_remaining(scai::UtcTime expires_at, scai::UtcTime now);

} // namespace scaivault::secrets
