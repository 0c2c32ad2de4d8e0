// What a process remembers of flows: contents, and what their callers hold on them. Nothing of it is served
// unless the statement of the same request says that it is current (store::detail).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/coalescer.hpp"
#include "lib/base/recent.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "lib/scaiflow/flows/access.hpp"
#include "lib/scaiflow/flows/contents.hpp"
#include "lib/scaiflow/testing/places.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace scaiflow::flows {

/// A flow as a person may see it, and the versions of the rows this was decided by. Every change of the flow,
/// of its access rows, of the person or of his memberships gives one of these rows another version: triggers
/// see to access rows and memberships.
struct Decision {
    std::string flow; ///< xmin of the row in flows
    UserVersion caller;
    Head head;
};

/// What a flow and a caller are at; nothing of a caller the mirror does not know.
struct Versions {
    std::string flow;
    std::optional<UserVersion> caller;
};
struct VersionsOf {
    Caller caller;
    std::string flow_id;
};

struct Memory {
    explicit Memory(scai::db::Pool& pool);

    static constexpr std::size_t most_decisions = 8192;
    static constexpr std::chrono::seconds longest{60}; ///< should a version ever fail to tell

    Contents contents;
    scai::Recent<Decision> decisions{most_decisions, longest};
    /// As the database has them now, nothing when the caller's tenant has no such flow. A lane for each
    /// tenant and role.
    scai::Coalescer<VersionsOf, std::optional<Versions>> versions;
    testing::Places test_runs; ///< nothing of a flow: who runs tests right now
};

} // namespace scaiflow::flows
