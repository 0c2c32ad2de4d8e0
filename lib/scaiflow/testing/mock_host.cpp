// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/testing/mock_host.hpp"

#include "lib/base/strings.hpp"
#include "lib/scir/answers.hpp"
#include "lib/scir/types.hpp"

#include <algorithm>

namespace scaiflow::testing {

using scai::json::Value;
using scai::scir::answered;
using scai::scir::Effect;
using scai::scir::EffectKind;
using scai::scir::failed;
using scai::scir::failure_code;
using scai::scir::option_ids;
using scai::scir::Outcome;

namespace {

/// One answer as the test wrote it.
Outcome outcome_of(const Value& answer, const std::string& code) {
    if (!answer.is_object() || answer.size() != 1)
        return answered(answer);
    const Value error = answer.get("error");
    if (error.is_string())
        return failed(code, *error.text());
    if (error.is_object())
        return failed(error.get("code").text_or(code), error.get("message").text_or("mocked failure"));
    if (answer.get("timeout").boolean().value_or(false))
        return failed("timeout", "no answer in time");
    return answered(answer);
}

} // namespace

Outcome MockHost::call(const Effect& effect) {
    switch (effect.kind) {
    case EffectKind::llm:
        return llm(effect);
    case EffectKind::plugin:
        return plugin(effect);
    case EffectKind::checkpoint:
        return checkpoint(effect);
    case EffectKind::core_call:
        break;
    }
    return core_call(effect);
}

std::optional<Outcome> MockHost::mocked(const Value& mocks, const std::string& node,
                                        const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        const Value mock = mocks.get(key);
        if (!mock.present())
            continue;
        const Value sequence = mock.size() == 1 ? mock.get("sequence") : Value();
        if (!sequence.is_array())
            return answered(mock);
        const std::size_t number = used_[key]++;
        if (number < sequence.size())
            return answered(sequence.at(number));
        return complain(node, "mock_used_up",
                        "the sequence of mock '" + key + "' has " + std::to_string(sequence.size()) +
                            " answers, and this is call " + std::to_string(number + 1));
    }
    return std::nullopt;
}

Outcome MockHost::generate(const std::string& node, Value answer) {
    if (std::ranges::find(generated_, node) == generated_.end())
        generated_.push_back(node);
    return answered(std::move(answer));
}

Outcome MockHost::complain(const std::string& node, const char* code, std::string message) {
    complaints_.push_back({node, message});
    return failed(code, std::move(message));
}

Outcome MockHost::llm(const Effect& effect) {
    if (auto answer = mocked(test_.mocks, effect.node_id, {effect.node_id}))
        return answer->kind == Outcome::Kind::value ? outcome_of(answer->value, failure_code(effect.kind))
                                                    : *answer;
    return generate(effect.node_id, scai::scir::sample_output(effect.request.get("output_type")));
}

Outcome MockHost::plugin(const Effect& effect) {
    const std::string name = effect.request.member("plugin") + "." + effect.request.member("method");
    if (auto answer = mocked(test_.mocks, effect.node_id, {effect.node_id, name}))
        return answer->kind == Outcome::Kind::value ? outcome_of(answer->value, failure_code(effect.kind))
                                                    : *answer;
    const Value args = effect.request.get("args");
    if (name == "scaiqueue.publish" || name == "scaiqueue.escalate")
        return generate(effect.node_id, Value::object({{"message_id", "msg_" + effect.node_id},
                                                       {"scope", args.get("scope")},
                                                       {"queue", args.get("queue")},
                                                       {"status", "queued"}}));
    if (name == "scaibunker.create")
        return generate(effect.node_id,
                        Value::object({{"bunker_id", "bunker_" + effect.node_id}, {"status", "running"}}));
    if (name == "scaibunker.write_file" || name == "scaibunker.destroy")
        return generate(effect.node_id, nullptr);
    return complain(effect.node_id, "mock_missing",
                    "no mock for this call: add mocks." + effect.node_id + " or mocks[\"" + name + "\"]");
}

Outcome MockHost::core_call(const Effect& effect) {
    const std::string target = effect.request.member("target");
    if (auto answer = mocked(test_.mocks, effect.node_id, {effect.node_id, target}))
        return answer->kind == Outcome::Kind::value ? outcome_of(answer->value, failure_code(effect.kind))
                                                    : *answer;
    if (effect.request.get("is_async").boolean().value_or(false))
        return generate(effect.node_id, nullptr);
    return complain(effect.node_id, "mock_missing",
                    "no mock for this sub-flow: add mocks." + effect.node_id + " or mocks[\"" + target +
                        "\"]");
}

Outcome MockHost::checkpoint(const Effect& effect) {
    if (effect.request.member("checkpoint_type") == "debug_breakpoint")
        return answered(nullptr);
    auto answer = mocked(test_.checkpoints, effect.node_id, {effect.node_id});
    if (!answer)
        answer = mocked(test_.mocks, effect.node_id, {effect.node_id});
    if (!answer) {
        waiting_ = effect.node_id;
        return {.kind = Outcome::Kind::suspended, .value = {}, .code = {}, .message = {}};
    }
    if (answer->kind != Outcome::Kind::value)
        return *answer;
    Outcome outcome = outcome_of(answer->value, failure_code(effect.kind));
    const Value chosen = outcome.value.is_object() ? outcome.value.get("resolution") : outcome.value;
    const auto ids = option_ids(effect.request.get("options"));
    if (!ids.empty() && chosen.is_string() && std::ranges::find(ids, *chosen.text()) == ids.end())
        return complain(effect.node_id, "mock_option",
                        "'" + *chosen.text() + "' is none of the options " + scai::join(ids, ", "));
    return outcome;
}

} // namespace scaiflow::testing
