// The canonical text of an expression, its roots, and renaming. SPDX-License-Identifier: Apache-2.0
#include "lib/scir/expression/syntax.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>

namespace scai::scir {

std::string quoted(std::string_view text, Dialect dialect) {
    const char quote = dialect == Dialect::flow ? '\'' : '"';
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out(1, quote);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto code = static_cast<unsigned char>(c);
        if (c == quote || c == '\\')
            (out += '\\') += c;
        else if (c == '\n' || c == '\r' || c == '\t')
            (out += '\\') += c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
        else if (code < 0x20U || code == 0x7FU)
            ((out += "\\u00") += hex[code >> 4U]) += hex[code & 15U];
        else if (c == '$' && dialect == Dialect::scaicore && text.substr(i, 2) == "${")
            out += "\\$";
        else
            out += c;
    }
    return out + quote;
}

namespace {

std::string print_literal(const json::Value& value, Dialect dialect) {
    if (value.is_string())
        return quoted(*value.text(), dialect);
    if (value.is_null())
        return "null";
    std::string out = to_text(value, max_text).value();
    if (value.number() && !value.is_integer() && out.find_first_of(".e") == std::string::npos)
        out += ".0";
    return out;
}

/// In parentheses when the place asks for something that binds tighter.
std::string print_in(const Node& node, bool parentheses, Dialect dialect) {
    return parentheses ? "(" + print(node, dialect) + ")" : print(node, dialect);
}

std::string print_items(const std::vector<NodePtr>& items, Dialect dialect) {
    std::string out;
    for (const NodePtr& item : items)
        out += (out.empty() ? "" : ", ") + print(*item, dialect);
    return out;
}

std::string print_postfix(const Node& node, Dialect dialect) {
    std::string out = print_in(*node.first, node.first->level() < Level::postfix, dialect);
    for (const Step& step : node.steps) {
        if (step.kind == Step::Kind::index)
            out += "[" + print_items(step.args, dialect) + "]";
        else
            out += "." + step.name;
        if (step.kind == Step::Kind::call)
            out += "(" + print_items(step.args, dialect) + ")";
    }
    return out;
}

/// Calls `visit` for every node.
void each_node(const Node& node, const std::function<void(const Node&)>& visit) {
    visit(node);
    if (node.first)
        each_node(*node.first, visit);
    for (const Operand& other : node.others)
        each_node(*other.node, visit);
    for (const Step& step : node.steps)
        for (const NodePtr& arg : step.args)
            each_node(*arg, visit);
    for (const NodePtr& item : node.items)
        each_node(*item, visit);
}

} // namespace

std::string print(const Node& node, Dialect dialect) {
    switch (node.kind) {
    case Node::Kind::literal:
        return print_literal(node.value, dialect);
    case Node::Kind::name:
        return node.name;
    case Node::Kind::list:
        return "[" + print_items(node.items, dialect) + "]";
    case Node::Kind::postfix:
        return print_postfix(node, dialect);
    case Node::Kind::unary:
        return std::string(symbol(node.op)) +
               print_in(*node.first, node.first->level() < Level::unary, dialect);
    case Node::Kind::chain:
        break;
    }
    std::string out = print_in(*node.first, node.first->level() <= node.level(), dialect);
    for (const Operand& other : node.others)
        ((out += " ") += symbol(other.op)) +=
            " " + print_in(*other.node, other.node->level() <= node.level(), dialect);
    return out;
}

void collect_roots(const Node& node, std::vector<std::string>& out) {
    each_node(node, [&](const Node& found) {
        if (found.kind == Node::Kind::name)
            out.push_back(found.name);
    });
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
}

NodePtr rename(const NodePtr& node, const std::function<std::string(const std::string&)>& name) {
    if (node->kind == Node::Kind::literal)
        return node;
    if (node->kind == Node::Kind::name) {
        std::string renamed = name(node->name);
        if (renamed == node->name)
            return node;
        auto copy = std::make_shared<Node>();
        copy->kind = Node::Kind::name;
        copy->name = std::move(renamed);
        return copy;
    }
    auto copy = std::make_shared<Node>(*node);
    if (copy->first)
        copy->first = rename(copy->first, name);
    for (Operand& other : copy->others)
        other.node = rename(other.node, name);
    for (Step& step : copy->steps)
        for (NodePtr& arg : step.args)
            arg = rename(arg, name);
    for (NodePtr& item : copy->items)
        item = rename(item, name);
    return copy;
}

std::string Expression::text(Dialect dialect) const {
    return print(*root_, dialect);
}

std::vector<std::string> Expression::roots() const {
    std::vector<std::string> out;
    collect_roots(*root_, out);
    return out;
}

Expression Expression::renamed(const std::function<std::string(const std::string&)>& name) const {
    return Expression(rename(root_, name));
}

} // namespace scai::scir
