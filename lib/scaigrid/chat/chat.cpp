// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/chat/chat.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/models/models.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/runs/world.hpp"

#include <algorithm>
#include <array>

namespace scaigrid::chat {

using scai::json::Value;

namespace {

constexpr std::size_t max_messages = 1000;
constexpr std::array passed_on{
    "max_tokens", "max_completion_tokens", "temperature",       "top_p",          "stop",
    "seed",       "presence_penalty",      "frequency_penalty", "response_format"};

void check_messages(const Value& messages, scai::json::Fields& fields) {
    if (!messages.is_array() || messages.size() == 0 || messages.size() > max_messages)
        return fields.reject("messages", "must be a list of 1 to " + std::to_string(max_messages) +
                                             " messages {role, content}");
    constexpr std::array roles{"system", "developer", "user", "assistant", "tool"};
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Value message = messages.at(i);
        const std::string at = "messages[" + std::to_string(i) + "]";
        if (std::ranges::find(roles, message.member("role")) == roles.end())
            fields.reject(at + ".role", "must be system, developer, user, assistant or tool");
        const Value content = message.get("content");
        if (!content.is_string() && !content.is_array() && !(content.is_null() && message.size() > 2))
            fields.reject(at + ".content", "must be a text or a list of parts");
    }
}

/// What a run gave, as the text of an assistant.
std::string text_of(const runs::State& state) {
    if (state.status == "suspended")
        return "The run waits for an answer of a person" +
               (state.checkpoint_id ? " (checkpoint " + *state.checkpoint_id + ")." : ".");
    if (state.status == "running")
        return "The run takes longer and goes on in the background (execution " + state.execution_id + ").";
    const Value response = state.output.is_object() ? state.output.get("response") : state.output;
    const Value& shown = response.present() ? response : state.output;
    if (shown.is_string())
        return *shown.text();
    return shown.is_null() || !shown.present() ? "" : Value::array({shown}).dump();
}

scai::Result<Completion> run_core(Context& context, const scai::web::Principal& caller, const Ask& ask,
                                  const std::string& core_id) {
    const Value input =
        Value::object({{"message", llm::last_user_text(ask.messages)}, {"messages", ask.messages}});
    SCAI_TRY(const auto state, runs::invoke_state(context, caller.tenant_id,
                                                  {.core_id = core_id,
                                                   .trigger = "",
                                                   .input = input,
                                                   .instance_key = ask.entity_id,
                                                   .caused_by = caller.subject}));
    if (state.status == "failed") {
        auto error =
            refusal(scai::ErrorKind::upstream, "BACKEND_ERROR",
                    "the Core failed: " + state.error.member("code") + ": " + state.error.member("message"));
        error.extra.emplace_back("execution_id", state.execution_id);
        return error;
    }
    Completion out{.model = ask.model, .reply = {}, .run = {}};
    out.reply.text = text_of(state);
    out.reply.model = ask.model;
    out.reply.usage = Value::object({{"prompt_tokens", 0}, {"completion_tokens", 0}, {"total_tokens", 0}});
    const Value shown = runs::to_json(state);
    out.run = Value::object({{"execution_id", shown.get("execution_id")},
                             {"status", shown.get("status")},
                             {"checkpoint_id", shown.get("checkpoint_id")}});
    return out;
}

Value choice(const char* key, Value message, Value finish_reason) {
    Value out = Value::object({{"index", 0}});
    out.set(key, std::move(message));
    return out.set("finish_reason", std::move(finish_reason));
}

Value frame(const Completion& completion, const std::string& id, const char* object, std::int64_t created,
            Value only_choice) {
    return Value::object({{"id", id},
                          {"object", object},
                          {"created", created},
                          {"model", completion.model},
                          {"choices", Value::array({std::move(only_choice)})}});
}

std::string new_id() {
    return "chatcmpl-" + scai::crypto::random_id(20);
}

Value assistant(const Completion& completion) {
    return Value::object({{"role", "assistant"}, {"content", completion.reply.text}});
}

} // namespace

scai::Result<Ask> decode(const Value& body) {
    scai::json::Fields fields(body, "body");
    Ask ask;
    ask.model = fields.text("model", {.max = 512});
    ask.entity_id = fields.optional_text("entity_id", {.max = 255}).value_or("");
    ask.stream = fields.optional_boolean("stream").value_or(false);
    ask.messages = body.get("messages");
    check_messages(ask.messages, fields);
    ask.options = Value::object();
    for (const char* key : passed_on)
        if (const Value value = body.get(key); value.present() && !value.is_null())
            ask.options.set(key, value);
    if (const auto n = fields.optional_integer("n"); n && *n != 1)
        fields.reject("n", "only one choice is given");
    if (auto error = fields.error())
        return *error;
    return ask;
}

scai::Result<Completion> complete(Context& context, const scai::web::Principal& caller, const Ask& ask) {
    const auto model = models::find(context, caller, ask.model);
    if (model && !model->core_id.empty())
        return run_core(context, caller, ask, model->core_id);
    // Whatever else is named is the provider's to know; names of Cores are ours.
    if (!model && (model.error().code != "MODEL_NOT_FOUND" || ask.model.starts_with("scaicore/")))
        return model.error();
    const llm::Chat asked{.models = {ask.model}, .messages = ask.messages, .options = ask.options};
    if (ask.model == models::echo_slug) {
        SCAI_TRY(auto reply, llm::make_echo()->chat(asked));
        return Completion{.model = ask.model, .reply = std::move(reply), .run = {}};
    }
    SCAI_TRY(auto reply, context.runs->llm->chat(asked));
    return Completion{.model = ask.model, .reply = std::move(reply), .run = {}};
}

Value native_view(const Completion& completion) {
    Value out = Value::object(
        {{"id", new_id()},
         {"model", completion.model},
         {"choices",
          Value::array({choice("message", assistant(completion), completion.reply.finish_reason)})},
         {"usage", completion.reply.usage.present() ? completion.reply.usage : Value::object()}});
    if (completion.run.present())
        out.set("scaicore", completion.run);
    return out;
}

Value openai_view(const Completion& completion, std::int64_t created) {
    Value out = frame(completion, new_id(), "chat.completion", created,
                      choice("message", assistant(completion), completion.reply.finish_reason));
    out.set("usage", completion.reply.usage.present() ? completion.reply.usage : Value::object());
    if (completion.run.present())
        out.set("scaicore", completion.run);
    return out;
}

std::string openai_stream(const Completion& completion, std::int64_t created) {
    const std::string id = new_id();
    const auto event = [&](Value delta, Value finish_reason) {
        return "data: " +
               frame(completion, id, "chat.completion.chunk", created,
                     choice("delta", std::move(delta), std::move(finish_reason)))
                   .dump() +
               "\n\n";
    };
    return event(assistant(completion), nullptr) + event(Value::object(), completion.reply.finish_reason) +
           "data: [DONE]\n\n";
}

} // namespace scaigrid::chat
