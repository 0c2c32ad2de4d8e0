// Who answers for a language model: an OpenAI-compatible endpoint (SCAIGRID_LLM_BASE_URL), or a deterministic
// echo that says in its answer that it is one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/config/settings.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scaigrid::llm {

struct Chat {
    std::vector<std::string> models; ///< tried in order
    scai::json::Value messages;      ///< [{role, content}], as OpenAI has them
    scai::json::Value options;       ///< further members of the request: temperature, max_tokens, ...
};

struct Reply {
    std::string text;
    std::string model; ///< the one that answered
    std::string finish_reason = "stop";
    scai::json::Value usage; ///< {prompt_tokens, completion_tokens, total_tokens}
};

/// Thread-safe.
class Provider {
public:
    virtual ~Provider() = default;
    /// upstream BACKEND_ERROR, timeout BACKEND_TIMEOUT, rate_limited BACKEND_RATE_LIMITED; unprocessable when
    /// the endpoint refused the request itself.
    virtual scai::Result<Reply> chat(const Chat& chat) = 0;
    virtual bool echo() const { return false; }
    /// One call, with all its retries and fallbacks, takes no longer.
    virtual std::chrono::milliseconds longest(std::size_t models) const = 0;
};

struct HttpSettings {
    std::string base_url; ///< "https://llm.example/v1"
    scai::SecretText key;
    std::string model; ///< in place of the models asked for; "" = as asked
    std::chrono::milliseconds timeout{60'000};
    int retries = 2; ///< of each model, on 429, 5xx and broken connections
};

std::unique_ptr<Provider> make_http(scai::http::Client& http, HttpSettings settings);
std::unique_ptr<Provider> make_echo();
/// By SCAIGRID_LLM_BASE_URL, _API_KEY, _MODEL and _TIMEOUT_SECONDS.
std::unique_ptr<Provider> make(const scai::config::Settings& settings, scai::http::Client& http);

inline constexpr std::string_view echo_prefix = "[echo model] ";

/// The text of a message: a text, or a list of parts of which the text ones count.
std::string text_of(const scai::json::Value& content);
/// Text of the last message of role "user"; "" when there is none.
std::string last_user_text(const scai::json::Value& messages);

} // namespace scaigrid::llm
