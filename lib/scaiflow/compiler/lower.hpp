// What the lowering of every family of kinds uses. Private to the compiler. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/compiler/structure.hpp"
#include "lib/scaiflow/graph/bindings.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "lib/scaiflow/graph/parsed.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::compiler {

/// The flow being lowered, and the names that mean something at the place being written.
class Context {
public:
    /// What expressions and templates are turned into: the IR's dialect, or nothing at all (the manifest
    /// keeps what the user wrote).
    enum class Text { scaicore, as_written };
    Context(const graph::Graph& graph, graph::ResultNames results, Text text = Text::scaicore,
            graph::Parsed parsed = {});

    const graph::Graph& graph() const { return graph_; }
    const std::map<std::string, std::string>& names() const { return results_.bindings; }
    std::string binding(const graph::Node& node) const;

    /// Flow dialect -> scaicore dialect, names of results replaced by their bindings. A text that does not
    /// parse stays as it is: check_settings() has refused it before.
    std::string condition(const graph::Edge& edge) const; ///< "true" when it has none
    scai::json::Value templates(const scai::json::Value& value) const;
    /// "Dear {{name}}" as one expression: "Dear " + name.
    std::string template_expression(const scai::json::Value& text) const;
    /// The setting, or its default, in the form the IR wants for the key's shape; absent when there is none.
    scai::json::Value setting(const graph::Node& node, std::string_view key) const;
    /// Copies settings that are there, under their own names.
    void copy(scai::json::Value& to, const graph::Node& node,
              std::initializer_list<std::string_view> keys) const;

    /// The same for places that are templates in the IR whatever the key's shape: a plain text that holds
    /// "${" must stay that text there.
    scai::json::Value argument(const graph::Node& node, std::string_view key) const;
    void copy_arguments(scai::json::Value& to, const graph::Node& node,
                        std::initializer_list<std::string_view> keys) const;

    /// The role an LLM node speaks through: llm_role, its old name model, the first of the registry.
    std::string role(const graph::Node& node) const;
    /// Queue scope of the node, else of the flow.
    std::string scope(const graph::Node& node) const;

    void push_local(std::string name) { locals_.push_back(std::move(name)); }
    void pop_local() { locals_.pop_back(); }

private:
    std::string renamed(const std::string& name) const;
    /// `source`: what the text stands in, see graph::Parsed.
    std::string expression(std::string_view text, const void* source) const;
    std::optional<scai::scir::Template> parsed(const scai::json::Value& value) const;

    const graph::Graph& graph_;
    Text text_;
    graph::Parsed parsed_;
    graph::ResultNames results_;
    std::vector<std::string> locals_;
    std::string first_role_, scope_;
};

/// {kind, node_id}
scai::json::Value block(std::string_view kind, const graph::Node& node);
/// A rigid block of one plugin call.
scai::json::Value plugin_block(const graph::Node& node, std::string_view plugin, std::string_view method,
                               scai::json::Value args, scai::json::Value timeout_s = {});
/// {type} with every map<K, V> written map[K, V], also inside lists and objects.
scai::json::Value types(const scai::json::Value& value);
/// "90s", "4h", ... in seconds; absent when it is no duration.
scai::json::Value seconds(const scai::json::Value& duration);

// One file per family; none of them sets result_binding.
scai::json::Value lower_llm(const Context& context, const graph::Node& node);
scai::json::Value lower_tool(const Context& context, const graph::Node& node); ///< and data
scai::json::Value lower_hitl(const Context& context, const graph::Node& node); ///< and checkpoint
scai::json::Value lower_queue(const Context& context, const graph::Node& node);
scai::json::Value lower_compute(const Context& context, const graph::Node& node);
scai::json::Value lower_subflow(const Context& context, const graph::Node& node);
/// `branches` and `otherwise` are lowered already.
struct LoweredBranch {
    std::string name;
    std::string when;
    std::string edge_id;
    scai::json::Value body;
};
scai::json::Value lower_logic(const Context& context, const Item& item,
                              const std::vector<LoweredBranch>& branches, scai::json::Value otherwise);
scai::json::Value lower_trigger(const graph::Node& node, std::string_view name, std::string_view flow);

/// Names of the triggers by node id, in the order of the flow.
std::vector<std::pair<const graph::Node*, std::string>> triggers_of(const graph::Graph& graph);
/// The alias a node's plugin call goes to; "" for a node that calls none.
std::string plugin_of(const graph::Node& node);
/// [{alias, endpoint, version?}]: the declared ones, then those that are used, in the order of the flow.
scai::json::Value plugins_of(const graph::Graph& graph, const std::vector<bool>& reached);
/// config.capabilities and the bunker; absent when there are none.
scai::json::Value capabilities_of(const graph::Graph& graph);
/// Display name, and mode of the Core.
std::string persona_of(const graph::Graph& graph);
std::string mode_of(const graph::Graph& graph);

/// The block of a node that holds no others.
scai::json::Value lower_leaf(const Context& context, const graph::Node& node);
scai::json::Value lower(Context& context, const Structure& structure);
/// The manifest of the same structure. `content` is the flow the graph was read from: what stands there in
/// the words of the manifest is shared with it. Absent: everything is made anew, with the same result.
scai::json::Value manifest(const Context& context, const Structure& structure,
                           const scai::json::Value& content);

/// Errors "flow is nested too deeply", of the structure or of a value in the flow: readers of bundles and
/// manifests take 200 levels.
graph::Diagnostics depth_problems(const graph::Graph& graph, const Structure& structure);

} // namespace scaiflow::compiler
