// Outbox: an event is a row of the transaction that caused it; jobs and pollers take it from there (contract
// scaivault.md 4.3). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/app/caller.hpp"

#include <string>
#include <vector>

namespace scaivault::events {

struct Event {
    std::string type;                                     ///< "secret.created"
    std::string owner;                                    ///< tenant id, or "partner/<id>"
    std::string path = {};                                ///< "" = no path resource
    std::string secret_type = {};                         ///< for filters; "" = none
    std::vector<std::string> tags = {};                   ///< for filters
    scai::json::Value data = scai::json::Value::object(); ///< never a secret value
};

void emit(scai::db::Tx& tx, const Caller& who, const Event& event);

} // namespace scaivault::events
