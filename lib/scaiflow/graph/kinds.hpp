// The 24 node kinds, defined once: schema, validation, compiler, documentation read this table (contract
// scaiflow-model.md 2). SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace scaiflow::graph {

enum class Kind {
    entry_api,
    entry_webhook,
    entry_schedule,
    llm_rigid,
    llm_guarded,
    llm_flexible,
    logic_decision,
    logic_loop,
    logic_parallel,
    tool_plugin,
    tool_http,
    data_variable_set,
    checkpoint,
    queue_publish,
    queue_consume,
    hitl_review,
    hitl_decision,
    queue_escalation,
    compute_provision,
    compute_exec,
    compute_file_upload,
    compute_file_download,
    compute_destroy,
    subflow_call,
};
inline constexpr int kind_count = 24;

enum class Category { entry, llm, logic, tool, data, checkpoint, queue, compute, subflow };

/// What a config key may hold.
enum class Shape {
    text,
    integer,
    number,
    boolean,
    object,
    list,
    any,
    expression,      ///< text of the flow dialect
    template_text,   ///< text with {{expr}}
    template_value,  ///< any JSON with {{expr}} in its texts
    template_object, ///< the same, an object
    template_list,   ///< the same, a list
    duration,        ///< "30s", "5m", "1h", "7d", "2w"
    name,            ///< identifier [a-zA-Z_][a-zA-Z0-9_]*
    role,            ///< of config.core_identity.models
    queue,           ///< slug
    cron,
    timezone,
    core_uri,
};

struct ConfigKey {
    std::string_view name;
    Shape shape;
    bool required = false;              ///< without it the flow can be saved but not compiled
    std::string_view default_json = {}; ///< JSON text; "" = none
    std::string_view one_of = {};       ///< closed set, space-separated; "" = any
    std::string_view doc = {};
    std::int64_t min = 0, max = 0; ///< of an integer; both 0 = any
};

struct PortDef {
    std::string_view id, label, type;
};

struct KindDef {
    Kind kind;
    std::string_view name; ///< wire
    Category category;
    std::string_view label;            ///< palette
    std::span<const ConfigKey> config; ///< unknown keys are allowed and kept
    std::span<const PortDef> inputs,
        outputs; ///< of a new node; port ids are data, never derived from the kind
};

const KindDef& definition(Kind kind);
std::span<const KindDef> definitions(); ///< in the order of the enum
std::optional<Kind> kind_of(std::string_view name);
std::string_view name_of(Kind kind);
/// The config key of that name, nullptr when the kind knows none.
const ConfigKey* find_key(Kind kind, std::string_view name);
constexpr bool is_entry(Kind kind) {
    return kind <= Kind::entry_schedule;
}
std::string_view name_of(Category category);

} // namespace scaiflow::graph
