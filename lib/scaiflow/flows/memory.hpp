// What a process remembers of flows: contents, and what their callers hold on them. Nothing of it is served
// unless the statement of the same request says that it is current (store::detail).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/recent.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "lib/scaiflow/flows/access.hpp"
#include "lib/scaiflow/flows/contents.hpp"
#include "lib/scaiflow/testing/places.hpp"

#include <chrono>
#include <cstddef>
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

struct Memory {
    static constexpr std::size_t most_decisions = 8192;
    static constexpr std::chrono::seconds longest{60}; ///< should a version ever fail to tell

    Contents contents;
    scai::Recent<Decision> decisions{most_decisions, longest};
    testing::Places test_runs; ///< nothing of a flow: who runs tests right now
};

} // namespace scaiflow::flows
