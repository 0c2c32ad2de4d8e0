// SPDX-License-Identifier: Apache-2.0
#include "lib/config/settings.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace scai::config {

namespace {

Error settings_error(std::string message) {
    Error error;
    error.kind = ErrorKind::bad_request;
    error.message = std::move(message);
    return error;
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

bool valid_name(std::string_view name) {
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

std::optional<bool> parse_flag(std::string_view text) {
    for (const std::string_view yes : {"1", "true", "yes", "on"})
        if (iequals(text, yes))
            return true;
    for (const std::string_view no : {"", "0", "false", "no", "off"})
        if (iequals(text, no))
            return false;
    return std::nullopt;
}

/// What is wrong with the value, or nothing.
std::optional<std::string> complaint(const Setting& setting, const std::string& value) {
    if (value.empty())
        return std::nullopt;
    switch (setting.type) {
    case Type::text:
    case Type::secret:
    case Type::list:
        return std::nullopt;
    case Type::boolean:
        if (!parse_flag(value))
            return "must be true or false";
        return std::nullopt;
    case Type::url:
        if (!value.starts_with("http://") && !value.starts_with("https://"))
            return "must be a URL that starts with http:// or https://";
        return std::nullopt;
    case Type::integer: {
        const auto number = parse_int(value);
        const bool bounded = setting.min != 0 || setting.max != 0;
        if (!number || (bounded && (*number < setting.min || *number > setting.max)))
            return "must be an integer" +
                   (bounded ? " from " + std::to_string(setting.min) + " to " + std::to_string(setting.max)
                            : std::string());
        return std::nullopt;
    }
    }
    return std::nullopt;
}

} // namespace

Result<std::map<std::string, std::string>> parse_env_file(std::string_view text) {
    std::map<std::string, std::string> values;
    int number = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        if (line.starts_with("export "))
            line = trim(line.substr(7));
        const auto equals = line.find('=');
        const auto name = trim(line.substr(0, equals));
        if (equals == std::string_view::npos || name.empty())
            return settings_error("line " + std::to_string(number) + " is not NAME=VALUE");
        if (!valid_name(name)) // which is not repeated: it may be the rest of a value that has several lines
            return settings_error(
                "line " + std::to_string(number) +
                ": the name before = has to be of letters, digits and _, without a digit first");
        auto value = trim(line.substr(equals + 1));
        if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
            if (value.size() < 2 || value.back() != value.front())
                return settings_error("line " + std::to_string(number) + " has an unclosed quote");
            value = value.substr(1, value.size() - 2);
        }
        values[std::string(name)] = std::string(value);
    }
    return values;
}

Result<Settings> Settings::from_values(std::span<const Setting> table,
                                       std::map<std::string, std::string> values) {
    Settings settings;
    settings.table_ = table;
    std::string complaints;
    for (const auto& setting : table) {
        const auto found = values.find(std::string(setting.name));
        std::string value = found == values.end() || found->second.empty()
                                ? std::string(setting.default_value)
                                : found->second;
        if (const auto problem = complaint(setting, value))
            complaints += (complaints.empty() ? "" : "; ") + std::string(setting.name) + " " + *problem;
        settings.values_.emplace(setting.name, std::move(value));
    }
    if (!complaints.empty())
        return settings_error(complaints);
    return settings;
}

Result<Settings> Settings::load(std::span<const Setting> table, const Source& source,
                                std::optional<std::string> env_file) {
    std::string path;
    bool explicit_file = true;
    const std::string etc = "/etc/scai/" + std::string(source.product) + ".env";
    const char* from_variable = std::getenv(std::string(source.env_file_variable).c_str());
    if (env_file) {
        path = *env_file;
    } else if (from_variable != nullptr && *from_variable != '\0') {
        path = from_variable;
    } else {
        explicit_file = false;
        for (const auto& candidate : {etc, std::string(".env")}) {
            if (::access(candidate.c_str(), R_OK) == 0) {
                path = candidate;
                break;
            }
        }
    }
    std::map<std::string, std::string> values;
    if (!path.empty()) {
        const auto text = read_file(path);
        if (!text && explicit_file)
            return settings_error("the settings file " + path + " cannot be read");
        if (text) {
            auto parsed = parse_env_file(*text);
            if (!parsed)
                return settings_error(path + ": " + parsed.error().message);
            values = std::move(parsed).value();
        }
    }
    for (const auto& setting : table)
        if (const char* value = std::getenv(std::string(setting.name).c_str()))
            values[std::string(setting.name)] = value;
    auto settings = from_values(table, std::move(values));
    if (settings)
        settings->file_ = path;
    return settings;
}

const Setting& Settings::row(std::string_view name) const {
    const auto found =
        std::find_if(table_.begin(), table_.end(), [&](const Setting& s) { return s.name == name; });
    if (found == table_.end())
        throw std::logic_error("undeclared setting " + std::string(name));
    return *found;
}

std::string Settings::text(std::string_view name) const {
    static_cast<void>(row(name));
    return values_.find(name)->second;
}
bool Settings::has(std::string_view name) const {
    return !text(name).empty();
}
std::optional<std::string> Settings::optional_text(std::string_view name) const {
    auto value = text(name);
    if (value.empty())
        return std::nullopt;
    return value;
}
SecretText Settings::secret(std::string_view name) const {
    return SecretText(text(name));
}
std::int64_t Settings::integer(std::string_view name) const {
    return parse_int(text(name)).value_or(0);
}
bool Settings::flag(std::string_view name) const {
    return parse_flag(text(name)).value_or(false);
}
std::vector<std::string> Settings::list(std::string_view name) const {
    return split_list(text(name));
}

} // namespace scai::config
