// Rules of single kinds that go beyond one key of the table. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/fields.hpp"
#include "lib/scaiflow/graph/settings.hpp"
#include "lib/scaiflow/graph/signatures.hpp"

namespace scaiflow::graph {

using scai::json::Value;

void SettingsCheck::check_node_rules() {
    switch (node().kind) {
    case Kind::entry_api:
    case Kind::entry_webhook:
        return check_entry_path();
    case Kind::llm_guarded:
    case Kind::llm_flexible:
        check_role();
        return check_output_schema();
    case Kind::logic_loop:
        return check_loop();
    case Kind::tool_plugin:
        return check_plugin();
    case Kind::tool_http:
        return check_url();
    case Kind::data_variable_set:
        return check_variable_set();
    case Kind::checkpoint:
    case Kind::hitl_decision: {
        std::unordered_set<std::string> options;
        check_options(node().setting("options"), "options", options);
        return check_on_timeout(options);
    }
    case Kind::hitl_review:
        check_scope();
        return check_sections();
    case Kind::queue_publish:
    case Kind::queue_consume:
    case Kind::queue_escalation:
        return check_scope();
    case Kind::compute_provision:
        return check_network();
    case Kind::compute_exec:
        return check_command();
    case Kind::entry_schedule:
    case Kind::llm_rigid:
    case Kind::logic_decision:
    case Kind::logic_parallel:
    case Kind::compute_file_upload:
    case Kind::compute_file_download:
    case Kind::compute_destroy:
    case Kind::subflow_call:
        return;
    }
}

void SettingsCheck::check_entry_path() {
    if (!unset("path") && !node().text("path").starts_with('/'))
        about_setting("SETTING_VALUE", "'path' must start with '/'", "path");
}

void SettingsCheck::check_role() {
    const bool old_name = unset("llm_role");
    const std::string_view key = old_name ? "model" : "llm_role";
    const std::string start = "llm_role validation failed: node '" + node().id + "': ";
    if (old_name && unset("model")) {
        if (roles_.empty())
            at_setting("ROLE_UNDECLARED", start + "the flow declares no model", "llm_role");
        return;
    }
    const std::string role = node().text(key);
    if (!roles_.contains(role))
        at_setting("ROLE_UNDECLARED", start + "llm_role='" + role + "' is not declared", key);
}

void SettingsCheck::check_output_schema() {
    node().setting("output_schema").each_member([&](std::string_view field, const Value& type) {
        if (type.text_or("").empty())
            about_setting("SETTING_VALUE",
                          "'output_schema' must give a type such as string or enum[a, b] for '" +
                              std::string(field.substr(0, 80)) + "'",
                          "output_schema");
    });
}

void SettingsCheck::check_loop() {
    const bool while_loop = node().text("style") == "while";
    const std::string_view needed = while_loop ? "condition" : "collection";
    if (unset(needed))
        about_setting("SETTING_MISSING",
                      "'" + std::string(needed) + "' is required for style '" + node().text("style") + "'",
                      needed);
    if (while_loop && unset("max_iterations"))
        at_setting("WHILE_NO_MAX", "while loop missing max_iterations", "max_iterations");
}

void SettingsCheck::check_plugin() {
    const std::string plugin = node().text("plugin");
    const std::string method = node().text("method");
    const Signature* signature = find_signature(plugin, method);
    if (signature == nullptr)
        return;
    const Value args = node().setting("args");
    std::string_view rest = signature->required;
    while (!rest.empty()) {
        const std::size_t end = rest.find(' ');
        const std::string_view arg = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (const Value given = args.get(arg); !given.present() || given.is_null())
            at_setting("PLUGIN_ARG",
                       "plugin call '" + plugin + "." + method + "': missing required arg '" +
                           std::string(arg) + "'",
                       "args." + std::string(arg));
    }
}

void SettingsCheck::check_url() {
    const std::string url = node().text("url");
    if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://") && !url.starts_with("{{"))
        about_setting("SETTING_VALUE", "'url' must start with http:// or https://", "url");
}

void SettingsCheck::check_variable_set() {
    const std::string name = node().text("name");
    if (!name.empty() && !names_.is_variable(name))
        about_setting("VARIABLE_UNDECLARED", "variable '" + name + "' is not declared in variables", "name",
                      Severity::warning);
}

void SettingsCheck::check_scope() {
    if (unset("scope") && scope_.empty())
        about_setting("HITL_SCOPE", "no scope on the node and none in config.scaiqueue", "scope");
}

void SettingsCheck::check_options(const Value& options, const std::string& path,
                                  std::unordered_set<std::string>& ids) {
    std::size_t index = 0;
    options.each_item([&](const Value& option) {
        const std::string at = path + "[" + std::to_string(index++) + "]";
        const std::string id = option.text_or(option.member("id"));
        if (id.empty())
            about_setting("SETTING_VALUE", "an option must be an id or an object with an 'id'", at);
        else if (!ids.insert(id).second)
            about_setting("DUP_ID", "duplicate option '" + id + "'", at);
    });
}

void SettingsCheck::check_on_timeout(const std::unordered_set<std::string>& options) {
    const std::string choice = node().text("on_timeout");
    if (!unset("on_timeout") && !one_of("fail escalate continue", choice) && !options.contains(choice))
        about_setting("SETTING_VALUE", "'on_timeout' must be fail, escalate, continue or the id of an option",
                      "on_timeout");
}

void SettingsCheck::check_sections() {
    std::unordered_set<std::string> options;
    std::size_t index = 0;
    node().setting("sections").each_item([&](const Value& section) {
        check_section(section, "sections[" + std::to_string(index++) + "]", options);
    });
    check_on_timeout(options);
    const std::string assignee = node().text("assignee");
    if (!assignee.empty() && !assignee.starts_with("{{") && !assignee.starts_with("user:") &&
        !assignee.starts_with("group:") && !assignee.starts_with("role:"))
        about_setting("ASSIGNEE_UNROUTED", "'assignee' without user:, group: or role: in front is not routed",
                      "assignee", Severity::warning);
}

void SettingsCheck::check_section(const Value& section, const std::string& path,
                                  std::unordered_set<std::string>& options) {
    const std::string type = section.member("type");
    if (!one_of("context input decision", type))
        return about_setting("SETTING_VALUE", "a section must have a 'type': context, input or decision",
                             path + ".type");
    if (type == "context")
        return;
    if (section.member("field").empty())
        about_setting("SETTING_VALUE", "a section of type " + type + " must have a 'field'", path + ".field");
    if (type == "decision") {
        if (section.get("options").size() == 0 || !section.get("options").is_array())
            about_setting("SETTING_VALUE", "a section of type decision must have 'options'",
                          path + ".options");
        std::unordered_set<std::string> own;
        check_options(section.get("options"), path + ".options", own);
        options.merge(own);
    }
}

void SettingsCheck::check_network() {
    if (node().text("network_profile") == "allowlisted" && node().setting("network_allowlist").size() == 0)
        about_setting("SETTING_MISSING", "'network_allowlist' is required for network profile 'allowlisted'",
                      "network_allowlist");
}

void SettingsCheck::check_command() {
    const Value command = node().setting("command");
    if (!command.present())
        return;
    bool texts = command.size() > 0;
    command.each_item([&](const Value& word) { texts = texts && word.is_string(); });
    if (!texts)
        about_setting("SETTING_VALUE", "'command' must be a list of texts, the program first", "command");
}

} // namespace scaiflow::graph
