// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/structure.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace scaiflow::compiler {

namespace {

using graph::Edge;
using graph::EdgeType;
using graph::Graph;
using graph::Kind;
using graph::Node;

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
/// Steps the search for "reached on every way" may take in one flow; past it a join gets its flag unasked.
constexpr std::size_t search_budget = 3'000'000;

enum class PointKind { node, root, arm, branch, loop_body };

/// The alternatives of one port: exactly one is taken.
struct Choice {
    std::vector<std::uint32_t> arms;
    std::uint32_t otherwise = none;
    bool triggers = false;
};

/// A node, or a container: root, arm of a choice, branch of a parallel, body of a loop.
struct Point {
    PointKind kind = PointKind::node;
    std::uint32_t owner = none;       ///< the point an arm, a branch or a body belongs to
    const Edge* edge = nullptr;       ///< that an arm or a branch stands for
    std::uint32_t choice = none;      ///< index in choices, of an arm that counts for "every way"
    std::vector<std::uint32_t> next;  ///< in order: own containers and targets; the depth-first order
    std::vector<std::uint32_t> plain; ///< targets taken whenever this point is
    std::vector<std::uint32_t> choices;
    std::vector<std::uint32_t> inner;  ///< branches of a parallel, body of a loop
    std::vector<std::uint32_t> before; ///< points whose `plain` names this one
    // The tree: above a container its owner, above a node the innermost point that holds every edge into it.
    std::uint32_t parent = none;
    std::uint32_t depth = 0;
    std::uint32_t jump = none;       ///< an ancestor further up
    std::vector<std::uint32_t> list; ///< nodes right below, in order
    // Nesting of what is written: a container or a guarded node holds, a plain node only precedes.
    std::uint32_t home = none;       ///< the innermost holder, itself included
    std::uint32_t level = 0;         ///< of a holder
    bool in_loop = false;            ///< of a holder
    std::vector<std::string> marks;  ///< flags set when this point is taken
    std::vector<std::string> resets; ///< of a holder
    std::string flag;                ///< of a guarded node
};

class Structurer {
public:
    Structurer(const Graph& graph, const std::map<std::string, std::string>& names)
        : graph_(graph), names_(names), count_(static_cast<std::uint32_t>(graph.nodes.size())) {
        for (const auto& [id, name] : names)
            taken_.insert(name);
        graph.variables.each_item(
            [&](const scai::json::Value& variable) { taken_.insert(variable.member("name")); });
    }
    Structure run();

private:
    void connect();
    void connect_node(std::uint32_t node, const std::vector<const Edge*>& out);
    void add_port(std::uint32_t point, const std::vector<const Edge*>& edges);
    void add_entries();
    std::uint32_t add_container(PointKind kind, std::uint32_t owner, const Edge* edge);
    std::uint32_t target_of(const Edge& edge) const {
        return static_cast<std::uint32_t>(graph_.node_index.at(edge.target_node));
    }
    void to(std::uint32_t point, std::uint32_t target);
    void order();
    bool place();
    bool place_node(std::uint32_t node);
    void hang(std::uint32_t point, std::uint32_t parent);
    void hold(std::uint32_t point);
    std::uint32_t common(std::uint32_t a, std::uint32_t b) const;
    bool always_reached(std::uint32_t node, std::uint32_t holder);
    bool reach(std::uint32_t point, std::uint32_t holder);
    void guard(std::uint32_t node);
    const Node* served(std::uint32_t point) const;

    Body build(std::uint32_t holder);
    void build_list(std::uint32_t point, Body& out);
    void build_choice(Item& item, const Choice& choice);
    void build_choices(std::uint32_t point, std::size_t from, Body& out);
    void build_node(std::uint32_t node, Body& out);
    std::string branch_name(std::uint32_t point, std::set<std::string>& used) const;

