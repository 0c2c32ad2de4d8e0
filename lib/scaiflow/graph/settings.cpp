// Stage 3: what the code generator needs to know. One pass over the flow's config, the edges' conditions and
// each node's settings; the table of kinds says what a key holds, node_rules.cpp what goes beyond one key.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/settings.hpp"

#include "lib/json/view.hpp"
#include "lib/scaiflow/graph/fields.hpp"
#include "lib/scaiflow/graph/formats.hpp"
#include "lib/scaiflow/graph/validate.hpp"
#include "lib/scir/expression.hpp"

#include <algorithm>

namespace scaiflow::graph {

using scai::json::Value;
using scai::scir::Dialect;

namespace {

std::string item_path(std::string_view list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

/// Absent, null or an empty text.
bool is_unset(const Value& value) {
    return !value.present() || value.is_null() || (value.is_string() && value.size_of_text() == 0);
}

std::unordered_set<std::string> members_of(const Value& list, std::string_view key) {
    std::unordered_set<std::string> out;
    list.each_item([&](const Value& each) { out.insert(each.member(key)); });
    return out;
}

} // namespace

SettingsCheck::SettingsCheck(const Graph& graph, const ResultNames& results, Parsed* parsed)
    : graph_(graph), names_(graph, results), parsed_(parsed),
      scope_(graph.config.get("scaiqueue").member("scope")),
      queues_(members_of(graph.config.get("scaiqueue").get("queues"), "slug")),
      roles_(members_of(graph.config.get("core_identity").get("models"), "role")) {}

Diagnostics SettingsCheck::run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
        check_node(i);
    for (std::size_t i = 0; i < graph_.edges.size(); ++i)
        check_condition(i);
    check_variables();
    check_models();
    check_config();
    return problems_.take();
}

void SettingsCheck::at_flow(std::string code, std::string message, std::string path) {
    problems_.add({Severity::error, std::move(code), std::move(message), std::move(path), {}, {}});
}

void SettingsCheck::at_setting(std::string code, const std::string& message, std::string_view key,
                               Severity severity) {
    problems_.add({severity,
                   std::move(code),
                   message,
                   item_path("nodes", node_) + ".config." + std::string(key),
                   node().id,
                   {}});
}

void SettingsCheck::about_setting(std::string code, const std::string& message, std::string_view key,
                                  Severity severity) {
    at_setting(std::move(code), "node '" + node().id + "': " + message, key, severity);
}

bool SettingsCheck::unset(std::string_view key) const {
    return is_unset(node().config.get(key));
}

void SettingsCheck::check_node(std::size_t index) {
    node_ = index;
    for (const ConfigKey& key : definition(node().kind).config) {
        if (const Value value = node().config.get(key.name); !is_unset(value))
            check_key(key, value);
        else if (node().kind == Kind::hitl_review && key.name == "queue")
            about_setting("HITL_QUEUE", "a review needs a queue", key.name);
        else if (key.required)
            about_setting("SETTING_MISSING", "'" + std::string(key.name) + "' is required", key.name);
    }
    check_node_rules();
}

void SettingsCheck::check_key(const ConfigKey& key, const Value& value) {
    const std::string_view text = scai::json::view_of(value);
    const auto fail = [&](std::string_view what) {
        about_setting("SETTING_VALUE", "'" + std::string(key.name) + "' must be " + std::string(what),
                      key.name);
    };
    if (!key.one_of.empty() && !one_of(key.one_of, text))
        fail("one of: " + listed(key.one_of));
    switch (key.shape) {
    case Shape::integer:
        if (const auto number = value.integer(); key.max > 0 && (*number < key.min || *number > key.max))
            fail("between " + std::to_string(key.min) + " and " + std::to_string(key.max));
        break;
    case Shape::expression:
        check_expression(key.name, value);
        break;
    case Shape::template_text:
    case Shape::template_value:
    case Shape::template_object:
    case Shape::template_list:
        check_template(key.name, value);
        break;
    case Shape::duration:
        if (!duration_seconds(text))
            fail("a duration such as 30s, 5m, 1h, 7d or 2w");
        break;
    case Shape::name:
        if (!valid_name(text))
            fail("a name: letters, digits and _, not a digit first");
        break;
    case Shape::cron:
        if (const auto problem = cron_problem(text))
            about_setting("BAD_CRON", "'" + std::string(key.name) + "' is no cron line, " + *problem,
                          key.name);
        break;
    case Shape::timezone:
        if (!known_timezone(std::string(text)))
            about_setting("BAD_TZ", "there is no time zone '" + std::string(text) + "'", key.name);
        break;
    case Shape::core_uri:
        if (!valid_core_uri(text))
            about_setting("BAD_CORE_URI",
                          "'" + std::string(key.name) + "' must look like core://{tenant}/{slug}", key.name);
        break;
    case Shape::queue:
        check_queue(std::string(text));
        break;
    case Shape::role: // of llm_role and model only one counts: node_rules.cpp
    case Shape::text:
    case Shape::number:
    case Shape::boolean:
    case Shape::object:
    case Shape::list:
    case Shape::any:
        break;
    }
}

bool SettingsCheck::known_timezone(const std::string& name) {
    const auto known = zones_.find(name);
    return known != zones_.end() ? known->second : zones_.emplace(name, valid_timezone(name)).first->second;
}

/// Only of the flow's own scope do we know the queues.
void SettingsCheck::check_queue(const std::string& slug) {
    const std::string own = node().text("scope");
    if (!queues_.empty() && !queues_.contains(slug) && (own.empty() || own == scope_))
        about_setting("QUEUE_UNKNOWN", "queue '" + slug + "' is not declared in config.scaiqueue.queues",
                      "queue", Severity::warning);
}

void SettingsCheck::check_expression(std::string_view key, const Value& value) {
    const auto parsed = scai::scir::Expression::parse(scai::json::view_of(value), Dialect::flow);
    if (!parsed)
        return about_setting("BAD_EXPR", "'" + std::string(key) + "' " + parsed.error().message, key);
    check_roots(key, parsed->roots());
    if (parsed_ != nullptr)
        parsed_->expressions.emplace(value.raw(), *parsed);
}

void SettingsCheck::check_template(std::string_view key, const Value& value) {
    const auto parsed = scai::scir::Template::parse(value, Dialect::flow);
    if (!parsed)
        return about_setting("BAD_EXPR", "'" + std::string(key) + "' " + parsed.error().message, key);
    check_roots(key, parsed->roots());
    if (parsed_ != nullptr)
        parsed_->templates.emplace(value.raw(), *parsed);
}

void SettingsCheck::check_roots(std::string_view key, const std::vector<std::string>& roots) {
    for (const std::string& root : roots)
        if (const std::string problem = names_.problem(root, node_, false);
            !problem.empty() && !(key == "validate" && root == "result"))
            about_setting("UNKNOWN_NAME", "'" + std::string(key) + "': " + problem, key, Severity::warning);
}

void SettingsCheck::check_condition(std::size_t index) {
    const Edge& edge = graph_.edges[index];
    if (edge.type != EdgeType::conditional || edge.condition.value_or("").empty())
        return;
    const auto complain = [&](Severity severity, std::string code, const std::string& message) {
        problems_.add({severity,
                       std::move(code),
                       "edge '" + edge.id + "': " + message,
                       item_path("edges", index) + ".condition",
                       {},
                       edge.id});
    };
    const auto parsed = scai::scir::Expression::parse(*edge.condition, Dialect::flow);
    if (!parsed)
        return complain(Severity::error, "BAD_EXPR", "'condition' " + parsed.error().message);
    if (parsed_ != nullptr)
        parsed_->expressions.emplace(&edge, *parsed);
    const Node* source = graph_.find(edge.source_node);
    if (source == nullptr)
        return;
    for (const std::string& root : parsed->roots())
        if (const std::string problem = names_.problem(root, graph_.index_of(*source), true);
            !problem.empty())
            complain(Severity::warning, "UNKNOWN_NAME", "'condition': " + problem);
}

void SettingsCheck::check_variables() {
    std::unordered_set<std::string> seen;
    std::size_t index = 0;
    graph_.variables.each_item([&](const Value& variable) {
        const std::string name = variable.member("name");
        const std::string path = item_path("variables", index++) + ".name";
        if (!valid_name(name))
            at_flow("BAD_NAME",
                    "variable '" + name + "': a name has letters, digits and _, not a digit first", path);
        if (!seen.insert(name).second)
            at_flow("DUP_ID", "duplicate variable '" + name + "'", path);
    });
}

void SettingsCheck::check_models() {
    const std::string list = "config.core_identity.models";
    std::size_t index = 0;
    std::unordered_set<std::string> seen;
    graph_.config.get("core_identity").get("models").each_item([&](const Value& model) {
        const std::string path = item_path(list, index++);
        const std::string role = model.member("role");
        if (!valid_role(role))
            at_flow("BAD_ROLE_NAME", "model role '" + role + "' must have the form [a-z][a-z0-9_]*",
                    path + ".role");
        if (!seen.insert(role).second)
            at_flow("DUP_ROLE", "duplicate model role '" + role + "'", path + ".role");
        if (const Value context = model.get("system_context"); context.is_string())
            if (const auto parsed = scai::scir::Template::parse(context, Dialect::flow); !parsed)
                at_flow("BAD_EXPR", "model role '" + role + "': 'system_context' " + parsed.error().message,
                        path + ".system_context");
    });
}

void SettingsCheck::check_config() {
    const Value config = graph_.config;
    std::unordered_set<std::string> seen;
    std::size_t index = 0;
    config.get("scaiqueue").get("queues").each_item([&](const Value& queue) {
        const std::string path = item_path("config.scaiqueue.queues", index++) + ".slug";
        if (!seen.insert(queue.member("slug")).second)
            at_flow("DUP_ID", "duplicate queue '" + queue.member("slug") + "'", path);
    });
    index = 0;
    config.get("plugins").each_item([&](const Value& plugin) {
        const std::string path = item_path("config.plugins", index++);
        if (plugin.text_or(plugin.member("alias")).empty())
            at_flow("SETTING_VALUE", "a plugin must be an alias or an object with an 'alias'", path);
    });
    index = 0;
    config.get("capabilities").each_item([&](const Value& capability) {
        const std::string path = item_path("config.capabilities", index++);
        if (capability.text_or("").empty() && !(capability.is_object() && capability.size() == 1))
            at_flow("SETTING_VALUE", "a capability must be a name or an object with one member", path);
    });
    const Value bunker = config.get("bunker");
    if (bunker.member("network_profile") == "allowlisted" && bunker.get("network_allowlist").size() == 0)
        at_flow("SETTING_MISSING", "'network_allowlist' is required for network profile 'allowlisted'",
                "config.bunker.network_allowlist");
}

Diagnostics check_settings(const Graph& graph, const ResultNames& results, Parsed* parsed) {
    return SettingsCheck(graph, results, parsed).run();
}

Diagnostics validate(const Value& content) {
    Read result = read(content);
    if (!result.graph) {
        std::ranges::move(check_rest(content, result.diagnostics), std::back_inserter(result.diagnostics));
        return std::move(result.diagnostics);
    }
    Diagnostics out = analyze(*result.graph);
    Diagnostics settings = check_settings(*result.graph, result_names_of(*result.graph));
    std::ranges::move(settings, std::back_inserter(out));
    return out;
}

} // namespace scaiflow::graph
