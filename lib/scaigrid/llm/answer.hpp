// An LLM block of a run, asked of a provider: goal, guidance and bindings as messages, the answer fitted to
// output_type. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/llm/provider.hpp"
#include "lib/scir/interpreter.hpp"

namespace scaigrid::llm {

/// `request` as the interpreter hands it over. With an output_type the answer is an object of it: when the
/// model's first answer is none it is shown what is wrong and asked once more. Failures: llm_failed,
/// llm_rate_limited, timeout, output_type.
scai::scir::Outcome answer(Provider& provider, const scai::json::Value& request);

/// What the model is asked.
Chat chat_of(const scai::json::Value& request);

/// The JSON object in a model's text, which may stand in a fence or between sentences; nothing when there is
/// none.
scai::json::Value object_in(std::string_view text);

} // namespace scaigrid::llm
