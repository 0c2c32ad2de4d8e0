// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/scaiflow/compiler/walker.hpp"

#include <algorithm>

namespace test {

using scai::json::Value;

namespace {

std::vector<Value> items(const Value& list) {
    std::vector<Value> out;
    list.each_item([&](const Value& item) { out.push_back(item); });
    return out;
}

bool is_entry(const Value& node) {
    return node.member("type").starts_with("entry_");
}

} // namespace

std::size_t Walker::make_place(const std::string& node) {
    places_.push_back({});
    places_.back().node = node;
    return places_.size() - 1;
}

void Walker::add_port(std::size_t place, const std::vector<Value>& edges) {
    std::vector<Place::Alternative> choice;
    std::vector<std::size_t> plain;
    for (const Value& edge : edges) {
        const std::size_t target = nodes_.at(edge.get("target").member("node"));
        if (edge.member("type") == "sequential") {
            plain.push_back(target);
        } else {
            const std::size_t arm = make_place();
            places_[arm].taken = {target};
            choice.push_back({edge_names_.at(edge.member("id")), arm});
        }
    }
    if (choice.empty()) {
        places_[place].taken.insert(places_[place].taken.end(), plain.begin(), plain.end());
        return;
    }
    const std::size_t otherwise = make_place();
    places_[otherwise].taken = plain;
    choice.push_back({"", otherwise});
    places_[place].choices.push_back(choice);
}

Walker::Walker(const Value& flow) {
    make_place();
    const auto nodes = items(flow.get("nodes"));
    const auto edges = items(flow.get("edges"));
    for (const Value& node : nodes)
        nodes_[node.member("id")] = make_place(node.member("id"));
    for (std::size_t i = 0; i < edges.size(); ++i)
        edge_names_[edges[i].member("id")] = "e" + std::to_string(i);
    std::vector<Place::Alternative> starts;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Value& node = nodes[i];
        const std::string id = node.member("id");
        loop_names_[id] = "l" + std::to_string(i);
        if (is_entry(node)) {
            entries_.insert(id);
            const std::size_t arm = make_place();
            places_[arm].taken = {nodes_.at(id)};
            starts.push_back({id, arm});
        }
        std::map<std::string, std::vector<Value>> ports;
        std::vector<Value> all;
        for (const Value& edge : edges)
            if (edge.get("source").member("node") == id && edge.member("type") != "data") {
                ports[edge.get("source").member("port")].push_back(edge);
                all.push_back(edge);
            }
        if (node.member("type") == "logic_parallel") {
            for (const Value& edge : all) {
                const std::size_t branch = make_place();
                add_port(branch, {edge});
                places_[nodes_.at(id)].branches.push_back(branch);
            }
            continue;
        }
        if (node.member("type") == "logic_loop") {
            const std::size_t body = make_place();
            add_port(body, ports["body"]);
            places_[nodes_.at(id)].body = body;
            ports.erase("body");
        }
        for (const Value& port : items(node.get("outputs")))
            if (ports.contains(port.member("id")))
                add_port(nodes_.at(id), ports.at(port.member("id")));
    }
    if (starts.size() == 1)
        places_[0].taken = places_[starts.front().place].taken;
    else
        places_[0].choices.push_back(starts);
    hang();
}

/// In the order in which they are tried.
std::vector<std::size_t> Walker::successors(std::size_t place) const {
    const Place& self = places_[place];
    std::vector<std::size_t> out = self.branches;
    if (self.body != 0)
        out.push_back(self.body);
    for (const auto& choice : self.choices)
        for (const auto& alternative : choice)
            out.push_back(alternative.place);
    out.insert(out.end(), self.taken.begin(), self.taken.end());
    return out;
}

void Walker::post_order(std::size_t place, std::set<std::size_t>& seen, std::vector<std::size_t>& out) const {
    if (!seen.insert(place).second)
        return;
    const auto next = successors(place);
    for (auto it = next.rbegin(); it != next.rend(); ++it)
        post_order(*it, seen, out);
    out.push_back(place);
}

