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
#include <vector>

namespace scaivault::policies {

/// Thread-safe.
class Evaluator {
public:
    /// Keeps sets of about `max_weight` rules and bindings in all; the least recently used owners go first.
    Evaluator(scai::db::Pool& pool, const scai::Clock& clock, std::size_t max_weight = 200'000);
    ~Evaluator();

    /// Union of the policies of the caller's tenant and of its partner.
    Decision decide(const Caller& caller, std::string_view path, Permission permission);
    /// The same, with the trace, for any query; `where` names tenant, partner and their generations.
    Decision explain(const Caller& where, const Query& query);
    /// The 403 to answer with; readers of policies (scope policies:read) get the trace in details.
    scai::Status allow(const Caller& caller, std::string_view path, Permission permission);
    /// How the paths begin that the caller may have the permission on: a list need not look elsewhere. What
    /// lies there is still decided path by path.
    std::vector<std::string> reach(const Caller& caller, Permission permission, scai::UtcTime now);

    /// The compiled set of an owner as of at least `generation`; 0 = the owner has no policies. Loads of one
    /// owner are shared. Throws db::Error: who cannot read the policies cannot decide.
    std::shared_ptr<const PolicySet> set(const std::string& owner, std::int64_t generation);
    std::size_t owners() const; ///< sets kept now
    const scai::Clock& clock() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Of explain(): the policies considered, each once, and every line of the trace (the first `max_lines`).
scai::json::Value evaluated_policies(const Decision& decision);
scai::json::Value trace_of(const Decision& decision, std::size_t max_lines);
/// The line that came nearest to allowing: a condition before a permission before a path with a hint; null if
/// none.
scai::json::Value nearest_miss(const Decision& decision);
/// Decision::reason in words.
std::string reason_text(const Decision& decision);

} // namespace scaivault::policies
