// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/diff.hpp"

#include "lib/scaiflow/graph/fields.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace scaiflow::graph {

using scai::json::Value;

namespace {

/// A list of the flow whose items have names.
struct ListDef {
    std::string_view member, what, key;
};
constexpr std::array lists{ListDef{"nodes", "node", "id"}, ListDef{"edges", "edge", "id"},
                           ListDef{"variables", "variable", "name"}, ListDef{"tests", "test", "id"}};

bool equal(const Value& a, const Value& b) {
    return a.present() == b.present() && (!a.present() || a.dump(true) == b.dump(true));
}

constexpr std::size_t max_depth = 8, max_members = 500; ///< of one change; nobody reads more

/// Paths of the members that differ; objects are entered, lists are one value.
void differing(const Value& a, const Value& b, const std::string& path, std::vector<std::string>& out,
               std::size_t depth = 0) {
    if (out.size() >= max_members)
        return;
    if (depth == max_depth || !a.is_object() || !b.is_object()) {
        if (!equal(a, b))
            out.push_back(path);
        return;
    }
    const auto deeper = [&](std::string_view key) {
        return (path.empty() ? std::string() : path + ".") + std::string(clipped(key));
    };
    b.each_member([&](std::string_view key, const Value& value) {
        differing(a.get(key), value, deeper(key), out, depth + 1);
    });
    a.each_member([&](std::string_view key, const Value& value) {
        if (!b.get(key).present())
            differing(value, Value(), deeper(key), out, depth + 1);
    });
}

bool is_layout(const std::string& member) {
    return member == "position" || member.starts_with("position.");
}

std::string end_text(const Value& end) {
    return end.member("node") + "." + end.member("port");
}

std::string label_of(const ListDef& list, const Value& item) {
    if (list.what == "node")
        return item.member("label");
    if (list.what == "edge")
        return end_text(item.get("source")) + " -> " + end_text(item.get("target"));
    return item.member("name");
}

struct Item {
    std::string id;
    Value value;
};

/// Items with a key that tells even those of the same id apart, in list order.
std::vector<std::pair<std::string, Item>> items_of(const Value& list, std::string_view key) {
    std::vector<std::pair<std::string, Item>> out;
    std::unordered_map<std::string, int> seen;
    list.each_item([&](const Value& value) {
        std::string id = value.member(key);
        const int times = seen[id]++;
        std::string unique = (times == 0 ? "=" : std::to_string(times) + "=") + id;
        out.emplace_back(std::move(unique), Item{std::move(id), value});
    });
    return out;
}

Change changed(std::string what, std::string id, std::string label, const Value& before, const Value& after) {
    Change out{
        Change::Kind::changed, std::move(what), std::move(id), std::move(label), false, {}, before, after};
    differing(before, after, {}, out.members);
    out.members.erase(std::remove(out.members.begin(), out.members.end(), std::string()), out.members.end());
    return out;
}

Value ids_of(const std::vector<std::string>& ids) {
    return Value::array_of(ids);
}

void compare_list(const ListDef& list, const Value& before, const Value& after, std::vector<Change>& out) {
    const auto old_items = items_of(before, list.key);
    const auto new_items = items_of(after, list.key);
    std::unordered_map<std::string_view, const Item*> old_by_key, new_by_key;
    for (const auto& [key, item] : old_items)
        old_by_key.emplace(key, &item);
    for (const auto& [key, item] : new_items)
        new_by_key.emplace(key, &item);
    const std::string what(list.what);
    std::vector<std::string> old_order, new_order;
    for (const auto& [key, item] : new_items) {
        const auto old = old_by_key.find(key);
        if (old == old_by_key.end()) {
            out.push_back(
                {Change::Kind::added, what, item.id, label_of(list, item.value), false, {}, {}, item.value});
            continue;
        }
        new_order.push_back(item.id);
        if (equal(old->second->value, item.value))
            continue;
        Change change = changed(what, item.id, label_of(list, item.value), old->second->value, item.value);
        change.layout_only =
            list.what == "node" && !change.members.empty() && std::ranges::all_of(change.members, is_layout);
        out.push_back(std::move(change));
    }
    for (const auto& [key, item] : old_items)
        if (new_by_key.contains(key))
            old_order.push_back(item.id);
        else
            out.push_back({Change::Kind::removed,
                           what,
                           item.id,
                           label_of(list, item.value),
                           false,
                           {},
                           item.value,
                           {}});
    if (old_order != new_order)
        out.push_back({Change::Kind::changed,
                       std::string(list.member),
                       {},
                       {},
                       false,
                       {"order"},
                       ids_of(old_order),
                       ids_of(new_order)});
}

bool is_list(std::string_view member) {
    return std::ranges::any_of(lists, [&](const ListDef& list) { return list.member == member; });
}

void compare_member(std::string_view key, const Value& before, const Value& after, std::vector<Change>& out) {
    if (key == "version" || equal(before, after))
        return;
    const std::string what(key);
    if (!before.present())
        out.push_back({Change::Kind::added, what, {}, {}, false, {}, {}, after});
    else if (!after.present())
        out.push_back({Change::Kind::removed, what, {}, {}, false, {}, before, {}});
    else
        out.push_back(changed(what, {}, {}, before, after));
}

std::string_view kind_name(Change::Kind kind) {
    switch (kind) {
    case Change::Kind::added:
        return "added";
    case Change::Kind::removed:
        return "removed";
    case Change::Kind::changed:
        return "changed";
    }
    return "";
}

Value counts(const std::vector<Change>& changes, std::string_view what) {
    std::int64_t added = 0, removed = 0, altered = 0, layout = 0;
    for (const Change& change : changes) {
        const std::string_view group = change.what == "node"   ? "nodes"
                                       : change.what == "edge" ? "edges"
                                                               : "other";
        if (group != what)
            continue;
        if (change.layout_only)
            ++layout;
        else
            ++(change.kind == Change::Kind::added     ? added
               : change.kind == Change::Kind::removed ? removed
                                                      : altered);
    }
    return Value::object(
        {{"added", added}, {"removed", removed}, {"changed", altered}, {"layout_only", layout}});
}

} // namespace

std::vector<Change> diff(const Value& before, const Value& after) {
    std::vector<Change> out;
    for (const FieldDef& field : flow_object().fields)
        if (!is_list(field.name))
            compare_member(field.name, before.get(field.name), after.get(field.name), out);
    for (const ListDef& list : lists)
        compare_list(list, before.get(list.member), after.get(list.member), out);
    return out;
}

Value to_json(const std::vector<Change>& changes) {
    Value list = Value::array();
    for (const Change& change : changes) {
        const auto or_null = [](const std::string& text) {
            return text.empty() ? Value(nullptr) : Value(text);
        };
        list.push(Value::object({{"kind", kind_name(change.kind)},
                                 {"what", change.what},
                                 {"id", or_null(change.id)},
                                 {"label", or_null(change.label)},
                                 {"layout_only", change.layout_only},
                                 {"members", Value::array_of(change.members)},
                                 {"before", change.before},
                                 {"after", change.after}}));
    }
    Value summary = Value::object();
    for (const char* what : {"nodes", "edges", "other"})
        summary.set(what, counts(changes, what));
    return Value::object({{"summary", summary}, {"changes", list}});
}

} // namespace scaiflow::graph
