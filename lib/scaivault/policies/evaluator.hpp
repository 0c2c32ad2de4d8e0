// The live policy check: compiled policy sets by owner, kept per process and replaced when the generation the
// caller's statement brought along is another one, so that a change counts for the very next request.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/policies/rules.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace scaivault::policies {

/// Thread-safe.
class Evaluator {
public:
    Evaluator(scai::db::Pool& pool, const scai::Clock& clock);
    ~Evaluator();

    /// Union of the policies of the caller's tenant and of its partner.
    Decision decide(const Caller& caller, std::string_view path, Permission permission);
    /// The 403 to answer with; readers of policies (scope policies:read) get the trace in details.
    scai::Status allow(const Caller& caller, std::string_view path, Permission permission);
    /// The compiled set of an owner as of at least `generation`.
    std::shared_ptr<const PolicySet> set(const std::string& owner, std::int64_t generation);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault::policies
