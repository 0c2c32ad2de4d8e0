// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/import.hpp"
#include "lib/yaml/yaml.hpp"
#include "tests/support/fuzz_targets.hpp"

#include <stdexcept>

namespace scai::test {

namespace {

void hold(bool invariant, const char* what) {
    if (!invariant)
        throw std::logic_error(what);
}

} // namespace

void fuzz_yaml_import(std::string_view input) {
    namespace compiler = scaiflow::compiler;
    const auto tree = yaml::parse(input);
    if (!tree)
        return;
    const auto again = yaml::parse(yaml::dump(*tree));
    hold(again && again->dump() == tree->dump(), "what was dumped reads back as something else");
    const auto imported = compiler::import_yaml(input);
    if (!imported)
        return;
    hold(scaiflow::graph::read(imported->content).graph.has_value(), "an import that is no flow");
    for (const auto format : {compiler::Format::yaml, compiler::Format::ir, compiler::Format::scai}) {
        const auto compiled = compiler::compile(imported->content, format);
        hold(compiled.body.has_value() != scaiflow::graph::has_errors(compiled.diagnostics),
             "a body with errors, or neither");
        for (const auto& diagnostic : compiled.diagnostics)
            hold(diagnostic.code != "VERIFY", "a module that does not verify");
        if (format != compiler::Format::yaml || !compiled.body)
            continue;
        const auto back = compiler::import_yaml(*compiled.body);
        hold(back && back->lossless && back->content.dump(true) == imported->content.dump(true),
             "compiled and imported, a flow is another one");
    }
}

} // namespace scai::test
