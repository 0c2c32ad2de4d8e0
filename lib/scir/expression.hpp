// Expressions and templates (contract scaiflow-model.md 3.2, 6.2). Grammar, loosest first:
//   expr := or; or := and {"||" and}; and := in {"&&" in}; in := eq ["in" eq]; eq := rel {("=="|"!=") rel};
//   rel := sum {("<"|"<="|">"|">=") sum}; sum := term {("+"|"-") term}; term := unary {("*"|"/"|"%") unary};
//   unary := ("!"|"-") unary | postfix; postfix := primary {"." name | "[" expr "]" | "(" args ")"};
//   primary := number | text | true | false | null | name | "[" [args] "]" | "(" expr ")"
// Dialect flow (what a user writes in the editor): texts in single or double quotes, templates {{expr}}.
// Dialect scaicore (IR, .scai): texts in double quotes, templates ${expr}. A backslash in front of the opener
// makes it literal ("\{{", "\${"), two are one backslash; elsewhere in a template backslashes are plain text.
// Calls are methods only; an unknown one and a wrong number of arguments are errors of parse.
//
// Meaning. Missing members and names are null. null == null only; with null, < <= > >= and "in" are false.
// 1 == 1.0; lists and objects compare member by member; values of different types are unequal, but < on them
// is an error. Integers stay integers (7 / 2 is 3.5, 6 / 2 is 3), out of range is an error. "+" adds numbers,
// joins lists, and joins texts with anything (null is "", lists and objects are JSON). "||" and "&&" give the
// operand that decides. "in": item of a list, part of a text, key of an object. x[i] takes negative i from
// the end, out of range is null. length (no brackets) of text, list, object; an own member `length` wins.
//   any     is_empty()
//   text    lower upper trim contains(t) starts_with(t) ends_with(t) replace(a, b) split(t) slice(from, to?)
//           index_of(t) pad_start(n, c?) pad_end(n, c?) repeat(n) matches(glob: * ? [a-z] [!a] \)
//   list    first last sum min max all any contains(x) index_of(x) join(t?) slice(from, to?) reverse unique
//   object  keys values contains(key)
// Case changes ASCII letters only. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scai::scir {

enum class Dialect { flow, scaicore };

struct Node; ///< of the syntax tree; private to lib/scir

/// A parsed expression; cheap to copy, immutable, usable from several threads.
class Expression {
public:
    /// bad_request with the column and what was expected. Nesting at most 100; at most 8 KB in dialect flow,
    /// 1 MB in dialect scaicore (what a compiler makes of 8 KB may be longer).
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
    friend class Template;
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
    /// A text as one expression of the same value, "Dear {{name}}" as 'Dear ' + name; nullopt for other JSON.
    std::optional<Expression> as_expression() const;

private:
    struct Part;
    std::shared_ptr<const Part> root_;
};

} // namespace scai::scir
