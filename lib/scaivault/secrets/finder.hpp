// Finder: one secret with one of its versions, for many who ask at once: those of an owner share a statement,
// which begins after each of them asked. Thread-safe. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/coalescer.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/secrets/store.hpp"

#include <optional>
#include <string_view>

namespace scaivault::secrets {

class Finder {
public:
    explicit Finder(scai::db::Pool& pool);
    /// secret_not_found, version_not_found (destroyed, aged out, or past its grace period).
    scai::Result<store::Stored> find(std::string_view owner, const store::Wanted& wanted);

private:
    scai::Coalescer<store::Wanted, std::optional<store::Stored>> rows_;
};

} // namespace scaivault::secrets