    const Graph& graph_;
    const std::map<std::string, std::string>& names_;
    std::uint32_t count_;
    std::vector<Point> points_;
    std::vector<Choice> choices_;
    std::vector<std::uint32_t> order_; ///< reached points, each after all that lead to it
    std::set<std::string> taken_;
    std::vector<std::string> flags_;
    const Node* too_deep_ = nullptr;
    std::uint32_t first_entry_ = 0;
    // Scratch of always_reached, by stamp so that nothing is cleared.
    std::vector<std::uint32_t> seen_, arms_left_, choice_seen_;
    std::vector<std::uint32_t> work_;
    std::uint32_t stamp_ = 0;
    std::size_t searched_ = 0;
};

std::uint32_t Structurer::add_container(PointKind kind, std::uint32_t owner, const Edge* edge) {
    const auto point = static_cast<std::uint32_t>(points_.size());
    points_.push_back({});
    points_.back().kind = kind;
    points_.back().owner = owner;
    points_.back().edge = edge;
    points_[owner].next.push_back(point);
    return point;
}

void Structurer::to(std::uint32_t point, std::uint32_t target) {
    points_[point].plain.push_back(target);
    points_[point].next.push_back(target);
}

/// The edges of one output port, in list order.
void Structurer::add_port(std::uint32_t point, const std::vector<const Edge*>& edges) {
    const auto conditional = [](const Edge* edge) { return edge->type == EdgeType::conditional; };
    if (std::ranges::none_of(edges, conditional)) {
        for (const Edge* edge : edges)
            to(point, target_of(*edge));
        return;
    }
    Choice choice;
    const auto index = static_cast<std::uint32_t>(choices_.size());
    bool closed = false; // a condition that is plainly true: nothing after it is ever taken
    for (const Edge* edge : edges) {
        if (!conditional(edge))
            continue;
        const std::uint32_t arm = add_container(PointKind::arm, point, edge);
        points_[arm].choice = closed ? none : index;
        closed = closed || scai::trim(edge->condition.value_or("")) == "true";
        choice.arms.push_back(arm);
        to(arm, target_of(*edge));
    }
    choice.otherwise = add_container(PointKind::arm, point, nullptr);
    points_[choice.otherwise].choice = closed ? none : index;
    for (const Edge* edge : edges)
        if (!conditional(edge))
            to(choice.otherwise, target_of(*edge));
    choices_.push_back(std::move(choice));
    points_[point].choices.push_back(index);
}

void Structurer::connect_node(std::uint32_t node, const std::vector<const Edge*>& out) {
    const Node& source = graph_.nodes[node];
    if (source.kind == Kind::logic_parallel) {
        for (const Edge* edge : out) {
            const std::uint32_t branch = add_container(PointKind::branch, node, edge);
            points_[node].inner.push_back(branch);
            add_port(branch, {edge});
        }
        return;
    }
    // Ports in the order the node declares them.
    std::vector<std::pair<std::string_view, std::vector<const Edge*>>> ports;
    if (source.kind == Kind::logic_loop)
        ports.push_back({"body", {}});
    if (source.outputs)
        for (const graph::Port& port : *source.outputs)
            if (ports.empty() || port.id != ports.front().first)
                ports.push_back({port.id, {}});
    for (const Edge* edge : out) {
        auto port = std::ranges::find(ports, std::string_view(edge->source_port),
                                      &decltype(ports)::value_type::first);
        if (port == ports.end())
            port = ports.insert(ports.end(), {edge->source_port, {}});
        port->second.push_back(edge);
    }
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (i == 0 && source.kind == Kind::logic_loop) {
            const std::uint32_t body = add_container(PointKind::loop_body, node, nullptr);
            points_[node].inner.push_back(body);
            add_port(body, ports[i].second);
        } else if (!ports[i].second.empty()) {
            add_port(node, ports[i].second);
        }
    }
}

void Structurer::add_entries() {
    std::vector<std::uint32_t> entries;
    for (std::uint32_t node = 0; node < count_; ++node)
        if (graph::is_entry(graph_.nodes[node].kind))
            entries.push_back(node);
    first_entry_ = entries.front();
    if (entries.size() == 1) {
        to(count_, entries.front());
        return;
    }
    Choice choice;
    choice.triggers = true;
    for (const std::uint32_t entry : entries) {
        const std::uint32_t arm = add_container(PointKind::arm, count_, nullptr);
        points_[arm].choice = static_cast<std::uint32_t>(choices_.size());
        choice.arms.push_back(arm);
        to(arm, entry);
    }
    points_[count_].choices.push_back(static_cast<std::uint32_t>(choices_.size()));
    choices_.push_back(std::move(choice));
}

