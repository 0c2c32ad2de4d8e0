// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/testing/check.hpp"

#include "lib/base/strings.hpp"
#include "lib/scir/glob.hpp"
#include "lib/scir/values.hpp"

#include <algorithm>

namespace scaiflow::testing {

using scai::json::Value;

namespace {

constexpr std::size_t max_shown = 4096;
constexpr std::size_t max_compared = 1'000'000;

/// Absent when there is nothing at the path.
Value look_up(const Path& path, const Facts& facts) {
    Value value = path.root == "output"  ? facts.output
                  : path.root == "scope" ? facts.scope
                  : path.root == "input" ? facts.input
                                         : facts.error;
    for (const auto& step : path.steps) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            value = value.get(*name);
            continue;
        }
        const std::int64_t index = std::get<std::int64_t>(step);
        const auto size = static_cast<std::int64_t>(value.size());
        const std::int64_t at = index < 0 ? index + size : index;
        value = value.is_array() && at >= 0 && at < size ? value.at(static_cast<std::size_t>(at)) : Value();
    }
    return value;
}

bool same(const Value& a, const Value& b) {
    std::size_t work = max_compared;
    return scai::scir::equal(a, b, work).value_or(false);
}

bool contains(const Value& actual, const Value& part) {
    if (actual.is_string())
        return part.is_string() && actual.text()->find(*part.text()) != std::string::npos;
    if (actual.is_array()) {
        for (std::size_t i = 0; i < actual.size(); ++i)
            if (same(actual.at(i), part))
                return true;
        return false;
    }
    if (!actual.is_object())
        return false;
    if (part.is_string())
        return actual.get(*part.text()).present();
    bool all = part.is_object();
    part.each_member([&](std::string_view key, const Value& value) {
        const Value member = actual.get(key);
        all = all && member.present() && same(member, value);
    });
    return all;
}

/// -1, 0, 1; nullopt when the two cannot be put in order.
std::optional<int> order(const Value& a, const Value& b) {
    if (a.is_string() && b.is_string()) {
        const int result = a.text()->compare(*b.text());
        return result < 0 ? -1 : result > 0 ? 1 : 0;
    }
    if (!a.number() || !b.number())
        return std::nullopt;
    if (a.is_integer() && b.is_integer())
        return *a.integer() < *b.integer() ? -1 : *a.integer() > *b.integer() ? 1 : 0;
    return *a.number() < *b.number() ? -1 : *a.number() > *b.number() ? 1 : 0;
}

bool holds(const Assertion& assertion, const Value& actual) {
    const auto ordered = order(actual, assertion.value);
    switch (assertion.kind) {
    case AssertionKind::equals:
        return same(actual, assertion.value);
    case AssertionKind::not_equals:
        return !same(actual, assertion.value);
    case AssertionKind::contains:
        return contains(actual, assertion.value);
    case AssertionKind::matches:
        return actual.is_string() && scai::scir::glob_matches(*assertion.value.text(), *actual.text());
    case AssertionKind::exists:
        return (actual.present() && !actual.is_null()) == assertion.value.boolean().value_or(true);
    case AssertionKind::gt:
        return ordered && *ordered > 0;
    case AssertionKind::gte:
        return ordered && *ordered >= 0;
    case AssertionKind::lt:
        return ordered && *ordered < 0;
    case AssertionKind::lte:
        return ordered && *ordered <= 0;
    default:
        return false;
    }
}

std::string text_of(const Value& value) {
    if (!value.present())
        return "missing";
    const Value small = shown(value);
    std::string text = small.dump();
    if (text.size() <= 200)
        return text;
    std::size_t end = 200;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end) + "...";
}

std::string wanted(const Assertion& assertion) {
    const std::string value = text_of(assertion.value);
    switch (assertion.kind) {
    case AssertionKind::equals:
        return value;
    case AssertionKind::not_equals:
        return "anything but " + value;
    case AssertionKind::contains:
        return "something that contains " + value;
    case AssertionKind::matches:
        return "a text like " + value;
    case AssertionKind::exists:
        return assertion.value.boolean().value_or(true) ? "a value" : "none";
    case AssertionKind::gt:
        return "more than " + value;
    case AssertionKind::gte:
        return "at least " + value;
    case AssertionKind::lt:
        return "less than " + value;
    default:
        return "at most " + value;
    }
}

} // namespace

Value shown(const Value& value) {
    if (!value.present())
        return nullptr;
    if (scai::scir::measure(value, max_shown).bytes <= max_shown)
        return value;
    const std::string text = value.is_string() ? value.text()->substr(0, 200) : "";
    return text.empty() ? Value("(larger than 4 KB)") : Value(text + "... (larger than 4 KB)");
}

std::optional<Failure> check(const Assertion& assertion, const Facts& facts) {
    if (assertion.kind == AssertionKind::status) {
        if (assertion.value.text() == facts.status)
            return std::nullopt;
        const std::string why = facts.error.present() ? ": " + facts.error.member("message") : "";
        return Failure{assertion.source, facts.status,
                       "the run is " + facts.status + ", expected " + *assertion.value.text() + why};
    }
    if (assertion.kind == AssertionKind::visited || assertion.kind == AssertionKind::not_visited) {
        const bool visited = std::ranges::find(facts.visited, assertion.node) != facts.visited.end();
        if (visited == (assertion.kind == AssertionKind::visited))
            return std::nullopt;
        return Failure{assertion.source, visited,
                       assertion.node + (visited ? " was visited" : " was not visited")};
    }
    const Value actual = look_up(assertion.path, facts);
    if (holds(assertion, actual))
        return std::nullopt;
    return Failure{assertion.source, shown(actual),
                   assertion.source.member("path") + " is " + text_of(actual) + ", expected " +
                       wanted(assertion)};
}

} // namespace scaiflow::testing
