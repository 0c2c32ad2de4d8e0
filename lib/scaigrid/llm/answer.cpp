// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/llm/answer.hpp"

#include "lib/base/strings.hpp"
#include "lib/scir/answers.hpp"
#include "lib/scir/types.hpp"
#include "lib/scir/values.hpp"

namespace scaigrid::llm {

using scai::json::Value;
namespace scir = scai::scir;

namespace {

constexpr std::size_t shown_bytes = 256; ///< of a prompt in an echo

bool typed(const Value& request) {
    return request.get("output_type").size() > 0;
}

void paragraph(std::string& out, std::string_view title, const Value& value) {
    if (!value.present() || value.is_null() || (!value.is_string() && value.size() == 0))
        return;
    const std::string text = value.is_string() ? *value.text() : value.dump();
    if (text.empty())
        return;
    out += (out.empty() ? "" : "\n\n") + std::string(title) + text;
}

std::string system_text(const Value& request) {
    std::string out;
    if (const Value persona = request.get("identity").get("persona"); persona.is_string())
        paragraph(out, "You are ", persona);
    paragraph(out, "", request.get("system_context"));
    paragraph(out, "Guidance: ", request.get("guidance"));
    paragraph(out, "Constraints: ", request.get("constraints"));
    if (typed(request))
        paragraph(out, "Answer with one JSON object and nothing else. Its fields and their types: ",
                  request.get("output_type"));
    return out;
}

Value message(const char* role, std::string text) {
    return Value::object({{"role", role}, {"content", std::move(text)}});
}

/// The beginning of a text, cut between characters.
std::string beginning(const std::string& text) {
    std::size_t end = std::min(text.size(), shown_bytes);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

/// The choice of an enum that a text mentions first; "" when there is none, or the type is no enum.
std::string choice_in(const std::string& text, std::string_view type) {
    if (!type.starts_with("enum[") || !type.ends_with("]"))
        return "";
    std::string found;
    std::size_t first = std::string::npos;
    for (auto& choice : scai::split_list(type.substr(5, type.size() - 6)))
        if (const std::size_t at = text.find(choice); at < first) {
            first = at;
            found = choice;
        }
    return found;
}

/// Numbers in a text, in order: "Train to Milan, 420.50 euro".
std::vector<double> numbers_in(const std::string& text) {
    std::vector<double> out;
    const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
    for (std::size_t i = 0; i < text.size() && out.size() < 16; ++i) {
        if (!digit(i))
            continue;
        const std::size_t first = i;
        while (digit(i) || (i < text.size() && text[i] == '.' && digit(i + 1)))
            ++i;
        if (const Value number = object_in("{\"n\":" + text.substr(first, i - first) + "}").get("n");
            number.number())
            out.push_back(*number.number());
    }
    return out;
}

/// Always the same for the same request: a sample of the type. Texts say where they come from, numbers and
/// choices are those the goal mentions, in order.
Value echoed(const Value& request) {
    const std::string goal = request.get("goal").text_or("");
    const std::string said = std::string(echo_prefix) + beginning(goal);
    if (!typed(request))
        return said;
    const Value type = request.get("output_type");
    const auto numbers = numbers_in(goal);
    std::size_t used = 0;
    Value out = Value::object();
    scir::sample_output(type).each_member([&](std::string_view field, const Value& sample) {
        Value value = type.get(field).text_or("") == "string" ? Value(said) : sample;
        if (sample.number() && used < numbers.size()) {
            Value trial = Value::object();
            trial.set(field, numbers[used++]);
            Value wanted = Value::object();
            wanted.set(field, type.get(field));
            if (const auto fitted = scir::fit_output(trial, wanted))
                value = fitted->get(field);
        }
        if (const std::string choice = choice_in(goal, type.get(field).text_or("")); !choice.empty())
            value = choice;
        out.set(field, value);
    });
    return out;
}

scir::Outcome refused(const scai::Error& error) {
    switch (error.kind) {
    case scai::ErrorKind::timeout:
        return scir::failed("timeout", error.message);
    case scai::ErrorKind::rate_limited:
        return scir::failed("llm_rate_limited", error.message);
    default:
        return scir::failed("llm_failed", error.message);
    }
}

} // namespace

Value object_in(std::string_view text) {
    const std::size_t first = text.find('{'), last = text.rfind('}');
    if (first == std::string_view::npos || last == std::string_view::npos || last < first)
        return {};
    if (auto parsed = scai::json::parse(text.substr(first, last - first + 1)); parsed && parsed->is_object())
        return *parsed;
    return {};
}

Chat chat_of(const Value& request) {
    Chat chat;
    const Value models = request.get("models");
    models.each_item([&](const Value& entry) {
        if (std::string model = entry.member("model"); !model.empty())
            chat.models.push_back(std::move(model));
    });
    chat.messages = Value::array();
    if (std::string text = system_text(request); !text.empty())
        chat.messages.push(message("system", std::move(text)));
    request.get("examples").each_item([&](const Value& example) {
        const Value input = example.get("input"), output = example.get("output");
        if (!input.present() || !output.present())
            return;
        chat.messages.push(message("user", input.is_string() ? *input.text() : input.dump()));
        chat.messages.push(message("assistant", output.is_string() ? *output.text() : output.dump()));
    });
    std::string ask;
    paragraph(ask, "", request.get("goal"));
    paragraph(ask, "Input: ", request.get("input"));
    paragraph(ask, "Context: ", request.get("context"));
    chat.messages.push(message("user", std::move(ask)));
    chat.options = Value::object();
    if (const Value temperature = models.at(0).get("temperature"); temperature.number())
        chat.options.set("temperature", temperature);
    if (const auto most = request.get("budget").get("max_tokens").integer(); most && *most > 0)
        chat.options.set("max_tokens", *most);
    if (typed(request))
        chat.options.set("response_format", Value::object({{"type", "json_object"}}));
    return chat;
}

scir::Outcome answer(Provider& provider, const Value& request) {
    if (provider.echo())
        return scir::answered(echoed(request));
    Chat chat = chat_of(request);
    if (chat.models.empty())
        return scir::failed("llm_failed", "the block's role names no model");
    auto reply = provider.chat(chat);
    if (!reply)
        return refused(reply.error());
    if (!typed(request))
        return scir::answered(reply->text);
    const auto fitted = [&] {
        const Value object = object_in(reply->text);
        return scir::fit_output(object.present() ? object : Value(reply->text), request.get("output_type"));
    };
    auto value = fitted();
    if (value)
        return scir::answered(*value);
    chat.messages.push(message("assistant", reply->text));
    chat.messages.push(message("user", "That is not what was asked for: " + value.error().message +
                                           ". Answer again with the JSON object alone."));
    reply = provider.chat(chat);
    if (!reply)
        return refused(reply.error());
    value = fitted();
    return value ? scir::answered(*value) : scir::failed("output_type", value.error().message);
}

} // namespace scaigrid::llm
