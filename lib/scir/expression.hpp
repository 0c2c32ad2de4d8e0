// Expressions and templates (contract scaiflow-model.md 3.2, 6.2). Grammar, loosest first:
//   expr := or; or := and {"||" and}; and := in {"&&" in}; in := eq ["in" eq]; eq := rel {("=="|"!=") rel};
//   rel := sum {("<"|"<="|">"|">=") sum}; sum := term {("+"|"-") term}; term := unary {("*"|"/"|"%") unary};
//   unary := ("!"|"-") unary | postfix; postfix := primary {"." name | "[" expr "]" | "(" args ")"};
//   primary := number | text | true | false | null | name | "[" [args] "]" | "(" expr ")"
// Dialect flow (what a user writes in the editor): texts in single or double quotes, templates {{expr}}.
// Dialect scaicore (IR, .scai): texts in double quotes, templates ${expr}. Calls are the methods of 6.2 only
// (value.lower(), list.first(), ...; length is a property). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scai::scir {

enum class Dialect { flow, scaicore };

struct Node; ///< of the syntax tree; private to lib/scir

/// A parsed expression; cheap to copy, immutable, usable from several threads.
class Expression {
public:
    /// bad_request with the column and what was expected. At most 8 KB, nesting at most 100.
    static Result<Expression> parse(std::string_view text, Dialect dialect);
    std::string text(Dialect dialect) const; ///< canonical: minimal parentheses, single spaces
    std::vector<std::string> roots() const;  ///< names looked up, sorted, without duplicates
    /// The same with roots renamed (`classify` for `node_classify`).
    Expression renamed(const std::function<std::string(const std::string&)>& name) const;

    using Lookup = std::function<json::Value(std::string_view name)>; ///< absent = unknown
    /// Deterministic, no clock, no randomness. Missing members are null; null compares equal to null only.
    /// The error is bad_request: a wrong operand type, division by zero, an unknown method, a result over 1
    /// MB.
    Result<json::Value> evaluate(const Lookup& lookup) const;

private:
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

/// false, null, absent, 0, "" and empty lists and objects are not.
bool truthy(const json::Value& value);

/// A JSON value whose texts hold templates.
class Template {
public:
    static Result<Template> parse(const json::Value& value, Dialect dialect);
    json::Value source(Dialect dialect) const;
    std::vector<std::string> roots() const;
    Template renamed(const std::function<std::string(const std::string&)>& name) const;
    Result<json::Value> render(const Expression::Lookup& lookup) const;

private:
    struct Part;
    std::shared_ptr<const Part> root_;
};

} // namespace scai::scir
