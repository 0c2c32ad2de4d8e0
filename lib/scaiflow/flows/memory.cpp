// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/memory.hpp"

#include "lib/scaiflow/flows/store.hpp"

#include <vector>

namespace scaiflow::flows {

Memory::Memory(scai::db::Pool& pool)
    : versions([&pool](const std::string&, const std::vector<VersionsOf>& asked) {
          auto reader = pool.read(scope_of(asked.front().caller));
          return store::versions(reader, asked);
      }) {}

} // namespace scaiflow::flows