void Structurer::connect() {
    points_.resize(count_ + std::size_t{1});
    points_.reserve(points_.size() + 2 * graph_.edges.size() + 16);
    points_[count_].kind = PointKind::root;
    std::vector<std::vector<const Edge*>> out(count_);
    for (const Edge& edge : graph_.edges)
        if (edge.type != EdgeType::data)
            out[graph_.node_index.at(edge.source_node)].push_back(&edge);
    add_entries();
    for (std::uint32_t node = 0; node < count_; ++node)
        connect_node(node, out[node]);
}

/// Reverse postorder of a depth-first walk from the root: every point after all that lead to it, and a chain
/// before its sibling.
void Structurer::order() {
    std::vector<std::uint32_t> next(points_.size(), none); // children still to visit, from the last one down
    std::vector<std::uint32_t> stack{count_};
    next[count_] = static_cast<std::uint32_t>(points_[count_].next.size());
    while (!stack.empty()) {
        const std::uint32_t point = stack.back();
        if (next[point] == 0) {
            order_.push_back(point);
            stack.pop_back();
            continue;
        }
        const std::uint32_t child = points_[point].next[--next[point]];
        if (next[child] == none) {
            next[child] = static_cast<std::uint32_t>(points_[child].next.size());
            stack.push_back(child);
        }
    }
    std::ranges::reverse(order_);
    for (const std::uint32_t point : order_)
        for (const std::uint32_t target : points_[point].plain)
            points_[target].before.push_back(point);
}

void Structurer::hang(std::uint32_t point, std::uint32_t parent) {
    Point& self = points_[point];
    const Point& above = points_[parent];
    self.parent = parent;
    self.home = above.home;
    self.depth = above.depth + 1;
    // Jump pointers (Myers 1983): an ancestor at any depth in O(log depth).
    const Point& further = points_[above.jump];
    self.jump =
        above.depth - further.depth == further.depth - points_[further.jump].depth ? further.jump : parent;
}

/// What hangs on `point` is written inside it.
void Structurer::hold(std::uint32_t point) {
    Point& self = points_[point];
    const Point& outer = points_[points_[self.parent].home];
    self.home = point;
    self.level = outer.level + 1;
    self.in_loop = outer.in_loop || self.kind == PointKind::loop_body;
}

/// The innermost point that both hang on.
std::uint32_t Structurer::common(std::uint32_t a, std::uint32_t b) const {
    const auto lift = [&](std::uint32_t from, std::uint32_t depth) {
        while (points_[from].depth > depth)
            from = points_[points_[from].jump].depth >= depth ? points_[from].jump : points_[from].parent;
        return from;
    };
    a = lift(a, points_[b].depth);
    b = lift(b, points_[a].depth);
    while (a != b) {
        const bool far = points_[a].jump != points_[b].jump;
        a = far ? points_[a].jump : points_[a].parent;
        b = far ? points_[b].jump : points_[b].parent;
    }
    return a;
}

/// Notes that taking `point` surely leads to the node asked about; true when that settles the question.
bool Structurer::reach(std::uint32_t point, std::uint32_t holder) {
    if (seen_[point] == stamp_)
        return false;
    seen_[point] = stamp_;
    work_.push_back(point);
    return point == holder || (points_[point].kind == PointKind::node && points_[point].home == holder);
}

