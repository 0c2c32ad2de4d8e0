// Fuzz targets of lib/scir. SPDX-License-Identifier: Apache-2.0
#include "lib/scir/codec.hpp"
#include "lib/scir/expression.hpp"
#include "lib/scir/interpreter.hpp"
#include "lib/scir/ir.hpp"
#include "tests/support/fuzz_targets.hpp"

#include <stdexcept>

namespace scai::test {

namespace {

void hold(bool invariant, const char* what) {
    if (!invariant)
        throw std::logic_error(what);
}

json::Value fixed_scope(std::string_view name) {
    static const json::Value scope =
        json::parse(R"({"a":1,"b":-2.5,"n":7,"t":"Grüße","x":"","list":[3,"a",null,[1]],
        "o":{"a":{"b":[true,{"c":"x"}]},"length":9},"none":null,"yes":true,"big":9223372036854775807})")
            .value();
    return scope.get(name);
}

/// Equal results, whatever they are.
void same_result(const Result<json::Value>& a, const Result<json::Value>& b) {
    hold(static_cast<bool>(a) == static_cast<bool>(b), "one spelling fails, the other does not");
    if (a)
        hold(a->dump() == b->dump(), "two spellings give two results");
    else
        hold(a.error().message == b.error().message, "two spellings give two errors");
}

void check_expression(std::string_view input, scir::Dialect dialect) {
    const auto parsed = scir::Expression::parse(input, dialect);
    if (!parsed) {
        hold(!parsed.error().message.empty(), "no reason");
        return;
    }
    const auto result = parsed->evaluate(fixed_scope);
    for (const auto other : {scir::Dialect::flow, scir::Dialect::scaicore}) {
        const std::string text = parsed->text(other);
        const auto again = scir::Expression::parse(text, other);
        if (!again && other == scir::Dialect::flow && text.size() > 8192)
            continue; // spaces made it too long for a person's expression
        hold(static_cast<bool>(again), "canonical text that does not parse");
        hold(again->text(other) == text, "canonical text that is not canonical");
        hold(again->roots() == parsed->roots(), "other names");
        same_result(result, again->evaluate(fixed_scope));
    }
}

void check_template(std::string_view input, scir::Dialect dialect) {
    const auto parsed = scir::Template::parse(json::Value(input), dialect);
    if (!parsed)
        return;
    const auto result = parsed->render(fixed_scope);
    for (const auto other : {scir::Dialect::flow, scir::Dialect::scaicore}) {
        const json::Value source = parsed->source(other);
        const auto again = scir::Template::parse(source, other);
        if (!again && other == scir::Dialect::flow && source.size_of_text() > 8192)
            continue;
        hold(static_cast<bool>(again), "a template that does not read back");
        hold(again->source(other).dump() == source.dump(), "a template that changes when read back");
        same_result(result, again->render(fixed_scope));
    }
}

/// Answers nothing to everything.
class NullHost final : public scir::Host {
public:
    scir::Outcome call(const scir::Effect& effect) override {
        hold(!effect.path.empty() || effect.node_id.empty(), "a call without a path");
        ++calls;
        return {};
    }
    void event(const scir::Event&) override {}
    std::size_t calls = 0;
};

} // namespace

void fuzz_expression(std::string_view input) {
    for (const auto dialect : {scir::Dialect::flow, scir::Dialect::scaicore}) {
        check_expression(input, dialect);
        check_template(input, dialect);
    }
}

void fuzz_ir_reader(std::string_view input) {
    const auto module = scir::decode(input);
    if (!module)
        return;
    const std::string bundle = scir::encode(*module);
    const auto again = scir::decode(bundle);
    hold(static_cast<bool>(again) || input.size() > 1'000'000, "an own bundle that does not read");
    if (again) {
        hold(again->dump() == module->dump(), "a bundle that changes when read back");
        hold(scir::encode(*again) == bundle, "two bundles of one module");
    }
    const bool verified = scir::verify(*module).empty();
    scir::RunLimits limits;
    limits.max_steps = 200;
    limits.max_duration = std::chrono::milliseconds(300);
    limits.max_scope_bytes = 1U << 20U;
    NullHost host;
    const auto result = scir::run(*module, "", json::Value::object(), host, limits, SystemClock());
    hold(result.steps <= limits.max_steps, "more steps than allowed");
    hold(result.status != scir::RunResult::Status::suspended, "suspended by nobody");
    hold(!verified || result.error_code != "invalid_module", "a verified module that is none");
}

} // namespace scai::test
