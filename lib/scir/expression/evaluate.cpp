// What an expression means; the decisions are listed in expression.hpp. SPDX-License-Identifier: Apache-2.0
#include "lib/scir/expression/syntax.hpp"
#include "lib/scir/values.hpp"

#include <cmath>

namespace scai::scir {

using json::Value;

bool truthy(const Value& value) {
    if (value.is_array() || value.is_object())
        return value.size() > 0;
    if (value.is_string())
        return value.size_of_text() > 0;
    if (const auto flag = value.boolean())
        return *flag;
    return value.number().value_or(0) != 0;
}

Status spend(Work& work, std::size_t bytes) {
    if (bytes > max_text)
        return bad_request("a result is longer than 1 MB");
    if (bytes > work.left)
        return bad_request("the expression does too much work");
    work.left -= bytes;
    return Done{};
}

Result<bool> same(const Value& a, const Value& b, Work& work) {
    const auto result = equal(a, b, work.left);
    if (!result)
        return bad_request("the expression does too much work");
    return *result;
}

namespace {

bool null(const Value& value) {
    return !value.present() || value.is_null();
}

Error wrong_operands(Op op, const Value& a, const Value& b) {
    return bad_request("'" + std::string(symbol(op)) + "' does not work on " + std::string(type_name(a)) +
                       " and " + std::string(type_name(b)));
}

Result<Value> real(double value) {
    if (!std::isfinite(value))
        return bad_request("number out of range");
    return Value(value);
}

/// Integers stay integers; what does not fit is an error, never a wrong number.
Result<Value> whole(Op op, std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    bool overflow = false;
    if ((op == Op::div || op == Op::mod) && b == 0)
        return bad_request("division by zero");
    switch (op) {
    case Op::add:
        overflow = __builtin_add_overflow(a, b, &out);
        break;
    case Op::sub:
        overflow = __builtin_sub_overflow(a, b, &out);
        break;
    case Op::mul:
        overflow = __builtin_mul_overflow(a, b, &out);
        break;
    case Op::mod:
        out = b == -1 ? 0 : a % b;
        break;
    default: // division: 7 / 2 is 3.5
        if (b == -1)
            overflow = __builtin_sub_overflow(std::int64_t{0}, a, &out);
        else if (a % b != 0)
            return real(static_cast<double>(a) / static_cast<double>(b));
        else
            out = a / b;
    }
    if (overflow)
        return bad_request("number out of range");
    return Value(out);
}

Result<Value> arithmetic(Op op, const Value& a, const Value& b) {
    if (a.is_integer() && b.is_integer())
        return whole(op, *a.integer(), *b.integer());
    const auto x = a.number();
    const auto y = b.number();
    if (!x || !y)
        return wrong_operands(op, a, b);
    if ((op == Op::div || op == Op::mod) && *y == 0)
        return bad_request("division by zero");
    switch (op) {
    case Op::add:
        return real(*x + *y);
    case Op::sub:
        return real(*x - *y);
    case Op::mul:
        return real(*x * *y);
    case Op::mod:
        return real(std::fmod(*x, *y));
    default:
        return real(*x / *y);
    }
}

bool ordered(Op op, int order) {
    return op == Op::lt ? order < 0 : op == Op::le ? order <= 0 : op == Op::gt ? order > 0 : order >= 0;
}

Result<Value> compare(Op op, const Value& a, const Value& b) {
    if (null(a) || null(b))
        return Value(false);
    if (a.is_string() && b.is_string())
        return Value(ordered(op, a.text()->compare(*b.text())));
    if (a.is_integer() && b.is_integer())
        return Value(ordered(op, *a.integer() < *b.integer() ? -1 : *a.integer() > *b.integer() ? 1 : 0));
    if (!a.number() || !b.number())
        return wrong_operands(op, a, b);
    return Value(ordered(op, *a.number() < *b.number() ? -1 : *a.number() > *b.number() ? 1 : 0));
}

Result<Value> membership(const Value& item, const Value& container, Work& work) {
    if (null(container))
        return Value(false);
    if (container.is_array() || container.is_object() || container.is_string())
        return call_method(container, "contains", {item}, work);
    return wrong_operands(Op::in, item, container);
}

Result<Value> apply(Op op, const Value& a, const Value& b, Work& work) {
    switch (level_of(op)) {
    case Level::equality: {
        SCAI_TRY(const bool equals, same(a, b, work));
        return Value(equals == (op == Op::eq));
    }
    case Level::order:
        return compare(op, a, b);
    case Level::membership:
        return membership(a, b, work);
    default:
        return op == Op::add ? add(a, b, work) : arithmetic(op, a, b);
    }
}

Result<Value> evaluate_chain(const Node& node, const Expression::Lookup& lookup, Work& work) {
    SCAI_TRY(Value value, evaluate(*node.first, lookup, work));
    for (const Operand& other : node.others) {
        // The value that decides is the result, as in `name || 'friend'`.
        if (other.op == Op::either || other.op == Op::both) {
            if (truthy(value) == (other.op == Op::either))
                return value;
            SCAI_TRY(value, evaluate(*other.node, lookup, work));
            continue;
        }
        SCAI_TRY(const Value right, evaluate(*other.node, lookup, work));
        SCAI_TRY(value, apply(other.op, value, right, work));
    }
    return value;
}

Result<Value> negative(const Value& value) {
    if (value.is_integer())
        return whole(Op::sub, 0, *value.integer());
    if (const auto number = value.number())
        return Value(-*number);
    return bad_request("'-' does not work on " + std::string(type_name(value)));
}

Result<Value> member(const Value& value, const std::string& name) {
    if (Value found = value.get(name); found.present())
        return found;
    if (name != "length" || null(value))
        return Value(nullptr);
    if (value.is_string())
        return Value(static_cast<std::int64_t>(code_points(*value.text()).size() - 1));
    if (value.is_array() || value.is_object())
        return Value(static_cast<std::int64_t>(value.size()));
    return Value(nullptr);
}

Result<Value> item(const Value& value, const Value& index, Work& work) {
    if (null(value))
        return Value(nullptr);
    if (value.is_object() && index.is_string()) {
        Value found = value.get(*index.text());
        return found.present() ? found : Value(nullptr);
    }
    const auto number = index.integer();
    if (!number || !(value.is_array() || value.is_string()))
        return bad_request("no index " + std::string(type_name(index)) + " in " +
                           std::string(type_name(value)));
    const std::string text = value.text_or("");
    if (auto done = spend(work, text.size()); !done)
        return done.error();
    const auto offsets = value.is_string() ? code_points(text) : std::vector<std::size_t>{};
    const auto size = static_cast<std::int64_t>(value.is_string() ? offsets.size() - 1 : value.size());
    const std::int64_t at = *number < 0 && *number >= -size ? *number + size : *number;
    if (at < 0 || at >= size)
        return Value(nullptr);
    const auto place = static_cast<std::size_t>(at);
    if (value.is_array())
        return value.at(place);
    return Value(std::string_view(text).substr(offsets[place], offsets[place + 1] - offsets[place]));
}

Result<Value> evaluate_postfix(const Node& node, const Expression::Lookup& lookup, Work& work) {
    SCAI_TRY(Value value, evaluate(*node.first, lookup, work));
    for (const Step& step : node.steps) {
        std::vector<Value> args;
        for (const NodePtr& arg : step.args) {
            SCAI_TRY(Value argument, evaluate(*arg, lookup, work));
            args.push_back(std::move(argument));
        }
        if (step.kind == Step::Kind::member) {
            SCAI_TRY(value, member(value, step.name));
        } else if (step.kind == Step::Kind::index) {
            SCAI_TRY(value, item(value, args.front(), work));
        } else {
            SCAI_TRY(value, call_method(value, step.name, args, work));
        }
    }
    return value;
}

Result<Value> evaluate_list(const Node& node, const Expression::Lookup& lookup, Work& work) {
    Value list = Value::array();
    for (const NodePtr& item : node.items) {
        SCAI_TRY(Value value, evaluate(*item, lookup, work));
        list.push(std::move(value));
    }
    return list;
}

} // namespace

Result<Value> add(const Value& a, const Value& b, Work& work) {
    if (a.is_string() || b.is_string()) {
        const auto left = to_text(a, max_text);
        const auto right = to_text(b, max_text);
        if (auto done = spend(work, left && right ? left->size() + right->size() : max_text + 1); !done)
            return done.error();
        return Value(*left + *right);
    }
    if (a.is_array() && b.is_array()) {
        if (auto done = spend(work, 16 * (a.size() + b.size())); !done)
            return done.error();
        Value out = Value::array();
        a.each_item([&](const Value& item) { out.push(item); });
        b.each_item([&](const Value& item) { out.push(item); });
        return out;
    }
    return arithmetic(Op::add, a, b);
}

Result<Value> evaluate(const Node& node, const Expression::Lookup& lookup, Work& work) {
    switch (node.kind) {
    case Node::Kind::literal:
        return node.value;
    case Node::Kind::name: {
        Value value = lookup(node.name);
        return value.present() ? value : Value(nullptr);
    }
    case Node::Kind::list:
        return evaluate_list(node, lookup, work);
    case Node::Kind::chain:
        return evaluate_chain(node, lookup, work);
    case Node::Kind::postfix:
        return evaluate_postfix(node, lookup, work);
    case Node::Kind::unary:
        break;
    }
    SCAI_TRY(const Value value, evaluate(*node.first, lookup, work));
    return node.op == Op::invert ? Result<Value>(Value(!truthy(value))) : negative(value);
}

Result<Value> Expression::evaluate(const Lookup& lookup) const {
    Work work;
    return scir::evaluate(*root_, lookup, work);
}

} // namespace scai::scir
