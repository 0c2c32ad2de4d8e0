// Recursive descent over the grammar in expression.hpp. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scir/expression/lexer.hpp"
#include "lib/scir/expression/syntax.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>
#include <array>

namespace scai::scir {

namespace {

// What the compiler writes from 8 KB may be longer: spaces, escapes, a whole template as one expression.
constexpr std::size_t max_flow_source = 8U << 10U;
constexpr std::size_t max_scaicore_source = 1U << 20U;
constexpr std::size_t max_nesting = 100;

/// The binary operators, by level.
struct Binary {
    std::string_view word;
    Op op;
    Level level;
};
constexpr std::array binaries{
    Binary{"||", Op::either, Level::either}, Binary{"&&", Op::both, Level::both},
    Binary{"in", Op::in, Level::membership}, Binary{"==", Op::eq, Level::equality},
    Binary{"!=", Op::ne, Level::equality},   Binary{"<", Op::lt, Level::order},
    Binary{"<=", Op::le, Level::order},      Binary{">", Op::gt, Level::order},
    Binary{">=", Op::ge, Level::order},      Binary{"+", Op::add, Level::sum},
    Binary{"-", Op::sub, Level::sum},        Binary{"*", Op::mul, Level::product},
    Binary{"/", Op::div, Level::product},    Binary{"%", Op::mod, Level::product},
};

/// Made where it stays: a node is too large to be moved about.
std::shared_ptr<Node> make_node(Node::Kind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    return node;
}

class Parser {
public:
    Parser(std::string_view source, const std::vector<Token>& tokens) : source_(source), tokens_(tokens) {}

    Result<NodePtr> parse() {
        SCAI_TRY(NodePtr root, binary(Level::either));
        if (here().kind != Token::Kind::end)
            return expected("an operator or the end");
        return root;
    }

private:
    const Token& here() const { return tokens_[at_]; }
    bool is(std::string_view word) const {
        return (here().kind == Token::Kind::symbol || here().kind == Token::Kind::name) &&
               here().text == word;
    }
    bool take(std::string_view word) {
        if (!is(word))
            return false;
        ++at_;
        return true;
    }
    Error error(const std::string& message) const { return syntax_error(source_, here().offset, message); }
    Error expected(const std::string& what) const {
        const Token& found = here();
        const bool word = found.kind == Token::Kind::symbol || found.kind == Token::Kind::name;
        return error("expected " + what + ", found " +
                     (found.kind == Token::Kind::end      ? "the end"
                      : word                              ? "'" + found.text.substr(0, 40) + "'"
                      : found.kind == Token::Kind::number ? "a number"
                                                          : "a text"));
    }

    /// The binary operator that stands here, if one does.
    const Binary* operator_here() const {
        if (here().kind != Token::Kind::symbol && here().kind != Token::Kind::name)
            return nullptr;
        const std::string_view word = here().text;
        const auto found = std::ranges::find_if(binaries, [&](const Binary& each) {
            return each.word.front() == word.front() && each.word == word;
        });
        return found == binaries.end() ? nullptr : &*found;
    }

    /// Operators of `loosest` and of the tighter levels: a level is done when a looser operator follows.
    Result<NodePtr> binary(Level loosest) {
        SCAI_TRY(NodePtr first, unary());
        const Binary* found = operator_here();
        while (found != nullptr && found->level >= loosest) {
            const Level level = found->level;
            std::vector<Operand> others;
            for (; found != nullptr && found->level == level; found = operator_here()) {
                if (level == Level::membership && !others.empty())
                    return error("put 'in' inside 'in' into parentheses");
                ++at_;
                SCAI_TRY(NodePtr next, binary(static_cast<Level>(static_cast<int>(level) + 1)));
                others.push_back({found->op, std::move(next)});
            }
            first = make_chain(std::move(first), std::move(others));
        }
        return first;
    }

    Result<NodePtr> unary() {
        for (const auto& [word, op] : {std::pair{"!", Op::invert}, std::pair{"-", Op::negate}}) {
            if (!is(word))
                continue;
            const Nested nested(*this);
            if (nested.too_deep())
                return error("nested too deeply");
            ++at_;
            SCAI_TRY(NodePtr operand, unary());
            auto node = make_node(Node::Kind::unary);
            node->op = op;
            node->first = std::move(operand);
            return NodePtr(std::move(node));
        }
        return postfix();
    }

    Result<NodePtr> postfix() {
        SCAI_TRY(NodePtr base, primary());
        std::vector<Step> steps;
        for (;;) {
            if (take(".")) {
                if (here().kind != Token::Kind::name)
                    return expected("a name after '.'");
                steps.push_back({Step::Kind::member, here().text, {}});
                ++at_;
            } else if (is("[")) {
                SCAI_TRY(auto args, arguments("]"));
                if (args.size() != 1)
                    return error("an index is one expression");
                steps.push_back({Step::Kind::index, {}, std::move(args)});
            } else if (is("(")) {
                if (auto called = call(steps); !called)
                    return called.error();
            } else {
                break;
            }
        }
        if (steps.empty())
            return base;
        auto node = make_node(Node::Kind::postfix);
        node->first = std::move(base);
        node->steps = std::move(steps);
        return NodePtr(std::move(node));
    }