/// Whether the node runs whenever its holder is entered: walks back over the points from which it is reached
/// for certain, until one that the holder always runs.
bool Structurer::always_reached(std::uint32_t node, std::uint32_t holder) {
    ++stamp_;
    work_.clear();
    reach(node, none);
    while (!work_.empty()) {
        const std::uint32_t point = work_.back();
        work_.pop_back();
        const Point& self = points_[point];
        for (const std::uint32_t before : self.before)
            if (reach(before, holder))
                return true;
        searched_ += 1 + self.before.size();
        if (searched_ > search_budget)
            return false;
        if (self.kind == PointKind::branch && reach(self.owner, holder))
            return true;
        if (self.kind != PointKind::arm || self.choice == none)
            continue;
        const Choice& choice = choices_[self.choice];
        if (choice_seen_[self.choice] != stamp_) {
            choice_seen_[self.choice] = stamp_;
            const auto counts = [&](std::uint32_t arm) { return points_[arm].choice == self.choice; };
            arms_left_[self.choice] = static_cast<std::uint32_t>(std::ranges::count_if(choice.arms, counts)) +
                                      (choice.otherwise != none && counts(choice.otherwise) ? 1U : 0U);
            searched_ += choice.arms.size();
        }
        if (--arms_left_[self.choice] == 0 && reach(self.owner, holder))
            return true;
    }
    return false;
}

void Structurer::guard(std::uint32_t node) {
    const std::uint32_t outer = points_[points_[node].parent].home;
    hold(node);
    const auto named = names_.find(graph_.nodes[node].id);
    const std::string stem = "_reached_" + (named == names_.end() ? "entry" : named->second);
    std::string flag = stem;
    for (int suffix = 2; !taken_.insert(flag).second; ++suffix)
        flag = stem + "_" + std::to_string(suffix);
    points_[node].flag = flag;
    flags_.push_back(flag);
    for (const std::uint32_t before : points_[node].before)
        if (points_[before].marks.empty() || points_[before].marks.back() != flag)
            points_[before].marks.push_back(flag);
    if (points_[outer].in_loop)
        points_[outer].resets.push_back(flag);
}

bool Structurer::place_node(std::uint32_t node) {
    const std::vector<std::uint32_t>& before = points_[node].before;
    std::uint32_t parent = before.front();
    for (const std::uint32_t point : before)
        parent = common(parent, point);
    const auto is_choice = [&](std::uint32_t holder) {
        return points_[holder].kind == PointKind::arm || points_[holder].kind == PointKind::node;
    };
    std::uint32_t holder = points_[parent].home;
    bool moved = false;
    if (points_[holder].level > max_choice_depth)
        for (; is_choice(holder); moved = true)
            holder = points_[points_[holder].parent].home;
    if (moved)
        parent = holder;
    if (points_[holder].level >= max_depth) {
        too_deep_ = &graph_.nodes[node];
        return false;
    }
    hang(node, parent);
    points_[parent].list.push_back(node);
    if (moved || !always_reached(node, holder))
        guard(node);
    return true;
}

bool Structurer::place() {
    seen_.assign(points_.size(), 0);
    choice_seen_.assign(choices_.size(), 0);
    arms_left_.assign(choices_.size(), 0);
    for (const std::uint32_t point : order_) {
        if (points_[point].kind == PointKind::root) {
            points_[point].home = point;
            points_[point].parent = point;
            points_[point].jump = point;
        } else if (points_[point].kind == PointKind::node) {
            if (!place_node(point))
                return false;
        } else {
            hang(point, points_[point].owner);
            hold(point);
        }
    }
    return true;
}

/// The node that a container's synthetic blocks are shown at.
const Node* Structurer::served(std::uint32_t point) const {
    while (points_[point].kind != PointKind::node) {
        if (points_[point].kind == PointKind::root) // of a flow with several entries
            return &graph_.nodes[first_entry_];
        point = points_[point].owner;
    }
    return &graph_.nodes[point];
}

void Structurer::build_choice(Item& item, const Choice& choice) {
    for (const std::uint32_t arm : choice.arms) {
        Branch branch;
        branch.edge = points_[arm].edge;
        if (choice.triggers)
            branch.name = graph_.nodes[points_[arm].plain.front()].id;
        branch.body = build(arm);
        item.branches.push_back(std::move(branch));
    }
    if (choice.otherwise != none)
        item.otherwise = build(choice.otherwise);
}

