// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/finder.hpp"

#include "lib/scaivault/secrets/service.hpp"

#include <string>
#include <utility>
#include <vector>

namespace scaivault::secrets {

Finder::Finder(scai::db::Pool& pool)
    : rows_([&pool](const std::string& owner, const std::vector<store::Wanted>& wanted) {
          auto reader = pool.read(scai::db::Scope::tenant(owner));
          return store::find(reader, owner, wanted);
      }) {}

scai::Result<store::Stored> Finder::find(std::string_view owner, const store::Wanted& wanted) {
    auto stored = rows_.ask(std::string(owner), wanted);
    if (!stored)
        return secret_not_found(wanted.path);
    if (stored->version == 0)
        return version_not_found(wanted.path, wanted.version.value_or(0));
    return std::move(*stored);
}

} // namespace scaivault::secrets
