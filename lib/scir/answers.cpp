// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/answers.hpp"

#include "lib/base/strings.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>

namespace scai::scir {

using json::Value;

namespace {

std::optional<std::string> choice_problem(const std::string& what, const Value& chosen,
                                          const std::vector<std::string>& ids) {
    if (!ids.empty() && chosen.is_string() && std::ranges::find(ids, *chosen.text()) == ids.end())
        return what + "'" + chosen.text()->substr(0, 100) + "' is none of the options " + join(ids, ", ");
    return std::nullopt;
}

/// The member of an object that says what was chosen among options.
Value chosen_of(const Value& resolution) {
    if (!resolution.is_object())
        return resolution;
    const Value chosen = resolution.get("resolution");
    return chosen.present() ? chosen : resolution.get("decision");
}

} // namespace

Outcome answered(Value value) {
    return {.kind = Outcome::Kind::value, .value = std::move(value), .code = {}, .message = {}};
}

Outcome failed(std::string code, std::string message) {
    return {
        .kind = Outcome::Kind::failed, .value = {}, .code = std::move(code), .message = std::move(message)};
}

Outcome suspended() {
    return {.kind = Outcome::Kind::suspended, .value = {}, .code = {}, .message = {}};
}

std::string failure_code(EffectKind kind) {
    switch (kind) {
    case EffectKind::llm:
        return "llm_failed";
    case EffectKind::plugin:
        return "plugin_failed";
    case EffectKind::checkpoint:
        return "checkpoint_failed";
    case EffectKind::core_call:
        return "core_call_failed";
    }
    return "";
}

std::vector<std::string> option_ids(const Value& options) {
    std::vector<std::string> ids;
    options.each_item([&](const Value& option) {
        ids.push_back(option.is_string() ? *option.text() : option.member("id"));
    });
    return ids;
}

std::optional<std::string> resolution_problem(const Value& request, const Value& resolution) {
    if (!resolution.is_string() && !resolution.is_object() && !resolution.is_null())
        return "must be a text or an object, found " + std::string(type_name(resolution));
    const auto ids = option_ids(request.get("options"));
    if (auto problem = choice_problem("", chosen_of(resolution), ids))
        return problem;
    std::optional<std::string> problem;
    bool first = true;
    request.get("hitl_target").get("hitl_spec").get("sections").each_item([&](const Value& section) {
        if (problem || section.member("type") != "decision")
            return;
        const std::string field = section.member("field");
        const auto choices = option_ids(section.get("options"));
        if (resolution.is_object())
            problem = choice_problem(field + ": ", resolution.get(field), choices);
        else if (first)
            problem = choice_problem("", resolution, choices);
        first = false;
    });
    return problem;
}

Value resolution_value(const Value& request, const Value& resolution) {
    if (!resolution.is_object())
        return resolution;
    const auto among = [](const Value& chosen, const std::vector<std::string>& ids) {
        return chosen.is_string() && std::ranges::find(ids, *chosen.text()) != ids.end();
    };
    if (const Value chosen = chosen_of(resolution); among(chosen, option_ids(request.get("options"))))
        return chosen;
    const Value sections = request.get("hitl_target").get("hitl_spec").get("sections");
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (sections.at(i).member("type") != "decision")
            continue;
        const auto ids = option_ids(sections.at(i).get("options"));
        for (const Value& chosen : {resolution.get(sections.at(i).member("field")), chosen_of(resolution)})
            if (among(chosen, ids))
                return chosen;
        break;
    }
    return resolution;
}

} // namespace scai::scir
