// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/document.hpp"

#include "lib/base/strings.hpp"

#include <array>

namespace scaivault::policies {

using scai::Error;
using scai::ErrorKind;
using scai::FieldError;
using scai::Result;
using scai::json::Value;

namespace {

constexpr std::array<Permission, 6> every_permission{Permission::read, Permission::write,  Permission::remove,
                                                     Permission::list, Permission::rotate, Permission::admin};

class Reader {
public:
    void rule(const Value& value, const std::string& path, std::vector<Rule>& out) {
        if (!value.is_object()) {
            reject(path, "must be an object with path_pattern, permissions and, if need be, conditions");
            return;
        }
        value.each_member([&](std::string_view key, const Value&) {
            if (key == "effect")
                reject(path + ".effect", "is unknown: rules only allow, what no rule allows is denied");
            else if (key != "path_pattern" && key != "permissions" && key != "conditions")
                reject(path + "." + std::string(key),
                       "is unknown; a rule has path_pattern, permissions and conditions");
        });
        auto pattern = this->pattern(value.get("path_pattern"), path + ".path_pattern");
        const auto held = permissions(value.get("permissions"), path + ".permissions");
        auto conditions = parse_conditions(value.get("conditions"), path + ".conditions");
        if (!conditions)
            for (const auto& field : conditions.error().fields)
                reject(field.path, field.message);
        if (pattern && conditions)
            out.push_back({std::move(*pattern), held, std::move(conditions).value()});
    }

    std::optional<Error> error() {
        if (errors_.empty())
            return std::nullopt;
        return Error{.kind = ErrorKind::bad_request,
                     .code = other_ ? "invalid_policy" : "invalid_glob",
                     .message =
                         other_ ? "the rules of the policy are malformed" : "a path pattern is malformed",
                     .fields = std::move(errors_)};
    }
    void reject(const std::string& path, std::string why) {
        other_ = true;
        errors_.push_back({path, std::move(why)});
    }

private:
    std::optional<Pattern> pattern(const Value& value, const std::string& path) {
        const auto text = value.text();
        if (!text) {
            reject(path, "is required: a pattern such as apps/** or apps/*/token");
            return std::nullopt;
        }
        auto parsed = Pattern::parse(*text);
        if (parsed)
            return std::move(parsed).value();
        errors_.push_back({path, parsed.error().message});
        return std::nullopt;
    }
    Permissions permissions(const Value& value, const std::string& path) {
        Permissions held = 0;
        value.each_item([&](const Value& item) {
            const auto permission = permission_of(item.text_or(""));
            if (!permission)
                reject(path, "must be of read, write, delete, list, rotate, admin");
            else
                held = static_cast<Permissions>(held | static_cast<Permissions>(*permission));
        });
        if (!value.is_array() || value.size() == 0)
            reject(path, "must be a list of at least one of read, write, delete, list, rotate, admin");
        return held;
    }

    std::vector<FieldError> errors_;
    bool other_ = false;
};

} // namespace

Result<std::vector<Rule>> parse_rules(const Value& rules, const std::string& path) {
    Reader reader;
    std::vector<Rule> out;
    if (!rules.is_array() || rules.size() == 0 || rules.size() > max_rules) {
        reader.reject(path, "must be a list of 1 to " + std::to_string(max_rules) + " rules");
    } else {
        out.reserve(rules.size());
        for (std::size_t i = 0; i < rules.size(); ++i)
            reader.rule(rules.at(i), path + "[" + std::to_string(i) + "]", out);
    }
    if (auto error = reader.error())
        return std::move(*error);
    return out;
}

Value to_json(const Rule& rule) {
    Value permissions = Value::array();
    for (const auto permission : every_permission)
        if ((rule.permissions & static_cast<Permissions>(permission)) != 0)
            permissions.push(name_of(permission));
    return Value::object({{"path_pattern", rule.pattern.text()},
                          {"permissions", permissions},
                          {"conditions", to_json(rule.conditions)}});
}

Value to_json(const std::vector<Rule>& rules) {
    Value out = Value::array();
    for (const auto& rule : rules)
        out.push(to_json(rule));
    return out;
}

} // namespace scaivault::policies
