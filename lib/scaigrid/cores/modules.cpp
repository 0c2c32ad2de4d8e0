// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/modules.hpp"

namespace scaigrid::cores {

namespace {
constexpr std::size_t most_modules = 500;
} // namespace

Modules::Module Modules::find(const std::string& core_id, std::int64_t revision) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find({core_id, revision});
    return found == kept_.end() ? nullptr : found->second;
}

void Modules::keep(const std::string& core_id, std::int64_t revision, Module module) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= most_modules)
        kept_.clear();
    kept_.insert_or_assign({core_id, revision}, std::move(module));
}

} // namespace scaigrid::cores
