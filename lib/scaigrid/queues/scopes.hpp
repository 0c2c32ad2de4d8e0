// Scopes, queues, HITL patterns and the trail, as the API serves them (contract scaigrid.md 6). Every call is
// one transaction in the tenant's scope. References are ids or slugs. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/queues/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::queues {

/// One page; `next` is what the page after it continues from, nothing at the end.
struct Listing {
    std::vector<scai::json::Value> rows;
    std::optional<std::string> next;
};

/// Whose call it is.
struct Caller {
    std::string tenant_id;
    Actor actor;
};

using Object = scai::Result<scai::json::Value>;

// not_found "NOT_FOUND"; conflict SLUG_CONFLICT, SCAIQUEUE_SCOPE_STATE, SCAIQUEUE_NOT_EMPTY,
// SCAIQUEUE_SYSTEM_QUEUE; unprocessable with every field that is wrong.

/// Creates its five system queues too.
Object create_scope(scai::db::Pool& pool, const Caller& caller, const scai::json::Value& body);
Object get_scope(scai::db::Pool& pool, const Caller& caller, std::string_view scope);
Listing list_scopes(scai::db::Pool& pool, const Caller& caller, std::string_view after, std::int64_t limit);
Object update_scope(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                    const scai::json::Value& body);
/// pause, resume, archive, unarchive; what is in that state already stays so.
Object change_scope(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                    std::string_view verb);
/// An archived scope in which nothing is pending or claimed, with all it holds.
scai::Status delete_scope(scai::db::Pool& pool, const Caller& caller, std::string_view scope);

Object create_queue(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                    const scai::json::Value& body);
Object get_queue(scai::db::Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue);
scai::Result<Listing> list_queues(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                                  std::string_view after, std::int64_t limit);
Object update_queue(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                    std::string_view queue, const scai::json::Value& body);
/// pause, resume.
Object change_queue(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                    std::string_view queue, std::string_view verb);
/// One of the tenant's own in which nothing is pending or claimed.
scai::Status delete_queue(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                          std::string_view queue);

/// {name, version?, spec}: a version is never replaced; without one it is the next.
Object create_pattern(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                      const scai::json::Value& body);
scai::Result<Listing> list_patterns(scai::db::Pool& pool, const Caller& caller, std::string_view scope);
/// The form with its parameters filled in: {name, version?, parameters} or {spec, parameters}.
Object preview_pattern(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                       const scai::json::Value& body);

/// Oldest first; `state` "" is any.
scai::Result<Listing> list_messages(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                                    std::string_view queue, std::string_view state, std::int64_t after,
                                    std::int64_t limit);
Object get_message(scai::db::Pool& pool, const Caller& caller, std::string_view scope, std::string_view queue,
                   std::string_view message);
/// All messages of the scope with this correlation id.
scai::Result<Listing> list_chain(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                                 std::string_view correlation_id, std::int64_t after, std::int64_t limit);
/// Of one scope, or of all for a chain when `scope` is "".
scai::Result<Listing> list_trail(scai::db::Pool& pool, const Caller& caller, std::string_view scope,
                                 std::string_view correlation_id, std::int64_t after, std::int64_t limit);

} // namespace scaigrid::queues
