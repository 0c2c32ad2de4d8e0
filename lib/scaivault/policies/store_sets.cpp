// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/store_sets.hpp"

#include <algorithm>
#include <tuple>

namespace scaivault::policies::store {

namespace {

// One statement: what it returns belongs together. A binding read before it was taken away must never meet
// rules that were written afterwards.
constexpr auto everything_of_an_owner = R"(
SELECT 0 AS kind, '' AS name, '' AS id, '' AS policy_id, '' AS text, false AS active, generation AS number
  FROM scaivault.policy_generations WHERE tenant_id = :p1
UNION ALL
SELECT 1, p.name, p.id, '', p.rules::text, p.is_active, NULL
  FROM scaivault.policies p
 WHERE p.tenant_id = :p1
   AND EXISTS (SELECT FROM scaivault.policy_bindings b WHERE b.tenant_id = p.tenant_id AND b.policy_id = p.id)
UNION ALL
SELECT 2, '', b.id, b.policy_id, b.identity_id, true, (extract(epoch FROM b.expires_at) * 1000000)::bigint
  FROM scaivault.policy_bindings b WHERE b.tenant_id = :p1)";

} // namespace

SetRows set_rows(scai::db::Executor& reader, const std::string& owner) {
    SetRows out;
    auto rows = reader.all<int, std::string, std::string, std::string, std::string, bool,
                           std::optional<std::int64_t>>(everything_of_an_owner, owner);
    for (auto& [kind, name, id, policy_id, text, active, number] : rows) {
        if (kind == 0)
            out.generation = number.value_or(0);
        else if (kind == 1)
            out.policies.push_back({std::move(id), std::move(name), std::move(text), active});
        else
            out.bindings.push_back(
                {std::move(id), std::move(policy_id), std::move(text),
                 number ? std::optional(scai::UtcTime(std::chrono::microseconds(*number))) : std::nullopt});
    }
    // Here, not in the statement: it would sort rules and all, half of its time.
    std::sort(out.policies.begin(), out.policies.end(),
              [](const SetRows::Policy& a, const SetRows::Policy& b) {
                  return std::tie(a.name, a.id) < std::tie(b.name, b.id);
              });
    std::sort(out.bindings.begin(), out.bindings.end(),
              [](const Binding& a, const Binding& b) { return a.id < b.id; });
    return out;
}

} // namespace scaivault::policies::store