void Walker::hang() {
    std::set<std::size_t> all;
    std::vector<std::size_t> order;
    post_order(0, all, order);
    std::ranges::reverse(order);
    // above[p]: the places without which p cannot be reached.
    std::map<std::size_t, std::set<std::size_t>> above;
    for (const std::size_t gone : order) {
        std::set<std::size_t> seen{gone};
        std::vector<std::size_t> out;
        if (gone != 0)
            post_order(0, seen, out);
        for (const std::size_t place : order)
            if (!seen.contains(place))
                above[place].insert(gone);
    }
    for (const std::size_t place : order) {
        if (places_[place].node.empty())
            continue;
        std::size_t nearest = 0;
        for (const std::size_t candidate : above[place])
            if (above[candidate].size() >= above[nearest].size())
                nearest = candidate;
        places_[nearest].below.push_back(place);
    }
}

/// A new round: nothing inside was reached yet.
void Walker::forget(std::size_t place) {
    std::set<std::size_t> seen;
    std::vector<std::size_t> work{place};
    while (!work.empty()) {
        const Place& self = places_[work.back()];
        work.pop_back();
        for (const std::size_t node : self.below) {
            reached_.erase(node);
            work.push_back(node);
        }
        for (const auto& choice : self.choices)
            for (const auto& alternative : choice)
                work.push_back(alternative.place);
        work.insert(work.end(), self.branches.begin(), self.branches.end());
        if (self.body != 0)
            work.push_back(self.body);
    }
}

void Walker::run(std::size_t place, const Value& answers) {
    const Place& self = places_[place];
    if (!self.node.empty() && !entries_.contains(self.node))
        visited_.push_back(self.node);
    reached_.insert(self.taken.begin(), self.taken.end());
    for (const std::size_t branch : self.branches)
        run(branch, answers);
    if (self.body != 0)
        for (const Value& round : items(answers.get(loop_names_.at(self.node)))) {
            forget(self.body);
            run(self.body, round);
        }
    for (const auto& choice : self.choices)
        for (const auto& alternative : choice)
            if (alternative.condition.empty() ||
                answers.get(alternative.condition).boolean().value_or(false)) {
                run(alternative.place, answers);
                break;
            }
    for (const std::size_t node : self.below)
        if (reached_.contains(node))
            run(node, answers);
}

std::vector<std::string> Walker::walk(const std::string& entry, const Value& answers) {
    visited_ = {entry};
    reached_.clear();
    Value with_entry = answers;
    if (!places_[0].choices.empty()) {
        with_entry = Value::object({{entry.c_str(), true}});
        answers.each_member([&](std::string_view key, const Value& value) { with_entry.set(key, value); });
    }
    run(0, with_entry);
    return visited_;
}

Value answerable(const Value& flow) {
    Value out = Value::object();
    flow.each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    Value nodes = Value::array();
    for (const Value& from : items(flow.get("nodes"))) {
        Value node = Value::object();
        from.each_member([&](std::string_view key, const Value& value) { node.set(key, value); });
        const std::string type = from.member("type");
        if (type == "logic_loop")
            node.set("config", Value::object({{"style", "foreach"},
                                              {"item", "x"},
                                              {"collection", "x.l" + std::to_string(nodes.size())}}));
        else if (!is_entry(from) && !type.starts_with("logic_"))
            node.set("type", "data_variable_set")
                .set("config", Value::object({{"name", "done"}, {"value", "true"}}));
        nodes.push(node);
    }
    Value edges = Value::array();
    for (const Value& from : items(flow.get("edges"))) {
        Value edge = Value::object();
        from.each_member([&](std::string_view key, const Value& value) { edge.set(key, value); });
        if (from.member("type") == "conditional")
            edge.set("condition", "x.e" + std::to_string(edges.size()));
        edges.push(edge);
    }
    return out.set("nodes", nodes)
        .set("edges", edges)
        .set("variables", Value::array({Value::object({{"name", "done"}, {"type", "bool"}})}));
}

} // namespace test
