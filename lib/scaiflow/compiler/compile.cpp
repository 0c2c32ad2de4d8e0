// The stages read -> analyze -> check_settings -> lower -> verify. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"

#include "lib/scaiflow/compiler/lower.hpp"
#include "lib/scaiflow/graph/validate.hpp"
#include "lib/scir/codec.hpp"
#include "lib/scir/ir.hpp"
#include "lib/yaml/yaml.hpp"

namespace scaiflow::compiler {

using graph::Diagnostics;
using scai::json::Value;

namespace {

void append(Diagnostics& to, Diagnostics from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void verify_module(const Value& module, Diagnostics& out) {
    for (const auto& finding : scai::scir::verify(module)) {
        graph::Diagnostic diagnostic;
        diagnostic.code = "VERIFY";
        diagnostic.message = finding.message;
        diagnostic.path = finding.path;
        diagnostic.node_id = finding.node_id;
        out.push_back(std::move(diagnostic));
    }
}

/// The body of a flow that passed the first three stages.
std::optional<std::string> generate(const Value& content, const graph::Graph& graph,
                                    graph::ResultNames results, graph::Parsed parsed, Format format,
                                    bool verify, Diagnostics& out) {
    Context context(graph, std::move(results),
                    format == Format::yaml ? Context::Text::as_written : Context::Text::scaicore,
                    std::move(parsed));
    const Structure structure = structure_of(graph, context.names());
    append(out, depth_problems(graph, structure));
    if (graph::has_errors(out))
        return std::nullopt;
    if (format == Format::yaml) {
        return scai::yaml::dump(manifest(context, structure, content));
    }
    const Value module = lower(context, structure);
    if (format == Format::scai)
        return scai_text(module);
    if (verify)
        verify_module(module, out);
    std::string bundle = scai::scir::encode(module);
    if (bundle.size() > scai::scir::max_bundle) {
        graph::Diagnostic diagnostic;
        diagnostic.code = "BUNDLE_SIZE";
        diagnostic.message = "the bundle is over 10 MB";
        out.push_back(std::move(diagnostic));
    }
    return bundle;
}

} // namespace

std::optional<Format> format_of(std::string_view name) {
    for (const Format format : {Format::yaml, Format::ir, Format::scai})
        if (name == name_of(format))
            return format;
    return std::nullopt;
}

std::string_view name_of(Format format) {
    switch (format) {
    case Format::yaml:
        return "yaml";
    case Format::ir:
        return "ir";
    case Format::scai:
        return "scai";
    }
    return "";
}

Compiled compile(const Value& content, Format format, bool verify) {
    Compiled out;
    graph::Read read = graph::read(content);
    out.diagnostics = std::move(read.diagnostics);
    if (!read.graph) {
        append(out.diagnostics, graph::check_rest(content, out.diagnostics));
        return out;
    }
    append(out.diagnostics, graph::analyze(*read.graph));
    auto results = graph::result_names_of(*read.graph);
    graph::Parsed parsed; // the manifest keeps texts as they are written
    append(out.diagnostics,
           graph::check_settings(*read.graph, results, format == Format::yaml ? nullptr : &parsed));
    if (graph::has_errors(out.diagnostics))
        return out;
    out.body = generate(content, *read.graph, std::move(results), std::move(parsed), format, verify,
                        out.diagnostics);
    if (graph::has_errors(out.diagnostics))
        out.body.reset();
    return out;
}

Value lower(const graph::Graph& graph) {
    Context context(graph, graph::result_names_of(graph));
    return lower(context, structure_of(graph, context.names()));
}

Value manifest(const graph::Graph& graph) {
    const Context context(graph, graph::result_names_of(graph), Context::Text::as_written);
    return manifest(context, structure_of(graph, context.names()), {});
}

std::string slug(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += upper ? static_cast<char>(c - 'A' + 'a') : c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    while (out.ends_with('-'))
        out.pop_back();
    return out.empty() ? "flow" : out;
}

} // namespace scaiflow::compiler
