// Lists of flows: pages newest first, and how many there are. A page costs the same wherever it begins and
// however many flows there are: one index walk for each way a flow can reach the caller (as owner, by an
// access row of his own, by one of each of his groups), merged. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::flows {

enum class Whose {
    visible, ///< what the caller may see; everything for the admin roles
    own,     ///< what he owns
    tenant,  ///< all of Listing::tenant_id: the caller has been checked
};

/// Where a page starts: after this flow.
struct ListKey {
    std::int64_t micros = 0; ///< of updated_at, or deleted_at in a list of deleted flows
    std::string id;
};

struct Listing {
    Whose whose = Whose::visible;
    std::string tenant_id;             ///< of Whose::tenant
    std::optional<std::string> search; ///< part of the name, any case
    bool deleted = false;              ///< the deleted ones instead, where the caller has admin
    std::optional<ListKey> after;
    std::int64_t limit = 100;
};

struct FlowPage {
    std::vector<Head> flows; ///< level is not filled in
    std::optional<ListKey> next;
    std::int64_t total = 0;
    bool total_capped = false; ///< there are (or, after many duplicates, may be) more than `total`
};

inline constexpr std::int64_t largest_total = 1'000;

FlowPage list(scai::db::Executor& reader, const Caller& caller, const Listing& listing);

} // namespace scaiflow::flows
