// Columns of a secret and their way into Info, for the stores of this folder. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/strings.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/secrets/model.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scaivault::secrets {

namespace sql {

inline constexpr char select_head[] = R"(
SELECT )";

/// Of scaivault.secrets AS s; lists are joined by a character that none of their items has.
inline constexpr char info_columns[] = R"(
       s.path, s.secret_id, s.secret_type, s.version, s.oldest_version, s.last_version, s.revision,
       s.metadata::text, array_to_string(s.tags, chr(31)), s.max_versions, array_to_string(s.notify_before, chr(31)),
       s.rotation_policy_id, s.secret_policy_id, (extract(epoch FROM s.created_at) * 1000000)::bigint,
       (extract(epoch FROM s.updated_at) * 1000000)::bigint, s.created_by, s.updated_by,
       (extract(epoch FROM s.expires_at) * 1000000)::bigint,
       (extract(epoch FROM s.last_accessed_at) * 1000000)::bigint)";

} // namespace sql

namespace rows {

inline scai::UtcTime time_of(std::int64_t micros) {
    return scai::UtcTime(std::chrono::microseconds(micros));
}
inline std::optional<scai::UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return micros ? std::optional(time_of(*micros)) : std::nullopt;
}

/// Rows of info_columns and one more column. Thrice the same list of types is what this spares.
template<class More, class... Args>
std::vector<std::pair<Info, More>> infos_with(scai::db::Executor& reader, const char* sql,
                                              const Args&... args) {
    auto found =
        reader.all<std::string, std::string, std::string, std::int64_t, std::int64_t, std::int64_t,
                   std::int64_t, std::string, std::string, std::int64_t, std::string,
                   std::optional<std::string>, std::optional<std::string>, std::int64_t, std::int64_t,
                   std::string, std::string, std::optional<std::int64_t>, std::optional<std::int64_t>, More>(
            sql, args...);
    std::vector<std::pair<Info, More>> out;
    out.reserve(found.size());
    for (auto& row : found) {
        auto& [path, secret_id, type, version, oldest, last, revision, metadata, tags, max_versions, notify,
               rotation, recipe, created, updated, creator, updater, expires, accessed, more] = row;
        Info info;
        info.path = std::move(path);
        info.secret_id = std::move(secret_id);
        info.secret_type = std::move(type);
        info.version = version;
        info.oldest_version = oldest;
        info.last_version = last;
        info.revision = revision;
        info.metadata = std::move(metadata);
        info.tags = scai::split_list(tags, '\x1f');
        info.max_versions = max_versions;
        info.notify_before = scai::split_list(notify, '\x1f');
        info.rotation_policy_id = std::move(rotation);
        info.secret_policy_id = std::move(recipe);
        info.created_at = time_of(created);
        info.updated_at = time_of(updated);
        info.created_by = std::move(creator);
        info.updated_by = std::move(updater);
        info.expires_at = time_of(expires);
        info.last_accessed_at = time_of(accessed);
        out.emplace_back(std::move(info), std::move(more));
    }
    return out;
}

} // namespace rows

} // namespace scaivault::secrets
