// The troubles of a walk in words (seed 000): what happened, what it means for this run, what to do. Not for
// other folders. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/listing.hpp"

namespace scai::directory {

Message users_forbidden(const std::string& tenant, const Failure& failure);
Message application_missing(const std::string& tenant, const std::string& application,
                            const Failure& failure);
Message member_walk_in_use(const std::string& tenant);
Message users_unread(const std::string& tenant, const Outcome& outcome);
Message nobody_assigned(const std::string& tenant);
Message groups_refused(const std::string& tenant, const Failure& failure);
Message groups_unread(const std::string& tenant, const Outcome& outcome);
Message no_groups(const std::string& tenant, std::int64_t pages);
Message groups_unknown(const std::string& tenant, std::size_t unknown, std::size_t all,
                       const std::string& group, const std::string& why);
Message too_deep(const std::string& tenant, const std::string& group);
Message tenants_refused(const Failure& failure);
Message tenants_unread(const Outcome& outcome);

/// The same error, with the server that was asked and what to check.
scai::Error no_token(const std::string& base_url, scai::Error error);
/// Why nothing of a tenant could be read; `what` names the call.
scai::Error as_error(const Failure& failure, const std::string& what);

} // namespace scai::directory
