// The syntax tree of an expression. Operators of one level and the steps behind a value are kept in one flat
// node, so that the depth of the tree is the nesting a person wrote, whatever the length: walking it cannot
// exhaust the stack. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scir/expression.hpp"

#include <span>

namespace scai::scir {

/// Loosest first, as in the grammar.
enum class Level { either, both, membership, equality, order, sum, product, unary, postfix };

enum class Op { either, both, in, eq, ne, lt, le, gt, ge, add, sub, mul, div, mod, negate, invert };

std::string_view symbol(Op op);
Level level_of(Op op);

struct Node;
using NodePtr = std::shared_ptr<const Node>; ///< trees are immutable and shared between expressions

struct Operand {
    Op op;
    NodePtr node;
};

struct Step {
    enum class Kind { member, index, call } kind;
    std::string name; ///< member, method
    std::vector<NodePtr> args;
};

struct Node {
    enum class Kind { literal, name, list, unary, chain, postfix } kind = Kind::literal;
    json::Value value;           ///< literal
    std::string name;            ///< name
    Op op = Op::add;             ///< unary
    NodePtr first;               ///< operand of unary, first of chain, base of postfix
    std::vector<Operand> others; ///< chain: all of one level
    std::vector<Step> steps;     ///< postfix
    std::vector<NodePtr> items;  ///< list

    Level level() const;
};

NodePtr make_literal(json::Value value);
/// Operators associate to the left, so a chain of the same level in front is taken up: (a + b) + c is one
/// chain.
NodePtr make_chain(NodePtr first, std::vector<Operand> others);

/// Methods of contract scaiflow-model.md 6.2 with the number of arguments they take.
struct Method {
    std::string_view name;
    std::size_t min_args, max_args;
};
std::span<const Method> methods();
const Method* find_method(std::string_view name);

/// What one evaluation may still do: built bytes and compared values count.
struct Work {
    std::size_t left = 8U << 20U;
};

Result<json::Value> evaluate(const Node& node, const Expression::Lookup& lookup, Work& work);
Result<json::Value> call_method(const json::Value& self, std::string_view name,
                                const std::vector<json::Value>& args, Work& work);
Result<bool> same(const json::Value& a, const json::Value& b, Work& work);
Result<json::Value> add(const json::Value& a, const json::Value& b, Work& work);
/// Takes `bytes` off the budget; the error names the limit. A single result may have at most max_text bytes.
Status spend(Work& work, std::size_t bytes);

std::string print(const Node& node, Dialect dialect);
std::string quoted(std::string_view text, Dialect dialect);
void collect_roots(const Node& node, std::vector<std::string>& out);
NodePtr rename(const NodePtr& node, const std::function<std::string(const std::string&)>& name);

} // namespace scai::scir
