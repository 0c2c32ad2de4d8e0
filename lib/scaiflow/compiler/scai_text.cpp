// .scai: a module as ScaiCore source, for reading (contract scaiflow-model.md 6.2). Written from the module
// alone, so both show the same flow. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"

#include "lib/scir/expression.hpp"

#include <algorithm>

namespace scaiflow::compiler {

using scai::json::Value;
using scai::scir::Dialect;
using scai::scir::Expression;

namespace {

bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool name_char(char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/// A field or variable name, quoted when it is none.
std::string name_text(std::string_view name) {
    const bool plain =
        !name.empty() && (letter(name[0]) || name[0] == '_') && std::ranges::all_of(name, name_char);
    return plain ? std::string(name) : Value(name).dump();
}

/// parcel-claims -> ParcelClaims
std::string type_name(std::string_view slug) {
    std::string out;
    bool start = true;
    for (const char c : slug) {
        if (name_char(c) && c != '_')
            out += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        start = !name_char(c) || c == '_';
    }
    return out.empty() || !letter(out[0]) ? "Flow" + out : out;
}

/// parcel-claims -> parcel_claims
std::string flow_name(std::string_view slug) {
    std::string out;
    for (const char c : slug)
        out += name_char(c) ? c : '_';
    return out.empty() || (!letter(out[0]) && out[0] != '_') ? "flow_" + out : out;
}

/// validate speaks of output where the flow says result.
std::string validate_text(const std::string& text) {
    const auto parsed = Expression::parse(text, Dialect::scaicore);
    if (!parsed)
        return text;
    return parsed
        ->renamed([](const std::string& name) { return name == "result" ? std::string("output") : name; })
        .text(Dialect::scaicore);
}

class Writer {
public:
    std::string out;

    void line(std::string text) {
        // A free text (a type, an endpoint) must not start a line of its own.
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
        out.append(2 * indent_, ' ');
        out += text;
        out += '\n';
    }
    void open(const std::string& text) {
        line(text + " {");
        ++indent_;
    }
    void close() {
        --indent_;
        line("}");
    }
    /// name = value; values in scaicore syntax, {} and [] on one line.
    void field(std::string_view name, const Value& value) {
        if (value.present() && !value.is_null())
            line(name_text(name) + " = " + literal(value));
    }
    void expression(std::string_view name, const Value& text) {
        if (text.present())
            line(std::string(name) + " = " + text.text_or(""));
    }

    static std::string literal(const Value& value) {
        std::string text;
        if (value.is_array()) {
            value.each_item([&](const Value& item) { text += (text.empty() ? "" : ", ") + literal(item); });
            return "[" + text + "]";
        }
        if (!value.is_object())
            return value.dump();
        value.each_member([&](std::string_view key, const Value& item) {
            text += (text.empty() ? "" : ", ") + name_text(key) + " = " + literal(item);
        });
        return text.empty() ? "{}" : "{ " + text + " }";
    }
    /// {field: type}; the type as the flow says it.
    static std::string type(const Value& value) {
        if (const auto text = value.text())
            return *text;
        std::string text;
        if (!value.is_object())
            return value.dump();
        value.each_member([&](std::string_view key, const Value& item) {
            text += (text.empty() ? "" : ", ") + name_text(key) + ": " + type(item);
        });
        return text.empty() ? "{}" : "{ " + text + " }";
    }

private:
    std::size_t indent_ = 0;
};

class Text {
public:
    std::string module(const Value& module);

private:
    void header(const Value& module);
    void models(const Value& models);
    void triggers(const Value& triggers);
    void flow(const Value& flow);
    void body(const Value& blocks);
    void block(const Value& block);
    void rigid(const Value& block, const std::string& assigned);
    void prompt(const Value& block, const std::string& assigned);
    void match(const Value& block);
    void loop(const Value& block, const std::string& assigned);
    void parallel(const Value& block, const std::string& assigned);
    void fields(const Value& block, const std::string& head, std::string_view first);

    Writer to_;
};

std::string call(const Value& statement) {
    std::string args;
    statement.get("args").each_member([&](std::string_view key, const Value& value) {
        args += (args.empty() ? "" : ", ") + name_text(key) + " = " + Writer::literal(value);
    });
    return name_text(statement.member("plugin")) + "." + name_text(statement.member("method")) + "(" + args +
           ")";
}

void Text::rigid(const Value& block, const std::string& assigned) {
    const Value statements = block.get("statements");
    if (statements.size() == 1 && statements.at(0).member("kind") == "plugin_call") {
        to_.line(assigned + call(statements.at(0)));
        return;
    }
    if (std::size_t assigns = 0; statements.each_item([&](const Value& each) {
            assigns += each.member("kind") == "assign" ? 1U : 0U;
        }),
                                 assigns == statements.size()) {
        statements.each_item([&](const Value& each) {
            to_.line(name_text(each.member("name")) + " = " + each.member("value"));
        });
        return;
    }
    to_.open(assigned + "@rigid");
    statements.each_item([&](const Value& each) {
        const std::string kind = each.member("kind");
        to_.line(kind == "plugin_call" ? call(each)
                 : kind == "assign"    ? name_text(each.member("name")) + " = " + each.member("value")
                                       : each.member("expression"));
    });
    to_.close();
}

void Text::prompt(const Value& block, const std::string& assigned) {
    const bool guarded = block.member("kind") == "guarded";
    to_.open(assigned + (guarded ? "@guarded" : "@flexible"));
    to_.field("goal", block.get("goal"));
    if (block.get("input_bindings").size() > 0)
        to_.field("input", block.get("input_bindings"));
    if (block.get("context_bindings").size() > 0)
        to_.field("context", block.get("context_bindings"));
    to_.line("llm = " + block.member("llm_role"));
    to_.line("output = " + Writer::type(block.get("output_type")));
    to_.field("guidance", block.get("guidance"));
    to_.field("constraints", block.get("constraints"));
    if (const Value guard = block.get("guard"); guard.present())
        to_.line("guard = { " + guard.text_or("") + " }");
    if (const Value validate = block.get("validate"); validate.present())
        to_.line("validate = { " + validate_text(validate.text_or("")) + " }");
    to_.field("on_validation_failure", block.get("on_validation_failure"));
    if (block.get("identity_ref").boolean().value_or(false))
        to_.field("identity", true);
    if (block.get("examples").size() > 0)
        to_.field("examples", block.get("examples"));
    to_.field("on_failure", block.get("on_failure"));
    if (const Value budget = block.get("budget"); budget.is_object())
        to_.line("@budget " + Writer::literal(budget));
    to_.close();
}

void Text::match(const Value& block) {
    const Value arms = block.get("arms");
    const Value otherwise = block.get("otherwise");
    if (arms.size() == 0) {
        body(otherwise);
        return;
    }
    bool first = true;
    arms.each_item([&](const Value& arm) {
        to_.open(std::string(first ? "if " : "else if ") + arm.member("when"));
        first = false;
        body(arm.get("body"));
        to_.close();
    });
    if (otherwise.size() > 0) {
        to_.open("else");
        body(otherwise);
        to_.close();
    }
}

void Text::loop(const Value& block, const std::string& assigned) {
    if (block.member("kind") == "foreach")
        to_.open(assigned + "@foreach " + block.member("item") + " in " + block.member("collection"));
    else
        to_.open(assigned + "@while " + block.member("condition"));
    to_.field("max_iterations", block.get("max_iterations"));
    body(block.get("body"));
    to_.close();
}

void Text::parallel(const Value& block, const std::string& assigned) {
    to_.open(assigned + "@parallel");
    to_.field("max_concurrent", block.get("max_concurrent"));
    to_.field("fail_fast", block.get("fail_fast"));
    block.get("branches").each_item([&](const Value& branch) {
        to_.open(name_text(branch.member("name")) + " =");
        body(branch.get("body"));
        to_.close();
    });
    to_.close();
}

/// Every member of the block but its frame, `first` first.
void Text::fields(const Value& block, const std::string& head, std::string_view first) {
    to_.open(head);
    if (!first.empty())
        to_.field(first, block.get(first));
    block.each_member([&](std::string_view key, const Value& value) {
        for (const std::string_view frame :
             {"kind", "node_id", "synthetic", "result_binding", "checkpoint_type", "target"})
            if (key == frame)
                return;
        if (key != first)
            to_.field(key, value);
    });
    to_.close();
}

void Text::block(const Value& block) {
    const std::string kind = block.member("kind");
    const std::string binding = block.member("result_binding");
    const std::string assigned = binding.empty() ? "" : binding + " = ";
    if (kind == "rigid")
        rigid(block, assigned);
    else if (kind == "flexible" || kind == "guarded")
        prompt(block, assigned);
    else if (kind == "match")
        match(block);
    else if (kind == "foreach" || kind == "while")
        loop(block, assigned);
    else if (kind == "parallel")
        parallel(block, assigned);
    else if (kind == "checkpoint")
        fields(block, assigned + "@checkpoint " + block.member("checkpoint_type"), "prompt");
    else if (kind == "core_call")
        fields(block, assigned + "@core_call " + block.member("target"), "flow_name");
}

void Text::body(const Value& blocks) {
    blocks.each_item([&](const Value& each) { block(each); });
}

void Text::models(const Value& models) {
    to_.open("@models");
    models.each_item([&](const Value& model) {
        std::string modalities;
        model.get("modalities").each_item([&](const Value& each) {
            modalities += (modalities.empty() ? ":" : ", :") + each.text_or("");
        });
        to_.open(model.member("role") + " =");
        to_.field("provider", model.get("ref"));
        to_.field("model", model.get("model"));
        to_.field("temperature", model.get("temperature"));
        to_.line("modalities = [" + modalities + "]");
        to_.field("system_context", model.get("system_context"));
        if (model.get("fallback").size() > 0) {
            Value fallback = Value::array();
            model.get("fallback").each_item([&](const Value& each) {
                fallback.push(Value::object({{"provider", each.get("ref")}, {"model", each.get("model")}}));
            });
            to_.field("fallback", fallback);
        }
        to_.close();
    });
    to_.close();
}

void Text::triggers(const Value& triggers) {
    to_.open("@triggers");
    triggers.each_item([&](const Value& trigger) {
        const std::string kind = trigger.member("kind");
        to_.open("@" + kind + " " + trigger.member("name"));
        to_.line("flow = " + flow_name(trigger.member("target_flow")));
        if (kind != "api")
            for (const char* key : {"method", "path", "auth", "cron", "timezone"})
                to_.field(key, trigger.get(key));
        to_.close();
    });
    to_.close();
}

void Text::flow(const Value& flow) {
    to_.open("@flow " + flow_name(flow.member("name")) + "(input: object)");
    flow.get("variables").each_item([&](const Value& variable) {
        const Value initial = variable.get("default");
        to_.line(name_text(variable.member("name")) + ": " + variable.member("type") +
                 (initial.present() ? " = " + Writer::literal(initial) : "?"));
    });
    body(flow.get("body"));
    to_.close();
}

void Text::header(const Value& module) {
    const Value identity = module.get("identity");
    to_.field("version", module.get("version"));
    to_.line("instance = :" + identity.member("mode"));
    to_.line("identity = { persona = " + Writer::literal(identity.get("persona")) + " }");
    if (module.get("plugins").size() > 0) {
        to_.open("@plugins");
        module.get("plugins").each_item([&](const Value& plugin) {
            const std::string version = plugin.member("version");
            to_.line(name_text(plugin.member("alias")) + " = " + plugin.member("endpoint") +
                     (version.empty() ? "" : "@" + version));
        });
        to_.close();
    }
    models(module.get("models"));
}

std::string Text::module(const Value& module) {
    const Value metadata = module.get("metadata");
    to_.line("// " + Value(metadata.member("source_id")).dump() + " version " + module.member("version") +
             ", compiled for ScaiCore " + metadata.member("runtime_version"));
    to_.open("@core " + type_name(module.member("name")));
    header(module);
    triggers(module.get("triggers"));
    module.get("flows").each_item([&](const Value& each) { flow(each); });
    to_.close();
    return std::move(to_.out);
}

} // namespace

std::string scai_text(const Value& module) {
    return Text().module(module);
}

} // namespace scaiflow::compiler
