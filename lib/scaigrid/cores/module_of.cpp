// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/compiler/import.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/scaigrid/cores/steps.hpp"
#include "lib/scir/codec.hpp"
#include "lib/scir/ir.hpp"

namespace scaigrid::cores {

using scai::json::Value;

namespace {

constexpr std::size_t most_details = 50;

scai::Error verifier_error(const std::string& message, std::vector<scai::FieldError> fields = {}) {
    return scai::Error{.kind = scai::ErrorKind::unprocessable,
                       .code = "VALIDATION_ERROR",
                       .message = "verifier error: " + message,
                       .fields = std::move(fields)};
}

scai::Result<Value> verified(const Value& module) {
    std::vector<scai::FieldError> fields;
    for (const auto& finding : scai::scir::verify(module))
        if (fields.size() < most_details)
            fields.push_back({.path = "source." + finding.path, .message = finding.message});
    if (fields.empty())
        return module;
    auto message = fields.front().path + ": " + fields.front().message;
    return verifier_error(message, std::move(fields));
}

scai::Result<Value> compiled(const Value& manifest) {
    namespace compiler = scaiflow::compiler;
    const auto imported = compiler::import_manifest(with_nodes(manifest));
    if (!imported)
        return verifier_error(imported.error().message);
    if (imported->unknown_steps > 0)
        return verifier_error(std::to_string(imported->unknown_steps) +
                              " step(s) with a keyword the runtime does not know");
    const auto result = compiler::compile(imported->content, compiler::Format::ir);
    std::vector<scai::FieldError> fields;
    for (const auto& diagnostic : result.diagnostics)
        if (diagnostic.severity == scaiflow::graph::Severity::error && fields.size() < most_details)
            fields.push_back({.path = diagnostic.path, .message = diagnostic.message});
    if (!fields.empty() || !result.body) {
        auto message = fields.empty() ? std::string("the manifest gives no module") : fields.front().message;
        return verifier_error(message, std::move(fields));
    }
    return scai::scir::decode(*result.body);
}

} // namespace

scai::Result<Value> module_of(const Value& source) {
    if (!source.is_object())
        return verifier_error("source must be an object");
    return source.get("core").is_object() ? compiled(source) : verified(source);
}

} // namespace scaigrid::cores
