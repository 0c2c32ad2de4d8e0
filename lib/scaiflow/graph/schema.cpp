// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/schema.hpp"

#include "lib/scaiflow/graph/fields.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <cmath>

namespace scaiflow::graph {

using scai::json::Value;

namespace {

std::string_view type_name(Type type) {
    switch (type) {
    case Type::text:
        return "string";
    case Type::integer:
        return "integer";
    case Type::number:
        return "number";
    case Type::boolean:
        return "boolean";
    case Type::object:
        return "object";
    case Type::list:
        return "array";
    case Type::any:
        return "";
    }
    return "";
}

void set_type(Value& out, Type type, bool nullable) {
    if (type == Type::any)
        return;
    if (nullable)
        out.set("type", Value::array({type_name(type), "null"}));
    else
        out.set("type", type_name(type));
}

Value words(std::string_view text, bool nullable) {
    Value out = Value::array();
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        out.push(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    if (nullable)
        out.push(nullptr);
    return out;
}

Value bound(double number) {
    return std::trunc(number) == number ? Value(static_cast<std::int64_t>(number)) : Value(number);
}

/// Writes the definitions of the objects it meets into $defs, each once.
class Writer {
public:
    Value flow() {
        Value out = Value::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                   {"$id", schema_url},
                                   {"title", "ScaiFlow flow"}});
        describe_object(out, flow_object());
        for (const KindDef& kind : definitions())
            defs_.set(config_name(kind), kind_config(kind));
        out.set("$defs", defs_);
        return out;
    }

private:
    Value defs_ = Value::object();

    static std::string config_name(const KindDef& kind) { return "config_" + std::string(kind.name); }
    static Value ref(const std::string& name) { return Value::object({{"$ref", "#/$defs/" + name}}); }

    void describe_object(Value& out, const ObjectDef& def) {
        out.set("type", "object");
        Value required = Value::array();
        Value properties = Value::object();
        for (const FieldDef& field : def.fields) {
            if (field.required)
                required.push(field.name);
            properties.set(field.name, field_schema(field));
        }
        if (required.size() > 0)
            out.set("required", std::move(required));
        out.set("properties", std::move(properties));
        if (def.closed)
            out.set("additionalProperties", false);
        if (&def == &node_object())
            out.set("allOf", kinds());
    }

    /// A reference to the definition; an object that may be null is written out beside "null".
    Value object_schema(const ObjectDef& def) {
        const std::string name(def.name);
        if (!defs_.get(name).present()) {
            defs_.set(name, Value::object()); // its place is before what it refers to
            Value out = Value::object();
            describe_object(out, def);
            defs_.set(name, std::move(out));
        }
        return ref(name);
    }

    Value field_schema(const FieldDef& field) {
        Value out = Value::object();
        if (!field.doc.empty())
            out.set("description", field.doc);
        if (!field.default_json.empty())
            out.set("default", scai::json::parse(field.default_json).value());
        if (field.object != nullptr) {
            Value object = object_schema(*field.object);
            if (field.nullable)
                return out.set("anyOf", Value::array({object, Value::object({{"type", "null"}})}));
            return out.set("$ref", object.get("$ref"));
        }
        set_type(out, field.type, field.nullable);
        if (!field.one_of.empty())
            out.set("enum", words(field.one_of, field.nullable));
        if (field.min_length > 0)
            out.set("minLength", static_cast<std::int64_t>(field.min_length));
        if (field.max_length > 0)
            out.set("maxLength", static_cast<std::int64_t>(field.max_length));
        if (field.form != nullptr)
            out.set("pattern", field.form->pattern);
        if (field.bounded)
            out.set("minimum", bound(field.min)).set("maximum", bound(field.max));
        if (field.min_items > 0)
            out.set("minItems", static_cast<std::int64_t>(field.min_items));
        if (field.max_items > 0)
            out.set("maxItems", static_cast<std::int64_t>(field.max_items));
        if (field.items != nullptr && (field.items->type != Type::any))
            out.set("items", field_schema(*field.items));
        return out;
    }

    static Value kinds() {
        Value out = Value::array();
        for (const KindDef& kind : definitions()) {
            Value type = Value::object({{"type", Value::object({{"const", kind.name}})}});
            Value config = Value::object({{"config", ref(config_name(kind))}});
            out.push(Value::object(
                {{"if", Value::object({{"properties", type}, {"required", Value::array({"type"})}})},
                 {"then", Value::object({{"properties", config}})}}));
        }
        return out;
    }

    static Value kind_config(const KindDef& kind) {
        Value properties = Value::object();
        for (const ConfigKey& key : kind.config) {
            Value each = Value::object({{"description", key.doc}});
            if (!key.default_json.empty())
                each.set("default", scai::json::parse(key.default_json).value());
            if (!key.one_of.empty())
                each.set("examples", words(key.one_of, false));
            if (key.required)
                each.set("$comment", "Needed to compile.");
            set_type(each, json_type(key.shape), true);
            properties.set(key.name, std::move(each));
        }
        return Value::object({{"title", kind.label}, {"properties", properties}});
    }
};

} // namespace

Value schema() {
    return Writer().flow();
}

} // namespace scaiflow::graph
