// Questions to the trail of a tenant (contract scaivault.md 1.13). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/web/http.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::audit {

struct Filter {
    std::optional<scai::UtcTime> from, to; ///< from <= at < to
    std::vector<std::string> actions;      ///< empty: all
    std::vector<std::string> identities;   ///< spellings of one identity; empty: all
    std::string identity_type, path, path_prefix, source_ip, request_id; ///< "" = any
    std::optional<bool> success;
};

struct Record {
    std::string id, action, identity_type, identity_id, source_ip, user_agent, request_id,
        extra; ///< JSON text
    std::optional<std::string> secret_path;
    scai::UtcTime at;
    std::int64_t seq = 0, duration_ms = 0;
    bool success = true;
};
/// As the wire has it; times with microseconds always.
scai::json::Value to_json(const Record& record);
std::string to_wire_time(scai::UtcTime time);

struct Position {
    std::int64_t at = 0, seq = 0; ///< microseconds
};

/// Newest first, at most `limit`, those before `before`.
std::vector<Record> find_records(scai::db::Pool& pool, const std::string& tenant_id, const Filter& filter,
                                 const std::optional<Position>& before, std::int64_t limit);
/// Oldest first, those after `after`: for exports.
std::vector<Record> next_records(scai::db::Pool& pool, const std::string& tenant_id, const Filter& filter,
                                 const Position& after, std::int64_t limit);

struct Summary {
    std::int64_t total = 0, successful = 0, identities = 0, secrets = 0;
    std::optional<scai::UtcTime> first_at, last_at;
    std::map<std::string, std::int64_t> by_action, by_identity_type;
};
scai::json::Value to_json(const Summary& summary);
/// unavailable when there is more than can be counted in time: a shorter period answers.
scai::Result<Summary> summarize(scai::db::Pool& pool, const std::string& tenant_id, const Filter& filter);
/// How many rows match: counted up to 200,000, that number beyond.
std::int64_t estimate(scai::db::Pool& pool, const std::string& tenant_id, const Filter& filter);

/// Filters as the query of GET /v1/audit/logs has them; 400 invalid_request names the one that is wrong.
scai::Result<Filter> filter_of(const scai::web::Request& request);
/// The same as members of a JSON object (POST /v1/audit/export), `where` prefixes the names in errors.
scai::Result<Filter> filter_of(const scai::json::Value& object, const std::string& where);
/// 400 invalid_request when a member of the object is no filter.
scai::Status check_names(const scai::json::Value& filters, const std::string& where);
scai::json::Value to_json(const Filter& filter); ///< for keeping; filter_of() reads it back

} // namespace scaivault::audit
