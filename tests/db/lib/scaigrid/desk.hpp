// A tenant's scope "desk" with one queue, on a real PostgreSQL. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scaigrid/queues/scopes.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

namespace desk_of_test {

namespace queues = scaigrid::queues;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

inline Value json(const std::string& text) {
    return scai::json::parse(text).value();
}

struct Desk {
    explicit Desk(const std::string& queue = R"({"slug":"work"})") {
        const auto scope = queues::create_scope(pool, caller, json(R"({"slug":"desk"})"));
        BOOST_REQUIRE(scope);
        const auto made = queues::create_queue(pool, caller, "desk", json(queue));
        BOOST_REQUIRE(made);
    }

    scai::Result<std::string> publish(queues::Publication message) {
        message.scope = "desk";
        message.queue = message.queue.empty() ? "work" : message.queue;
        return scai::db::in_tx(pool, Scope::tenant("t1"),
                               [&](Tx& tx) { return queues::publish(tx, "t1", message); });
    }
    std::string publish(const std::string& type) {
        queues::Publication message;
        message.message_type = type;
        message.body = Value::object({{"n", type}});
        return publish(std::move(message)).value();
    }
    scai::Result<std::vector<Value>> claim(const std::string& who, std::int64_t count = 1,
                                           const std::string& queue = "work") {
        return scai::db::in_tx(pool, Scope::tenant("t1"), [&](Tx& tx) {
            return queues::claim(tx, "t1", {"desk", queue, count, "", {}, {who, "user"}});
        });
    }
    std::vector<std::string> types(const std::string& who, std::int64_t count,
                                   const std::string& queue = "work") {
        std::vector<std::string> out;
        const auto claimed = claim(who, count, queue);
        BOOST_REQUIRE(claimed);
        for (const auto& message : *claimed)
            out.push_back(message.member("message_type"));
        return out;
    }
    static queues::Held held(const Value& message, const std::string& who = "ann",
                             const std::string& queue = "work") {
        return {"desk", queue, message.member("id"), message.member("claim_id"), {who, "user"}};
    }
    template<class Work>
    auto tx(Work work) {
        return scai::db::in_tx(pool, Scope::tenant("t1"), work);
    }
    queues::Swept sweep() {
        return scai::db::in_tx(jobs, Scope::all_tenants(), [](Tx& tx) { return queues::sweep(tx, 100); });
    }
    /// Lets the claims of all messages run out.
    void let_claims_run_out() const {
        db.sql("UPDATE scaigrid.messages SET claim_expires_at = clock_timestamp() - interval '1 second' "
               "WHERE state = 'claimed'");
    }
    void let_delays_end() const {
        db.sql("UPDATE scaigrid.messages SET visible_at = clock_timestamp() - interval '1 second' "
               "WHERE NOT ready");
    }
    Value queue(const std::string& name = "work") {
        return queues::get_queue(pool, caller, "desk", name).value();
    }
    std::int64_t depth(const std::string& what, const std::string& name = "work") {
        return queue(name).get("depth_" + what).integer().value_or(-1);
    }
    Value message(const std::string& id, const std::string& name = "work") {
        const auto found = queues::get_message(pool, caller, "desk", name, id);
        return found ? *found : Value();
    }
    std::vector<std::string> trail(const std::string& id) const {
        std::vector<std::string> out;
        for (const auto& row :
             db.rows("SELECT action FROM scaigrid.queue_audit WHERE message_id = '" + id + "' ORDER BY id"))
            out.push_back(row.front());
        return out;
    }

    test::Database db = test::migrated_database("scaigrid");
    scai::db::Pool pool{db.settings("scaigrid_handler", 8)};
    scai::db::Pool jobs{db.settings("scaigrid_jobs", 2)};
    queues::Caller caller{"t1", {"ann", "user"}};
};

using Texts = std::vector<std::string>;

inline const std::string review = R"({"sections":[{"type":"context","title":"Claim","content":"42 EUR"},
    {"type":"input","field":"note","kind":"text","required":true},
    {"type":"decision","field":"verdict","options":["approve","reject"]}]})";

} // namespace desk_of_test
