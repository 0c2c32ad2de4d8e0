// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/llm/provider.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaigrid/app/refusal.hpp"

#include <algorithm>
#include <thread>

namespace scaigrid::llm {

using scai::json::Value;

namespace {

/// What an endpoint answered with another status than 2xx. Its own text may quote the prompt: the message of
/// its error is passed on, cut, and nothing else.
scai::Error refused(const std::string& model, const scai::http::Response& response) {
    std::string said;
    if (const auto body = scai::json::parse(response.body)) {
        const Value error = body->get("error");
        said = error.is_string() ? *error.text() : error.member("message");
    }
    const std::string message = "model '" + model + "' answered " + std::to_string(response.status) +
                                (said.empty() ? "" : ": " + said.substr(0, 200));
    if (response.status == 429) {
        auto error = refusal(scai::ErrorKind::rate_limited, "BACKEND_RATE_LIMITED", message);
        if (const auto seconds = scai::parse_int(response.header("Retry-After")))
            error.retry_after_seconds = static_cast<int>(std::clamp<std::int64_t>(*seconds, 0, 3600));
        return error;
    }
    if (response.status == 400 || response.status == 413 || response.status == 422)
        return refusal(scai::ErrorKind::unprocessable, "VALIDATION_ERROR", message);
    return refusal(scai::ErrorKind::upstream, "BACKEND_ERROR", message);
}

class HttpProvider final : public Provider {
public:
    HttpProvider(scai::http::Client& http, HttpSettings settings)
        : http_(http), settings_(std::move(settings)) {}

    scai::Result<Reply> chat(const Chat& chat) override {
        std::optional<scai::Error> failed;
        for (const std::string& model : models_of(chat)) {
            auto reply = ask(chat, model);
            // A request that is refused as it stands is refused by the next model too.
            if (reply || reply.error().kind == scai::ErrorKind::unprocessable)
                return reply;
            failed = reply.error();
        }
        return failed ? *failed
                      : refusal(scai::ErrorKind::unprocessable, "VALIDATION_ERROR", "no model is named");
    }

    std::chrono::milliseconds longest(std::size_t models) const override {
        const auto attempts =
            static_cast<std::int64_t>(std::max<std::size_t>(models, 1)) * (settings_.retries + 1);
        return attempts * (settings_.timeout + std::chrono::seconds(2));
    }

private:
    std::vector<std::string> models_of(const Chat& chat) const {
        return settings_.model.empty() ? chat.models : std::vector{settings_.model};
    }

    scai::Result<Reply> ask(const Chat& chat, const std::string& model) {
        Value body = Value::object({{"model", model}, {"messages", chat.messages}});
        chat.options.each_member([&](std::string_view key, const Value& value) { body.set(key, value); });
        scai::http::Request request{.method = "POST",
                                    .url = settings_.base_url + "/chat/completions",
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = body.dump(),
                                    .timeout = settings_.timeout,
                                    .max_body = 8U << 20U,
                                    .keep_connection = true};
        if (!settings_.key.empty())
            request.headers.emplace_back("Authorization", "Bearer " + std::string(settings_.key.reveal()));
        for (int attempt = 1;; ++attempt) {
            const auto answer = http_.send(request);
            const bool again = !answer ? answer.error().kind == scai::ErrorKind::upstream
                                       : answer->status == 429 || answer->status >= 500;
            if (again && attempt <= settings_.retries) {
                const std::string wait = answer ? answer->header("Retry-After") : "";
                std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(
                    scai::http::retry_delay(attempt, wait, 0.5), std::chrono::seconds(2)));
                continue;
            }
            return answer ? read(model, *answer) : unreachable(model, answer.error());
        }
    }

    static scai::Error unreachable(const std::string& model, const scai::Error& error) {
        if (error.kind == scai::ErrorKind::timeout)
            return refusal(scai::ErrorKind::timeout, "BACKEND_TIMEOUT",
                           "model '" + model + "' did not answer in time");
        return refusal(scai::ErrorKind::upstream, "BACKEND_ERROR",
                       "model '" + model + "' cannot be reached: " + error.message);
    }

    static scai::Result<Reply> read(const std::string& model, const scai::http::Response& response) {
        if (response.status < 200 || response.status > 299)
            return refused(model, response);
        const auto body = scai::json::parse(response.body);
        const Value choice = body ? body->get("choices").at(0) : Value();
        const Value content = choice.get("message").get("content");
        if (!content.present())
            return refusal(scai::ErrorKind::upstream, "UPSTREAM_SHAPE_MISMATCH",
                           "model '" + model + "' answered something else than a chat completion");
        return Reply{.text = text_of(content),
                     .model = body->get("model").text_or(model),
                     .finish_reason = choice.get("finish_reason").text_or("stop"),
                     .usage = body->get("usage")};
    }

    scai::http::Client& http_;
    HttpSettings settings_;
};

/// About four characters a token, so that the figures are stable and of the right order.
std::int64_t tokens(std::size_t bytes) {
    return static_cast<std::int64_t>((bytes + 3) / 4);
}

class EchoProvider final : public Provider {
public:
    scai::Result<Reply> chat(const Chat& chat) override {
        if (chat.models.empty())
            return refusal(scai::ErrorKind::unprocessable, "VALIDATION_ERROR", "no model is named");
        Reply reply{.text = std::string(echo_prefix) + last_user_text(chat.messages),
                    .model = chat.models.front(),
                    .usage = {}};
        std::size_t asked = 0;
        chat.messages.each_item(
            [&](const Value& message) { asked += text_of(message.get("content")).size(); });
        const std::int64_t in = tokens(asked), out = tokens(reply.text.size());
        reply.usage =
            Value::object({{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}});
        return reply;
    }
    bool echo() const override { return true; }
    std::chrono::milliseconds longest(std::size_t) const override { return std::chrono::milliseconds(0); }
};

} // namespace

std::unique_ptr<Provider> make_http(scai::http::Client& http, HttpSettings settings) {
    while (settings.base_url.ends_with('/'))
        settings.base_url.pop_back();
    return std::make_unique<HttpProvider>(http, std::move(settings));
}

std::unique_ptr<Provider> make_echo() {
    return std::make_unique<EchoProvider>();
}

std::unique_ptr<Provider> make(const scai::config::Settings& settings, scai::http::Client& http) {
    if (!settings.has("SCAIGRID_LLM_BASE_URL"))
        return make_echo();
    HttpSettings how;
    how.base_url = settings.text("SCAIGRID_LLM_BASE_URL");
    how.key = settings.secret("SCAIGRID_LLM_API_KEY");
    how.model = settings.text("SCAIGRID_LLM_MODEL");
    how.timeout = std::chrono::seconds(settings.integer("SCAIGRID_LLM_TIMEOUT_SECONDS"));
    return make_http(http, std::move(how));
}

std::string text_of(const Value& content) {
    if (content.is_string())
        return *content.text();
    std::string out;
    content.each_item([&](const Value& part) {
        if (part.member("type") == "text")
            out += (out.empty() ? "" : "\n") + part.member("text");
    });
    return out;
}

std::string last_user_text(const Value& messages) {
    for (std::size_t i = messages.size(); i > 0; --i)
        if (messages.at(i - 1).member("role") == "user")
            return text_of(messages.at(i - 1).get("content"));
    return "";
}

} // namespace scaigrid::llm
