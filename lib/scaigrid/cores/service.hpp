// Use cases of Cores (contract scaigrid.md 3.2, 4, 5.3). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/scaigrid/cores/body.hpp"
#include "lib/scaigrid/cores/core.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/scaigrid/cores/rules.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::cores {

/// conflict SLUG_CONFLICT when the tenant has a Core of this slug.
scai::Result<Core> create(Context& context, const scai::web::Principal& caller, const Draft& draft);
/// What the draft names; the slug stays. not_found.
scai::Result<Core> replace(Context& context, const scai::web::Principal& caller, const std::string& id,
                           const Draft& draft);
/// not_found; conflict CORE_STATE_CONFLICT.
scai::Status remove(Context& context, const scai::web::Principal& caller, const std::string& id);
scai::Result<Core> get(Context& context, const scai::web::Principal& caller, const std::string& id);

/// conflict CORE_STATE_CONFLICT from a state it does not lead from. A start or restart whose checks fail
/// (environment, module) leaves the Core in error and says why: unprocessable INVALID_SOURCE_IR, or the
/// environment's refusal.
scai::Result<Core> act(Context& context, const scai::web::Principal& caller, const std::string& id,
                       Action action);

/// bad_request VALIDATION_ERROR when it is published already.
scai::Result<Core> publish(Context& context, const scai::web::Principal& caller, const std::string& id,
                           const std::vector<std::string>& group_ids);
/// Name, description and, when given, groups anew; bad_request VALIDATION_ERROR when it is not published.
scai::Result<Core> sync_publication(Context& context, const scai::web::Principal& caller,
                                    const std::string& id,
                                    const std::optional<std::vector<std::string>>& group_ids);
scai::Result<Core> unpublish(Context& context, const scai::web::Principal& caller, const std::string& id);

/// {source, summary} of a bundle, or of the JSON dump of one (contract scaigrid.md 4.4).
scai::Result<scai::json::Value> parse_bundle(std::string_view bytes);

} // namespace scaigrid::cores
