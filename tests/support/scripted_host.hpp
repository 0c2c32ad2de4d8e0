// A host of the interpreter whose answers the test gives: by path of the call, else by node id; a list of
// answers is used up one by one. Records everything. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scir/interpreter.hpp"

#include <deque>
#include <map>

namespace scai::test {

class ScriptedHost final : public scir::Host {
public:
    scir::Outcome call(const scir::Effect& effect) override {
        effects.push_back(effect);
        for (const std::string& key : {effect.path, effect.node_id}) {
            const auto found = answers.find(key);
            if (found == answers.end() || found->second.empty())
                continue;
            scir::Outcome outcome = found->second.front();
            if (found->second.size() > 1)
                found->second.pop_front();
            return outcome;
        }
        return otherwise;
    }
    void event(const scir::Event& event) override { events.push_back(event); }

    ScriptedHost& answer(const std::string& key, json::Value value) {
        answers[key].push_back(
            {.kind = scir::Outcome::Kind::value, .value = std::move(value), .code = {}, .message = {}});
        return *this;
    }
    ScriptedHost& fail(const std::string& key, const std::string& code) {
        answers[key].push_back(
            {.kind = scir::Outcome::Kind::failed, .value = {}, .code = code, .message = code + " happened"});
        return *this;
    }

    std::map<std::string, std::deque<scir::Outcome>> answers;
    scir::Outcome otherwise; ///< null
    std::vector<scir::Effect> effects;
    std::vector<scir::Event> events;
};

} // namespace scai::test
