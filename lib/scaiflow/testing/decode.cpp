// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/testing/decode.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>

namespace scaiflow::testing {

using scai::json::Value;

namespace {

constexpr std::size_t max_errors = 50;

struct KindName {
    std::string_view name;
    AssertionKind kind;
};
constexpr std::array kinds{
    KindName{"equals", AssertionKind::equals},
    KindName{"not_equals", AssertionKind::not_equals},
    KindName{"contains", AssertionKind::contains},
    KindName{"matches", AssertionKind::matches},
    KindName{"exists", AssertionKind::exists},
    KindName{"gt", AssertionKind::gt},
    KindName{"gte", AssertionKind::gte},
    KindName{"lt", AssertionKind::lt},
    KindName{"lte", AssertionKind::lte},
    KindName{"visited", AssertionKind::visited},
    KindName{"not_visited", AssertionKind::not_visited},
    KindName{"status", AssertionKind::status},
};

std::string kind_names() {
    std::vector<std::string> names;
    for (const KindName& kind : kinds)
        names.emplace_back(kind.name);
    return scai::join(names, ", ");
}

bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Takes one step off the front of `rest`; false when it is none.
bool take_step(std::string_view& rest, Path& path) {
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const auto end = std::ranges::find_if_not(rest, name_character);
        const auto size = static_cast<std::size_t>(end - rest.begin());
        path.steps.emplace_back(std::string(rest.substr(0, size)));
        rest.remove_prefix(size);
        return size > 0;
    }
    const auto close = rest.find(rest.starts_with("[\"") ? "\"]" : "]");
    if (!rest.starts_with('[') || close == std::string_view::npos)
        return false;
    if (rest.starts_with("[\"")) {
        if (close < 2)
            return false;
        path.steps.emplace_back(std::string(rest.substr(2, close - 2)));
        rest.remove_prefix(close + 2);
        return true;
    }
    const auto index = scai::parse_int(rest.substr(1, close - 1));
    rest.remove_prefix(close + 1);
    path.steps.emplace_back(index.value_or(0));
    return index.has_value();
}

std::optional<Path> parse_path(std::string_view text) {
    Path path;
    const auto end = std::ranges::find_if_not(text, name_character);
    path.root = std::string(text.begin(), end);
    text.remove_prefix(path.root.size());
    constexpr std::array<std::string_view, 4> roots{"output", "scope", "input", "error"};
    if (std::ranges::find(roots, path.root) == roots.end())
        return std::nullopt;
    while (!text.empty())
        if (path.steps.size() >= 100 || !take_step(text, path))
            return std::nullopt;
    return path;
}

class Decoder {
public:
    explicit Decoder(const Value& content) : content_(content) {
        content.get("nodes").each_item([&](const Value& node) { nodes_.insert(node.member("id")); });
    }

    scai::Result<std::vector<Test>> run() {
        const Value list = content_.get("tests");
        std::vector<Test> tests;
        if (list.present() && !list.is_null() && !list.is_array())
            add("content.tests", "must be a list");
        if (list.size() > max_tests)
            add("content.tests", "at most " + std::to_string(max_tests) + " tests");
        for (std::size_t i = 0; i < std::min(list.size(), max_tests); ++i)
            tests.push_back(test(list.at(i), "content.tests[" + std::to_string(i) + "]"));
        if (!errors_.empty())
            return scai::Error{.kind = scai::ErrorKind::unprocessable, .fields = std::move(errors_)};
        return tests;
    }

private:
    void add(std::string path, std::string message) {
        if (errors_.size() < max_errors)
            errors_.push_back({std::move(path), std::move(message)});
    }

    /// A text member; required when `fallback` is absent.
    std::string text(const Value& object, const char* key, const std::string& path,
                     std::optional<std::string> fallback) {
        const Value value = object.get(key);
        if ((!value.present() || value.is_null()) && fallback)
            return *fallback;
        const std::string found = value.text_or("");
        if (found.empty() || found.size() > 255)
            add(path + "." + key, "must be a text of 1 to 255 bytes");
        return found;
    }

    Value map(const Value& object, const char* key, const std::string& path) {
        const Value value = object.get(key);
        if (value.is_object())
            return value;
        if (value.present() && !value.is_null())
            add(path + "." + key, "must be an object");
        return Value::object();
    }

    void node(const std::string& id, const std::string& path) {
        if (!id.empty() && !nodes_.contains(id))
            add(path, "the flow has no node '" + id.substr(0, 100) + "'");
    }