    /// Turns the member before "(" into a call.
    Status call(std::vector<Step>& steps) {
        if (steps.empty() || steps.back().kind != Step::Kind::member)
            return error("only methods can be called: value.method(...)");
        const Method* method = find_method(steps.back().name);
        if (method == nullptr)
            return error("unknown method '" + steps.back().name.substr(0, 40) + "'");
        SCAI_TRY(auto args, arguments(")"));
        if (args.size() < method->min_args || args.size() > method->max_args)
            return error("method '" + std::string(method->name) + "' takes " +
                         (method->min_args == method->max_args ? std::to_string(method->min_args)
                                                               : std::to_string(method->min_args) + " to " +
                                                                     std::to_string(method->max_args)) +
                         " arguments");
        steps.back().kind = Step::Kind::call;
        steps.back().args = std::move(args);
        return Done{};
    }

    /// From the opening bracket past the closing one.
    Result<std::vector<NodePtr>> arguments(std::string_view close) {
        const Nested nested(*this);
        if (nested.too_deep())
            return error("nested too deeply");
        ++at_;
        std::vector<NodePtr> out;
        if (take(close))
            return out;
        do {
            SCAI_TRY(NodePtr item, binary(Level::either));
            out.push_back(std::move(item));
        } while (take(","));
        if (!take(close))
            return expected("',' or '" + std::string(close) + "'");
        return out;
    }

    Result<NodePtr> primary() {
        const Token& token = here();
        if (token.kind == Token::Kind::number || token.kind == Token::Kind::text) {
            ++at_;
            return make_literal(token.kind == Token::Kind::number ? token.number : json::Value(token.text));
        }
        if (token.kind == Token::Kind::name)
            return name();
        if (is("[")) {
            SCAI_TRY(auto items, arguments("]"));
            auto node = make_node(Node::Kind::list);
            node->items = std::move(items);
            return NodePtr(std::move(node));
        }
        if (is("(")) {
            SCAI_TRY(auto items, arguments(")"));
            if (items.size() != 1)
                return error("parentheses hold one expression");
            return items.front();
        }
        return expected("a value");
    }

    Result<NodePtr> name() {
        if (is("in"))
            return expected("a value");
        const std::string_view word = here().text;
        ++at_;
        if (word == "true" || word == "false")
            return make_literal(word == "true");
        if (word == "null")
            return make_literal(nullptr);
        auto node = make_node(Node::Kind::name);
        node->name = word;
        return NodePtr(std::move(node));
    }

    /// Counts open brackets and prefix operators.
    class Nested {
    public:
        explicit Nested(Parser& parser) : depth_(parser.depth_) { ++depth_; }
        ~Nested() { --depth_; }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;
        bool too_deep() const { return depth_ > max_nesting; }

    private:
        std::size_t& depth_;
    };

    std::string_view source_;
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

} // namespace

std::string_view symbol(Op op) {
    if (op == Op::negate || op == Op::invert)
        return op == Op::negate ? "-" : "!";
    return std::ranges::find(binaries, op, &Binary::op)->word;
}

Level level_of(Op op) {
    if (op == Op::negate || op == Op::invert)
        return Level::unary;
    return std::ranges::find(binaries, op, &Binary::op)->level;
}

Level Node::level() const {
    if (kind == Kind::chain)
        return level_of(others.front().op);
    return kind == Kind::unary ? Level::unary : Level::postfix;
}

NodePtr make_literal(json::Value value) {
    auto node = make_node(Node::Kind::literal);
    node->value = std::move(value);
    return node;
}

NodePtr make_chain(NodePtr first, std::vector<Operand> others) {
    if (others.empty())
        return first;
    auto node = make_node(Node::Kind::chain);
    const Level level = level_of(others.front().op);
    if (first->kind == Node::Kind::chain && first->level() == level && level != Level::membership) {
        node->first = first->first;
        node->others = first->others;
        node->others.insert(node->others.end(), std::make_move_iterator(others.begin()),
                            std::make_move_iterator(others.end()));
    } else {
        node->first = std::move(first);
        node->others = std::move(others);
    }
    return node;
}

Result<Expression> Expression::parse(std::string_view text, Dialect dialect) {
    const std::size_t limit = dialect == Dialect::flow ? max_flow_source : max_scaicore_source;
    if (text.size() > limit)
        return bad_request("an expression has at most " + std::to_string(limit) + " bytes");
    if (!valid_utf8(text))
        return bad_request("an expression must be UTF-8");
    SCAI_TRY(const auto tokens, tokens_of(text, dialect));
    SCAI_TRY(NodePtr root, Parser(text, tokens).parse());
    return Expression(std::move(root));
}

} // namespace scai::scir