void Structurer::build_choices(std::uint32_t point, std::size_t from, Body& out) {
    for (std::size_t i = from; i < points_[point].choices.size(); ++i) {
        const Choice& choice = choices_[points_[point].choices[i]];
        Item item{
            choice.triggers ? Item::Kind::triggers : Item::Kind::choice, served(point), {}, {}, {}, false};
        build_choice(item, choice);
        const bool empty =
            item.otherwise.empty() &&
            std::ranges::all_of(item.branches, [](const Branch& branch) { return branch.body.empty(); });
        if (!choice.triggers || !empty)
            out.push_back(std::move(item));
    }
}

std::string Structurer::branch_name(std::uint32_t point, std::set<std::string>& used) const {
    const auto named = names_.find(points_[point].edge->target_node);
    const std::string stem = named == names_.end() ? "branch" : named->second;
    std::string name = stem;
    for (int suffix = 2; !used.insert(name).second; ++suffix)
        name = stem + "_" + std::to_string(suffix);
    return name;
}

void Structurer::build_node(std::uint32_t node, Body& out) {
    const Node* self = &graph_.nodes[node];
    const Point& point = points_[node];
    if (!point.marks.empty())
        out.push_back({Item::Kind::mark, self, {}, {}, point.marks, false});
    const bool entry = graph::is_entry(self->kind);
    if (!entry && self->setting("breakpoint").boolean().value_or(false))
        out.push_back({Item::Kind::breakpoint, self, {}, {}, {}, false});
    std::size_t choices_done = 0;
    if (!entry) {
        Item item{Item::Kind::node, self, {}, {}, {}, false};
        std::set<std::string> used;
        for (const std::uint32_t inner : point.inner) {
            Branch branch;
            branch.edge = points_[inner].edge;
            if (points_[inner].kind == PointKind::branch)
                branch.name = branch_name(inner, used);
            branch.body = build(inner);
            item.branches.push_back(std::move(branch));
        }
        if (self->kind == Kind::logic_decision && !point.choices.empty()) {
            build_choice(item, choices_[point.choices.front()]);
            item.has_choice = true;
            choices_done = 1;
        }
        out.push_back(std::move(item));
    }
    build_choices(node, choices_done, out);
}

/// The nodes that hang on `point`, and what hangs on them; no recursion but into holders.
void Structurer::build_list(std::uint32_t point, Body& out) {
    std::vector<std::pair<std::uint32_t, std::size_t>> stack{{point, 0}};
    while (!stack.empty()) {
        auto& [top, next] = stack.back();
        if (next == points_[top].list.size()) {
            stack.pop_back();
            continue;
        }
        const std::uint32_t node = points_[top].list[next++];
        if (points_[node].flag.empty()) {
            build_node(node, out);
            stack.emplace_back(node, 0);
            continue;
        }
        Item item{Item::Kind::guard, &graph_.nodes[node], {}, {}, {points_[node].flag}, false};
        Branch branch;
        branch.body = build(node);
        item.branches.push_back(std::move(branch));
        out.push_back(std::move(item));
    }
}

/// What a holder holds. Recursion is bounded by max_depth.
Body Structurer::build(std::uint32_t holder) {
    Body out;
    const Point& self = points_[holder];
    if (!self.resets.empty())
        out.push_back({Item::Kind::reset, served(holder), {}, {}, self.resets, false});
    if (self.kind == PointKind::node) {
        build_node(holder, out);
    } else {
        if (!self.marks.empty())
            out.push_back({Item::Kind::mark, served(holder), {}, {}, self.marks, false});
        build_choices(holder, 0, out);
    }
    build_list(holder, out);
    return out;
}

Structure Structurer::run() {
    connect();
    order();
    Structure out;
    out.reached.assign(count_, false);
    if (!place()) {
        out.too_deep = too_deep_;
        return out;
    }
    for (const std::uint32_t point : order_)
        if (point < count_)
            out.reached[point] = true;
    out.body = build(count_);
    out.flags = std::move(flags_);
    return out;
}

} // namespace

Structure structure_of(const Graph& graph, const std::map<std::string, std::string>& names) {
    return Structurer(graph, names).run();
}

} // namespace scaiflow::compiler