    Test test(const Value& from, const std::string& path) {
        Test out;
        if (!from.is_object()) {
            add(path, "must be an object");
            return out;
        }
        out.id = text(from, "id", path, std::nullopt);
        if (!out.id.empty() && !ids_.insert(out.id).second)
            add(path + ".id", "another test has this id");
        out.name = text(from, "name", path, out.id);
        out.trigger = text(from, "trigger", path, "");
        out.input = from.get("input");
        out.mocks = map(from, "mocks", path);
        out.checkpoints = map(from, "checkpoints", path);
        out.mocks.each_member([&](std::string_view key, const Value& value) {
            const std::string name(key);
            const std::string here = path + ".mocks." + name.substr(0, 100);
            if (!nodes_.contains(name) && name.find('.') == std::string::npos && !name.starts_with("core://"))
                add(here, "must be a node of the flow, plugin.method or core://...");
            answer(value, here);
        });
        out.checkpoints.each_member([&](std::string_view key, const Value& value) {
            const std::string here = path + ".checkpoints." + std::string(key.substr(0, 100));
            node(std::string(key), here);
            resolution(value, here);
        });
        assertions(from, path, out);
        return out;
    }

    /// {"sequence"} and {"error"} are the only forms with a shape.
    void answer(const Value& value, const std::string& path) {
        if (value.size() != 1 || !value.is_object())
            return;
        if (const Value sequence = value.get("sequence"); sequence.present() && !sequence.is_array())
            add(path + ".sequence", "must be a list of answers");
        const Value error = value.get("error");
        if (error.present() && !error.is_string() && !error.is_object())
            add(path + ".error", "must be a text or {code, message}");
    }

    void resolution(const Value& value, const std::string& path) {
        if (!value.is_string() && !value.is_object())
            add(path, "must be a resolution text or an object");
        answer(value, path);
        const Value sequence = value.size() == 1 ? value.get("sequence") : Value();
        for (std::size_t i = 0; i < sequence.size(); ++i)
            if (!sequence.at(i).is_string() && !sequence.at(i).is_object())
                add(path + ".sequence[" + std::to_string(i) + "]", "must be a resolution text or an object");
    }

    void assertions(const Value& from, const std::string& path, Test& out) {
        const Value list = from.get("assertions");
        if (list.present() && !list.is_null() && !list.is_array())
            add(path + ".assertions", "must be a list");
        for (std::size_t i = 0; i < list.size(); ++i)
            out.assertions.push_back(assertion(list.at(i), path + ".assertions[" + std::to_string(i) + "]"));
    }

    Assertion assertion(const Value& from, const std::string& path) {
        Assertion out{.kind = AssertionKind::equals, .path = {}, .node = {}, .value = {}, .source = from};
        if (!from.is_object()) {
            add(path, "must be an object");
            return out;
        }
        const auto kind = std::ranges::find(kinds, from.member("kind"), &KindName::name);
        if (kind == kinds.end()) {
            add(path + ".kind", "must be one of " + kind_names());
            return out;
        }
        out.kind = kind->kind;
        out.value = from.get("value");
        if (out.kind == AssertionKind::visited || out.kind == AssertionKind::not_visited) {
            out.node = text(from, "node", path, std::nullopt);
            node(out.node, path + ".node");
            return out;
        }
        if (out.kind != AssertionKind::status) {
            const auto parsed = parse_path(from.member("path"));
            if (!parsed)
                add(path + ".path", "must start with output, scope, input or error, then .name or [index]");
            out.path = parsed.value_or(Path{});
        }
        value(out, path + ".value");
        return out;
    }

    void value(const Assertion& assertion, const std::string& path) {
        const Value& value = assertion.value;
        switch (assertion.kind) {
        case AssertionKind::status:
            if (const std::string status = value.text_or("");
                status != "completed" && status != "failed" && status != "suspended")
                add(path, "must be completed, failed or suspended");
            break;
        case AssertionKind::matches:
            if (!value.is_string() || value.size_of_text() > 256)
                add(path, "must be a pattern with * and ? of at most 256 bytes");
            break;
        case AssertionKind::exists:
            if (value.present() && !value.boolean())
                add(path, "must be true or false");
            break;
        case AssertionKind::gt:
        case AssertionKind::gte:
        case AssertionKind::lt:
        case AssertionKind::lte:
            if (!value.number() && !value.is_string())
                add(path, "must be a number or a text");
            break;
        default:
            if (!value.present())
                add(path, "is missing");
        }
    }

    const Value& content_;
    std::set<std::string> nodes_, ids_;
    std::vector<scai::FieldError> errors_;
};

} // namespace

scai::Result<std::vector<Test>> decode(const Value& content) {
    return Decoder(content).run();
}

} // namespace scaiflow::testing
