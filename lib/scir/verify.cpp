// The shape of ir.hpp, checked by hand-written rules, one function a kind. Foreign keys are left alone.
// SPDX-License-Identifier: Apache-2.0
#include "lib/json/path.hpp"
#include "lib/json/view.hpp"
#include "lib/scir/expression.hpp"
#include "lib/scir/ir.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace scai::scir {

using json::Path;
using json::Value;

namespace {

constexpr std::size_t max_findings = 200;
constexpr std::size_t max_nesting = 200;
constexpr std::int64_t max_rounds = 1'000'000;

bool absent(const Value& value) {
    return !value.present() || value.is_null();
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// "30s", "5m", "1h", "7d", "2w".
bool is_duration(std::string_view text) {
    return text.size() >= 2 && text.size() <= 10 &&
           std::string_view("smhdw").find(text.back()) != text.npos &&
           std::ranges::all_of(text.substr(0, text.size() - 1), [](char c) { return c >= '0' && c <= '9'; });
}

class Verifier {
public:
    explicit Verifier(const Value& module) : module_(module) {}
    std::vector<Finding> run();

private:
    using Check = void (Verifier::*)(const Value& block, const Path& path);

    void add(const Path& path, std::string message) {
        if (findings_.size() < max_findings)
            findings_.push_back({path.text(), node_id_.text_or(""), std::move(message)});
    }

    // Single keys; the optional ones may be null.
    std::string text(const Value& object, const char* key, const Path& path);
    void name(const Value& object, const char* key, const Path& path);
    void optional_text(const Value& object, const char* key, const Path& path);
    void optional_object(const Value& object, const char* key, const Path& path);
    void optional_flag(const Value& object, const char* key, const Path& path);
    void duration(const Value& object, const char* key, const Path& path);
    void expression(const Value& object, const char* key, const Path& path, bool required);
    void templates(const Value& object, std::initializer_list<const char*> keys, const Path& path);
    template<class Visit>
    void each(const Value& object, const char* key, const Path& path, bool required, const Visit& visit);
    template<class Visit>
    void unique(const Value& object, const char* key, const char* id, const Visit& visit);

    void head();
    void model(const Value& entry, const Path& path);
    void trigger(const Value& entry, const Path& path);
    void flow(const Value& flow, const Path& path);
    void body(const Value& holder, const char* key, const Path& path, bool required);
    void block(const Value& block, const Path& path);
    void binding(const Value& block, const Path& path);
    void handler(const Value& block, const char* key, const Path& path);
    void llm(const Value& block, const Path& path);
    void statement(const Value& statement, const Path& path);

    void rigid(const Value& block, const Path& path);
    void flexible(const Value& block, const Path& path);
    void guarded(const Value& block, const Path& path);
    void match(const Value& block, const Path& path);
    void foreach (const Value& block, const Path& path);
    void while_loop(const Value& block, const Path& path);
    void parallel(const Value& block, const Path& path);
    void checkpoint(const Value& block, const Path& path);
    void core_call(const Value& block, const Path& path);

    const Value& module_;
    std::vector<Finding> findings_;
    std::set<std::string, std::less<>> roles_, plugins_, flows_, bindings_, variables_;
    Value node_id_; ///< of the block looked at
    std::size_t depth_ = 0;
};

std::string Verifier::text(const Value& object, const char* key, const Path& path) {
    const std::string value = object.member(key);
    if (value.empty())
        add(path / key, "must be a text");
    return value;
}

void Verifier::name(const Value& object, const char* key, const Path& path) {
    const Value member = object.get(key);
    const std::string_view value = json::view_of(member);
    if (!is_name(value))
        add(path / key, "must be a name (letters, digits, _)");
    else if (value == "input" || value == "trigger" || value == "true" || value == "false" ||
             value == "null" || value == "in")
        add(path / key, "'" + std::string(value) + "' is a reserved name");
}

void Verifier::optional_text(const Value& object, const char* key, const Path& path) {
    if (const Value value = object.get(key); !absent(value) && !value.is_string())
        add(path / key, "must be a text");
}

void Verifier::optional_object(const Value& object, const char* key, const Path& path) {
    if (const Value value = object.get(key); !absent(value) && !value.is_object())
        add(path / key, "must be an object");
}

void Verifier::optional_flag(const Value& object, const char* key, const Path& path) {
    if (const Value value = object.get(key); !absent(value) && !value.boolean())
        add(path / key, "must be true or false");
}

void Verifier::duration(const Value& object, const char* key, const Path& path) {
    if (const Value value = object.get(key); !absent(value) && !is_duration(json::view_of(value)))
        add(path / key, "must be a duration such as \"30s\", \"5m\", \"1h\"");
}

void Verifier::expression(const Value& object, const char* key, const Path& path, bool required) {
    const Value value = object.get(key);
    if (absent(value) && !required)
        return;
    if (!value.is_string()) {
        add(path / key, "must be an expression");
        return;
    }
    if (const auto parsed = Expression::parse(json::view_of(value), Dialect::scaicore); !parsed)
        add(path / key, parsed.error().message);
}

void Verifier::templates(const Value& object, std::initializer_list<const char*> keys, const Path& path) {
    for (const char* const key : keys) {
        const Value value = object.get(key);
        if (absent(value))
            continue;
        if (const auto parsed = Template::parse(value, Dialect::scaicore); !parsed)
            add(path / key, parsed.error().message);
    }
}

/// Calls `visit` with each object of a list.
template<class Visit>
void Verifier::each(const Value& object, const char* key, const Path& path, bool required,
                    const Visit& visit) {
    const Value list = object.get(key);
    if (absent(list) && !required)
        return;
    const Path here = path / key;
    if (!list.is_array()) {
        add(here, "must be a list");
        return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Value item = list.at(i);
        const Path at = here[i];
        if (item.is_object())
            visit(item, at);
        else
            add(at, "must be an object");
    }
}

/// The same for a list of the module whose members have unique names.
template<class Visit>
void Verifier::unique(const Value& object, const char* key, const char* id, const Visit& visit) {
    std::set<std::string> seen;
    each(object, key, {}, true, [&](const Value& entry, const Path& path) {
        if (const std::string value = text(entry, id, path); !value.empty() && !seen.insert(value).second)
            add(path / id, "'" + value + "' is there twice");
        visit(entry, path);
    });
}

std::vector<Finding> Verifier::run() {
    if (!module_.is_object()) {
        add({}, "a module is an object");
        return findings_;
    }
    head();
    unique(module_, "models", "role", [&](const Value& entry, const Path& path) { model(entry, path); });
    unique(module_, "plugins", "alias", [&](const Value& entry, const Path& path) {
        plugins_.insert(entry.member("alias"));
        text(entry, "endpoint", path);
        optional_text(entry, "version", path);
    });
    unique(module_, "flows", "name",
           [&](const Value& entry, const Path&) { flows_.insert(entry.member("name")); });
    if (module_.get("flows").is_array() && module_.get("flows").size() != 1)
        add(Path() / "flows", "a module has one flow");
    unique(module_, "triggers", "name", [&](const Value& entry, const Path& path) { trigger(entry, path); });
    each(module_, "flows", {}, true, [&](const Value& entry, const Path& path) { flow(entry, path); });
    return findings_;
}

void Verifier::head() {
    if (module_.member("schema_version") != schema_version)
        add(Path() / "schema_version", "must be \"" + std::string(schema_version) + "\"");
    for (const char* const key : {"name", "version"})
        if (module_.member(key).empty())
            add(Path() / key, "must be a text");
    if (!module_.get("identity").is_object())
        add(Path() / "identity", "must be an object");
    if (const Value types = module_.get("types"); !absent(types) && !types.is_array())
        add(Path() / "types", "must be a list");
}

void Verifier::model(const Value& entry, const Path& path) {
    roles_.insert(entry.member("role"));
    text(entry, "ref", path);
    text(entry, "model", path);
    if (const Value value = entry.get("temperature"); !absent(value) && !value.number())
        add(path / "temperature", "must be a number");
    if (const Value value = entry.get("modalities"); !absent(value) && !value.is_array())
        add(path / "modalities", "must be a list");
    templates(entry, {"system_context"}, path);
    each(entry, "fallback", path, false, [&](const Value& fallback, const Path& at) {
        text(fallback, "ref", at);
        text(fallback, "model", at);
    });
}

void Verifier::trigger(const Value& entry, const Path& path) {
    node_id_ = entry.get("node_id");
    const std::string kind = entry.member("kind");
    if (kind != "api" && kind != "webhook" && kind != "schedule")
        add(path / "kind", "must be api, webhook or schedule");
    if (!flows_.contains(entry.member("target_flow")))
        add(path / "target_flow", "names no flow of the module");
    if (kind == "schedule")
        text(entry, "cron", path);
    for (const char* const key : {"method", "path", "cron", "timezone"})
        optional_text(entry, key, path);
    node_id_ = {};
}

void Verifier::flow(const Value& flow, const Path& path) {
    each(flow, "variables", path, false, [&](const Value& variable, const Path& at) {
        name(variable, "name", at);
        if (!variables_.insert(variable.member("name")).second)
            add(at / "name", "'" + variable.member("name") + "' is there twice");
        optional_text(variable, "type", at);
    });
    body(flow, "body", path, true);
}

void Verifier::body(const Value& holder, const char* key, const Path& path, bool required) {
    if (depth_ >= max_nesting) {
        add(path / key, "nested deeper than " + std::to_string(max_nesting));
        return;
    }
    ++depth_;
    const Value outer = node_id_;
    each(holder, key, path, required, [&](const Value& entry, const Path& at) {
        node_id_ = entry.get("node_id");
        block(entry, at);
        node_id_ = outer;
    });
    --depth_;
}

void Verifier::block(const Value& block, const Path& path) {
    static constexpr std::array<std::pair<std::string_view, Check>, 9> kinds{{
        {"rigid", &Verifier::rigid},
        {"flexible", &Verifier::flexible},
        {"guarded", &Verifier::guarded},
        {"match", &Verifier::match},
        {"foreach", &Verifier::foreach},
        {"while", &Verifier::while_loop},
        {"parallel", &Verifier::parallel},
        {"checkpoint", &Verifier::checkpoint},
        {"core_call", &Verifier::core_call},
    }};
    const Value named = block.get("kind");
    const std::string_view kind = json::view_of(named);
    if (json::view_of(node_id_).empty())
        add(path / "node_id", "must be a text");
    optional_flag(block, "synthetic", path);
    binding(block, path);
    const auto found = std::ranges::find(kinds, kind, &std::pair<std::string_view, Check>::first);
    if (found == kinds.end())
        add(path / "kind",
            kind.empty() ? "must be a text" : "unknown kind '" + std::string(kind.substr(0, 40)) + "'");
    else
        (this->*found->second)(block, path);
}

void Verifier::binding(const Value& block, const Path& path) {
    const Value value = block.get("result_binding");
    if (absent(value))
        return;
    name(block, "result_binding", path);
    const std::string bound = value.text_or("");
    if (!bindings_.insert(bound).second)
        add(path / "result_binding", "'" + bound + "' is bound twice");
    if (variables_.contains(bound))
        add(path / "result_binding", "'" + bound + "' is a variable");
}

void Verifier::handler(const Value& block, const char* key, const Path& path) {
    const Value value = block.get(key);
    const Path here = path / key;
    if (absent(value))
        return;
    if (value.is_string()) {
        if (json::view_of(value) != "fail" && json::view_of(value) != "continue")
            add(here, "must be \"fail\", \"continue\", {retry}, {value} or {body}");
        return;
    }
    if (!value.is_object()) {
        add(here, "must be a text or an object");
        return;
    }
    const Value retry = value.get("retry");
    if (!absent(retry) && (!retry.integer() || *retry.integer() < 0 || *retry.integer() > 10))
        add(here / "retry", "must be 0 to 10");
    templates(value, {"value"}, here);
    body(value, "body", here, false);
}

void Verifier::llm(const Value& block, const Path& path) {
    if (!block.get("goal").is_string())
        add(path / "goal", "must be a text");
    if (const std::string role = block.member("llm_role"); !roles_.contains(role))
        add(path / "llm_role", "'" + role + "' is no role of the models");
    optional_object(block, "output_type", path);
    optional_object(block, "input_bindings", path);
    optional_object(block, "context_bindings", path);
    templates(block, {"goal", "guidance", "constraints", "input_bindings", "context_bindings"}, path);
}

void Verifier::flexible(const Value& block, const Path& path) {
    llm(block, path);
    optional_flag(block, "identity_ref", path);
    if (const Value examples = block.get("examples"); !absent(examples) && !examples.is_array())
        add(path / "examples", "must be a list");
    optional_object(block, "budget", path);
    handler(block, "on_failure", path);
}

void Verifier::guarded(const Value& block, const Path& path) {
    llm(block, path);
    expression(block, "guard", path, false);
    expression(block, "validate", path, false);
    handler(block, "on_validation_failure", path);
}

void Verifier::rigid(const Value& block, const Path& path) {
    each(block, "statements", path, true, [&](const Value& entry, const Path& at) { statement(entry, at); });
}

void Verifier::statement(const Value& statement, const Path& path) {
    const Value named = statement.get("kind");
    const std::string_view kind = json::view_of(named);
    if (kind == "expression") {
        expression(statement, "expression", path, true);
    } else if (kind == "assign") {
        name(statement, "name", path);
        expression(statement, "value", path, true);
    } else if (kind == "emit") {
        text(statement, "event", path);
        templates(statement, {"payload"}, path);
    } else if (kind == "plugin_call") {
        const std::string plugin = text(statement, "plugin", path);
        if (!plugin.empty() && !plugins_.contains(plugin))
            add(path / "plugin", "'" + plugin + "' is no plugin of the module");
        text(statement, "method", path);
        templates(statement, {"args"}, path);
        if (const Value timeout = statement.get("timeout_s"); !absent(timeout) && !timeout.number())
            add(path / "timeout_s", "must be a number");
    } else if (kind == "flexible" || kind == "guarded" || kind == "checkpoint") {
        add(path / "kind", "no LLM call and no checkpoint inside rigid");
    } else {
        add(path / "kind", "must be expression, plugin_call, assign or emit");
    }
}

void Verifier::match(const Value& block, const Path& path) {
    expression(block, "subject", path, false);
    each(block, "arms", path, true, [&](const Value& arm, const Path& at) {
        expression(arm, "when", at, true);
        body(arm, "body", at, true);
    });
    body(block, "otherwise", path, false);
}

void Verifier::foreach (const Value& block, const Path& path) {
    expression(block, "collection", path, true);
    name(block, "item", path);
    body(block, "body", path, true);
}

void Verifier::while_loop(const Value& block, const Path& path) {
    expression(block, "condition", path, true);
    const auto most = block.get("max_iterations").integer();
    if (!most || *most < 1 || *most > max_rounds)
        add(path / "max_iterations", "must be 1 to " + std::to_string(max_rounds));
    body(block, "body", path, true);
}

void Verifier::parallel(const Value& block, const Path& path) {
    std::set<std::string> names;
    each(block, "branches", path, true, [&](const Value& branch, const Path& at) {
        if (const std::string branch_name = text(branch, "name", at);
            !branch_name.empty() && !names.insert(branch_name).second)
            add(at / "name", "'" + branch_name + "' is there twice");
        body(branch, "body", at, true);
    });
    const Value most = block.get("max_concurrent");
    if (!absent(most) && (!most.integer() || *most.integer() < 1))
        add(path / "max_concurrent", "must be 1 or more");
    optional_flag(block, "fail_fast", path);
}

void Verifier::checkpoint(const Value& block, const Path& path) {
    text(block, "checkpoint_type", path);
    if (const Value options = block.get("options"); !absent(options) && !options.is_array())
        add(path / "options", "must be a list");
    duration(block, "timeout", path);
    optional_text(block, "on_timeout", path);
    templates(block, {"prompt"}, path);
    const Value target = block.get("hitl_target");
    if (absent(target))
        return;
    text(target, "scope", path / "hitl_target");
    text(target, "queue", path / "hitl_target");
    templates(target, {"hitl_spec"}, path / "hitl_target");
}

void Verifier::core_call(const Value& block, const Path& path) {
    if (!block.member("target").starts_with("core://"))
        add(path / "target", "must be a text that starts with core://");
    optional_text(block, "flow_name", path);
    optional_text(block, "version", path);
    optional_object(block, "input_bindings", path);
    templates(block, {"input_bindings", "instance_key"}, path);
    duration(block, "timeout", path);
    optional_flag(block, "is_async", path);
}

} // namespace

std::vector<Finding> verify(const Value& module) {
    return Verifier(module).run();
}

} // namespace scai::scir
