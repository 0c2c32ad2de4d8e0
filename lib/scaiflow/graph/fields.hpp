// The shape of a flow, defined once: read() checks with it and schema() writes it down. Only the shape: what
// an unfinished flow may still lack is a matter of validate.hpp. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/kinds.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace scaiflow::graph {

enum class Type { text, integer, number, boolean, object, list, any };

struct ObjectDef;

struct TextForm {
    std::string_view pattern;          ///< ECMA 262, for the schema
    bool (*matches)(std::string_view); ///< the same, for read()
    std::string_view what;             ///< "a semantic version, e.g. 1.0.0"
};

struct FieldDef {
    std::string_view name;
    Type type = Type::any;
    bool required = false;
    bool nullable = false;
    std::size_t min_length = 0, max_length = 0; ///< characters of a text; 0 = no bound
    const TextForm* form = nullptr;             ///< of a text
    std::string_view one_of = {};               ///< closed set of texts, space-separated; "" = any
    bool bounded = false;                       ///< number or integer within [min, max]
    double min = 0, max = 0;
    std::size_t min_items = 0, max_items = 0; ///< of a list; 0 = no bound
    const ObjectDef* object = nullptr;        ///< members of an object
    const FieldDef* items = nullptr;          ///< what a list holds
    std::string_view default_json = {};
    std::string_view doc = {};
};

struct ObjectDef {
    std::string_view name;
    bool closed; ///< other members are refused
    std::span<const FieldDef> fields;
};

const ObjectDef& flow_object();
const ObjectDef& node_object();
const ObjectDef& edge_object();
const FieldDef* find_field(const ObjectDef& object, std::string_view name);

/// The beginning of a text that the client chose, for messages: at most 80 bytes, no broken character.
std::string_view clipped(std::string_view text);
/// What JSON a config key of that shape holds. Null is always allowed there: it means "not set".
Type json_type(Shape shape);
/// "a text", "an integer", ... for messages.
std::string_view describe(Type type);
/// Is `word` one of the space-separated `words`?
bool one_of(std::string_view words, std::string_view word);
/// "a, b, c" for messages.
std::string listed(std::string_view words);

} // namespace scaiflow::graph
