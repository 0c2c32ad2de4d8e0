// The world of a test. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/testing/decode.hpp"
#include "lib/scir/interpreter.hpp"

#include <map>

namespace scaiflow::testing {

class MockHost final : public scai::scir::Host {
public:
    explicit MockHost(const Test& test) : test_(test) {}
    scai::scir::Outcome call(const scai::scir::Effect& effect) override;
    void event(const scai::scir::Event&) override {}

    struct Complaint {
        std::string node, message;
    };
    const std::vector<Complaint>& complaints() const { return complaints_; } ///< missing and used-up mocks
    const std::vector<std::string>& generated() const { return generated_; }
    const std::string& waiting() const { return waiting_; } ///< checkpoint without an answer

private:
    scai::scir::Outcome plugin(const scai::scir::Effect& effect);
    scai::scir::Outcome checkpoint(const scai::scir::Effect& effect);
    scai::scir::Outcome core_call(const scai::scir::Effect& effect);
    scai::scir::Outcome llm(const scai::scir::Effect& effect);
    /// What the test says, by the first of `keys` it has.
    std::optional<scai::scir::Outcome> mocked(const scai::json::Value& mocks, const std::string& node,
                                              const std::vector<std::string>& keys);
    scai::scir::Outcome generate(const std::string& node, scai::json::Value value);
    scai::scir::Outcome complain(const std::string& node, const char* code, std::string message);

    const Test& test_;
    std::map<std::string, std::size_t> used_; ///< answers taken from a sequence
    std::vector<Complaint> complaints_;
    std::vector<std::string> generated_;
    std::string waiting_;
};

} // namespace scaiflow::testing
