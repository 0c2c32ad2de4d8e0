// What the owner of a subscription may hear of: his policies must let him list or read the path, now and not
// only when he subscribed. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/policies/evaluator.hpp"
#include "lib/scaivault/policies/pattern.hpp"

#include <map>
#include <string>
#include <vector>

namespace scaivault::subscriptions {

/// Some pattern fits; events without a path fit none.
bool paths_fit(const std::vector<policies::Pattern>& patterns, std::string_view path);
std::vector<policies::Pattern> compile(const std::vector<std::string>& paths);
/// list or read, which may each come from another policy.
bool may_hear(policies::Evaluator& evaluator, const Caller& caller, const std::string& path);

/// For subscriptions that are delivered without their owner being there. Conditions on address and second
/// factor cannot hold then: the check fails closed. Keeps what it looked up, so it lives for one batch.
class Access {
public:
    explicit Access(policies::Evaluator& evaluator);
    bool may_see(scai::db::Reader& reader, const std::string& tenant_id, const std::string& subscription_id,
                 const events::Row& event);

private:
    struct Subscriber {
        bool known = false;
        std::vector<policies::Pattern> patterns;
        Caller caller;
    };
    const Subscriber& subscriber(scai::db::Reader& reader, const std::string& tenant_id,
                                 const std::string& subscription_id);

    policies::Evaluator& evaluator_;
    std::map<std::string, Subscriber> subscribers_;
};

} // namespace scaivault::subscriptions
