// The walk of check_settings(); private to validation. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/names.hpp"
#include "lib/scaiflow/graph/parsed.hpp"
#include "lib/scaiflow/graph/problems.hpp"

namespace scaiflow::graph {

class SettingsCheck {
public:
    SettingsCheck(const Graph& graph, const ResultNames& results, Parsed* parsed);
    Diagnostics run();

private:
    const Graph& graph_;
    Names names_;
    Parsed* parsed_; ///< where to keep what was parsed, if somebody wants it
    Problems problems_;
    std::string scope_;                              ///< config.scaiqueue.scope
    std::unordered_set<std::string> queues_, roles_; ///< declared in config
    std::unordered_map<std::string, bool> zones_;    ///< names looked up so far
    std::size_t node_ = 0;                           ///< the node looked at

    const Node& node() const { return graph_.nodes[node_]; }
    bool unset(std::string_view key) const; ///< absent, null or an empty text

    void at_flow(std::string code, std::string message, std::string path);
    void at_setting(std::string code, const std::string& message, std::string_view key,
                    Severity severity = Severity::error);
    /// The same, the message starting with the node's id.
    void about_setting(std::string code, const std::string& message, std::string_view key,
                       Severity severity = Severity::error);

    // settings.cpp
    void check_node(std::size_t index);
    void check_key(const ConfigKey& key, const scai::json::Value& value);
    void check_expression(std::string_view key, const scai::json::Value& value);
    void check_template(std::string_view key, const scai::json::Value& value);
    void check_roots(std::string_view key, const std::vector<std::string>& roots);
    bool known_timezone(const std::string& name);
    void check_queue(const std::string& slug);
    void check_condition(std::size_t index);
    void check_variables();
    void check_models();
    void check_config();

    // node_rules.cpp
    void check_node_rules();
    void check_entry_path();
    void check_role();
    void check_output_schema();
    void check_loop();
    void check_plugin();
    void check_url();
    void check_variable_set();
    void check_scope();
    void check_sections();
    void check_section(const scai::json::Value& section, const std::string& path,
                       std::unordered_set<std::string>& options);
    void check_options(const scai::json::Value& options, const std::string& path,
                       std::unordered_set<std::string>& ids);
    void check_on_timeout(const std::unordered_set<std::string>& options);
    void check_network();
    void check_command();
};

} // namespace scaiflow::graph
