// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/fields.hpp"

#include "lib/scaiflow/graph/graph.hpp"

#include <array>

namespace scaiflow::graph {

namespace {

constexpr TextForm semver{
    R"(^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$)",
    valid_semver, "a semantic version, e.g. 1.0.0"};

const std::string& kind_names() {
    static const std::string names = [] {
        std::string out;
        for (const KindDef& kind : definitions())
            out.append(out.empty() ? "" : " ").append(kind.name);
        return out;
    }();
    return names;
}

constexpr FieldDef text(std::string_view name, std::string_view doc, std::size_t max_length = 0) {
    return {.name = name, .type = Type::text, .max_length = max_length, .doc = doc};
}
constexpr FieldDef of(std::string_view name, Type type, std::string_view doc) {
    return {.name = name, .type = type, .doc = doc};
}
constexpr FieldDef object(std::string_view name, const ObjectDef& members, std::string_view doc) {
    return {.name = name, .type = Type::object, .object = &members, .doc = doc};
}
constexpr FieldDef list(std::string_view name, const FieldDef& items, std::string_view doc) {
    return {.name = name, .type = Type::list, .items = &items, .doc = doc};
}
constexpr FieldDef choice(std::string_view name, std::string_view words, std::string_view doc) {
    return {.name = name, .type = Type::text, .one_of = words, .doc = doc};
}
constexpr FieldDef required(FieldDef field) {
    field.required = true;
    return field;
}
constexpr FieldDef nullable(FieldDef field) {
    field.nullable = true;
    return field;
}
constexpr FieldDef filled(FieldDef field) { ///< required, and not empty
    field.required = true;
    field.min_length = 1;
    return field;
}
constexpr FieldDef within(FieldDef field, double min, double max) {
    field.bounded = true;
    field.min = min;
    field.max = max;
    return field;
}
constexpr FieldDef items(FieldDef field, std::size_t min, std::size_t max) {
    field.min_items = min;
    field.max_items = max;
    return field;
}
constexpr FieldDef defaults(FieldDef field, std::string_view json) {
    field.default_json = json;
    return field;
}
constexpr FieldDef version(FieldDef field) {
    field.form = &semver;
    return field;
}

constexpr FieldDef text_item{.name = {}, .type = Type::text};
constexpr FieldDef any_item{.name = {}, .type = Type::any};
constexpr FieldDef object_item{.name = {}, .type = Type::object};
constexpr std::size_t id_length = 255;

constexpr std::array port_fields{
    filled(text("id", "Unique among the inputs, or outputs, of the node.", id_length)),
    text("label", "Shown on the canvas."), text("type", "string, int, float, bool, object, enum or a name.")};
constexpr ObjectDef port_def{"port", true, port_fields};
constexpr FieldDef port_item{.name = {}, .type = Type::object, .object = &port_def};

constexpr std::array position_fields{required(of("x", Type::number, "Pixels to the right.")),
                                     required(of("y", Type::number, "Pixels down."))};
constexpr ObjectDef position_def{"position", false, position_fields};

constexpr std::array end_fields{filled(text("node", "Id of a node.", id_length)),
                                filled(text("port", "Id of a port of that node.", id_length))};
constexpr ObjectDef end_def{"edge_end", true, end_fields};

constexpr std::array edge_fields{filled(text("id", "Unique in the flow, edge_<random>.", id_length)),
                                 required(choice("type", "sequential conditional data", "Kind of edge.")),
                                 required(object("source", end_def, "Output port it leaves.")),
                                 required(object("target", end_def, "Input port it enters.")),
                                 text("condition", "Expression; a conditional edge needs one.")};
constexpr ObjectDef edge_def{"edge", true, edge_fields};
constexpr FieldDef edge_item{.name = {}, .type = Type::object, .object = &edge_def};

constexpr std::array target_fields{filled(text("ref", "Provider.")), filled(text("model", "Id there."))};
constexpr ObjectDef target_def{"model_target", false, target_fields};
constexpr FieldDef target_item{.name = {}, .type = Type::object, .object = &target_def};
constexpr FieldDef modality_item =
    choice({}, "text structured_output vision tts stt embedding image_generation", {});

constexpr std::array model_fields{
    required(text("role", "Unique in the list, [a-z][a-z0-9_]*; the first one is the default.", id_length)),
    filled(text("ref", "Provider: scaigrid, openai, ...")),
    filled(text("model", "Id of the model there.")),
    nullable(within(of("temperature", Type::number, "Text only."), 0, 2)),
    defaults(list("modalities", modality_item, "What the model is used for."), R"(["text"])"),
    nullable(text("system_context", "Replaces the system prompt.")),
    defaults(list("fallback", target_item, "Tried in order when the model cannot be reached."), "[]")};
constexpr ObjectDef model_def{"model", false, model_fields};
constexpr FieldDef model_item{.name = {}, .type = Type::object, .object = &model_def};

constexpr std::array queue_fields{
    filled(text("slug", "What nodes call the queue.", id_length)),
    nullable(text("display_name", "Shown only.")),
    nullable(text("description", "Shown only.")),
    defaults(choice("consumer_mode", "fifo priority deadline broadcast", "Order of the messages."),
             R"("fifo")"),
    defaults(within(of("max_retries", Type::integer, "Before a message is given up."), 0, 100), "5"),
    choice("purpose", "intake processing review escalation completed dead-letter custom",
           "Groups the queues in the editor.")};
constexpr ObjectDef queue_def{"queue", false, queue_fields};
constexpr FieldDef queue_item{.name = {}, .type = Type::object, .object = &queue_def};

constexpr std::array identity_fields{
    nullable(text("name", "Name of the persona.")),
    defaults(choice("mode", "stateless entity singleton", "Instances of the Core."), R"("stateless")"),
    items(list("models", model_item, "Model registry."), 1, 0)};
constexpr ObjectDef identity_def{"core_identity", false, identity_fields};

constexpr std::array bunker_fields{
    choice("lifecycle", "ephemeral session persistent appliance", "How long the sandbox lives."),
    text("image", "Image of the sandbox."),
    within(of("cpu_millicores", Type::integer, "1000 is one core."), 1, 1'000'000),
    within(of("memory_mb", Type::integer, "Memory in MB."), 1, 16'777'216),
    within(of("disk_mb", Type::integer, "Disk in MB."), 0, 1'073'741'824),
    within(of("gpu_count", Type::integer, "Graphics processors."), 0, 64),
    choice("network_profile", "isolated registry allowlisted unrestricted transit", "What it may reach."),
    list("network_allowlist", text_item, "Hosts of profile allowlisted.")};
constexpr ObjectDef bunker_def{"bunker", false, bunker_fields};

constexpr std::array scaiqueue_fields{nullable(text("scope", "Scope of all queues.")),
                                      defaults(list("queues", queue_item, "Made before a deploy."), "[]")};
constexpr ObjectDef scaiqueue_def{"scaiqueue", false, scaiqueue_fields};

constexpr std::array config_fields{
    object("core_identity", identity_def, "Persona and models."),
    defaults(list("plugins", any_item, "Aliases, or {alias, endpoint, version}."), "[]"),
    defaults(list("capabilities", any_item, "Names, or objects with one member."), "[]"),
    nullable(object("bunker", bunker_def, "Sandbox of the compute nodes.")),
    nullable(object("scaiqueue", scaiqueue_def, "Scope and queues.")),
    defaults(of("publish_as_model", Type::boolean, "Publish as a chat model on deploy."), "false"),
    defaults(list("model_visibility_group_ids", text_item, "Who may call the published model."), "[]")};
constexpr ObjectDef config_def{"config", false, config_fields};

constexpr std::array metadata_fields{nullable(text("author", "Who made it.")),
                                     nullable(text("created", "When, ISO 8601.")),
                                     nullable(text("description", "What it does.")),
                                     list("unknown_steps", any_item, "Steps that an import could not read.")};
constexpr ObjectDef metadata_def{"metadata", false, metadata_fields};

constexpr std::array variable_fields{required(text("name", "[a-zA-Z_][a-zA-Z0-9_]*", id_length)),
                                     nullable(text("type", "Type, e.g. map<string, string>.")),
                                     of("default", Type::any, "Value at the start."),
                                     nullable(text("description", "What it holds."))};
constexpr ObjectDef variable_def{"variable", false, variable_fields};
constexpr FieldDef variable_item{.name = {}, .type = Type::object, .object = &variable_def};

/// The set of node types comes from the table of kinds at run time, so these two are made once.
const std::array<FieldDef, 7>& node_fields() {
    static const std::array fields{
        filled(text("id", "Unique in the flow, node_<random>.", id_length)),
        required(choice("type", kind_names(), "Kind of node.")),
        required(text("label", "Shown on the canvas.")),
        required(object("position", position_def, "Place on the canvas.")),
        of("config", Type::object, "Settings, depending on the type."),
        items(defaults(list("inputs", port_item, "Input ports."), "[]"), 0, max_ports),
        items(defaults(list("outputs", port_item, "Output ports."), "[]"), 0, max_ports)};
    return fields;
}

const std::array<FieldDef, 11>& flow_fields() {
    static const FieldDef node_item{.name = {}, .type = Type::object, .object = &node_object()};
    static const std::array fields{
        text("$schema", "Address of this schema."),
        filled(text("id", "Stays the same for ever, flow_<random>.", id_length)),
        filled(text("name", "Name of the flow.", id_length)),
        version(required(text("version", "The server counts the patch up.", id_length))),
        defaults(text("scaicore_target", "Language version to compile for.", id_length), R"("0.2")"),
        object("metadata", metadata_def, "About the flow."),
        items(required(list("nodes", node_item, "Steps and entries.")), 0, max_nodes),
        required(list("edges", edge_item, "What follows what.")),
        defaults(list("variables", variable_item, "Named state."), "[]"),
        object("config", config_def, "Settings of the flow."),
        defaults(list("tests", object_item, "Tests of the flow."), "[]")};
    return fields;
}

} // namespace

const ObjectDef& flow_object() {
    static const ObjectDef def{"flow", true, flow_fields()};
    return def;
}

const ObjectDef& node_object() {
    static const ObjectDef def{"node", true, node_fields()};
    return def;
}

const ObjectDef& edge_object() {
    return edge_def;
}

const FieldDef* find_field(const ObjectDef& object_def, std::string_view name) {
    for (const FieldDef& field : object_def.fields)
        if (field.name == name)
            return &field;
    return nullptr;
}

std::string_view clipped(std::string_view text) {
    constexpr std::size_t longest = 80;
    if (text.size() <= longest)
        return text;
    std::size_t length = longest;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
        --length; // never half a character
    return text.substr(0, length);
}

Type json_type(Shape shape) {
    switch (shape) {
    case Shape::text:
    case Shape::expression:
    case Shape::template_text:
    case Shape::duration:
    case Shape::name:
    case Shape::role:
    case Shape::queue:
    case Shape::cron:
    case Shape::timezone:
    case Shape::core_uri:
        return Type::text;
    case Shape::integer:
        return Type::integer;
    case Shape::number:
        return Type::number;
    case Shape::boolean:
        return Type::boolean;
    case Shape::object:
    case Shape::template_object:
        return Type::object;
    case Shape::list:
    case Shape::template_list:
        return Type::list;
    case Shape::any:
    case Shape::template_value:
        return Type::any;
    }
    return Type::any;
}

std::string_view describe(Type type) {
    switch (type) {
    case Type::text:
        return "a text";
    case Type::integer:
        return "an integer";
    case Type::number:
        return "a number";
    case Type::boolean:
        return "true or false";
    case Type::object:
        return "an object";
    case Type::list:
        return "a list";
    case Type::any:
        return "any value";
    }
    return "";
}

bool one_of(std::string_view words, std::string_view word) {
    for (;;) {
        const std::size_t end = words.find(' ');
        if (words.substr(0, end) == word)
            return true;
        if (end == std::string_view::npos)
            return false;
        words.remove_prefix(end + 1);
    }
}

std::string listed(std::string_view words) {
    std::string out;
    for (const char c : words)
        out.append(c == ' ' ? ", " : std::string(1, c));
    return out;
}

} // namespace scaiflow::graph
