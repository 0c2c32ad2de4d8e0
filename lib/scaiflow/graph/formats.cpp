// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/formats.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace scaiflow::graph {

namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool is_slug(std::string_view text) {
    return !text.empty() && text.size() <= 255 && (is_letter(text[0]) || is_digit(text[0])) &&
           std::ranges::all_of(
               text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    for (;;) {
        const std::size_t end = text.find(separator);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return out;
        text.remove_prefix(end + 1);
    }
}

struct CronField {
    std::string_view name;
    int min, max;
    std::span<const std::string_view> words; ///< names of min, min + 1, ...
};

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array cron_fields{CronField{"minute", 0, 59, {}}, CronField{"hour", 0, 23, {}},
                                 CronField{"day of month", 1, 31, {}}, CronField{"month", 1, 12, months},
                                 CronField{"day of week", 0, 7, weekdays}};

std::optional<int> cron_number(const CronField& field, std::string_view text) {
    for (std::size_t i = 0; i < field.words.size(); ++i)
        if (scai::iequals(text, field.words[i]))
            return field.min + static_cast<int>(i);
    if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit))
        return std::nullopt;
    const int number = static_cast<int>(*scai::parse_int(text));
    return number >= field.min && number <= field.max ? std::optional(number) : std::nullopt;
}

std::string cron_message(const CronField& field, std::string_view text, std::string_view what) {
    return std::string(field.name) + ": '" + std::string(text.substr(0, 40)) + "' " + std::string(what);
}

/// One element of a list: "*", "5", "1-5", each with an optional "/step".
std::optional<std::string> cron_item_problem(const CronField& field, std::string_view item) {
    const std::string bounds =
        "is not between " + std::to_string(field.min) + " and " + std::to_string(field.max);
    const std::size_t slash = item.find('/');
    if (slash != std::string_view::npos) {
        const std::string_view step = item.substr(slash + 1);
        const bool number = !step.empty() && step.size() <= 3 && std::ranges::all_of(step, is_digit);
        if (!number || *scai::parse_int(step) < 1 || *scai::parse_int(step) > field.max)
            return cron_message(field, step, "is not a step");
        item = item.substr(0, slash);
        if (item != "*" && item.find('-') == std::string_view::npos)
            return cron_message(field, item, "has a step but is no range");
    }
    if (item == "*")
        return std::nullopt;
    const std::size_t dash = item.find('-');
    const auto first = cron_number(field, item.substr(0, dash));
    if (!first)
        return cron_message(field, item.substr(0, dash), bounds);
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto last = cron_number(field, item.substr(dash + 1));
    if (!last)
        return cron_message(field, item.substr(dash + 1), bounds);
    if (*last < *first)
        return cron_message(field, item, "runs backwards");
    return std::nullopt;
}

std::vector<std::string_view> cron_parts(std::string_view text) {
    std::vector<std::string_view> fields;
    for (const std::string_view each : split(text, ' '))
        if (!each.empty())
            fields.push_back(each);
    return fields;
}

/// The numbers of a field without problems.
std::uint64_t cron_set(const CronField& field, std::string_view text) {
    std::uint64_t out = 0;
    for (std::string_view item : split(text, ',')) {
        const std::size_t slash = item.find('/');
        const auto step = slash == std::string_view::npos ? 1 : *scai::parse_int(item.substr(slash + 1));
        item = item.substr(0, slash);
        const std::size_t dash = item.find('-');
        const int first = item == "*" ? field.min : *cron_number(field, item.substr(0, dash));
        const int last = item == "*"                      ? field.max
                         : dash == std::string_view::npos ? first
                                                          : *cron_number(field, item.substr(dash + 1));
        for (std::int64_t number = first; number <= last; number += step)
            out |= std::uint64_t{1} << number;
    }
    return out;
}

} // namespace

bool valid_name(std::string_view text) {
    // Words of the expression language, and names it resolves first.
    for (const std::string_view reserved : {"true", "false", "null", "in", "input", "trigger"})
        if (text == reserved)
            return false;
    return !text.empty() && text.size() <= 255 && !is_digit(text[0]) &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool valid_role(std::string_view text) {
    return !text.empty() && is_lower(text[0]) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool valid_core_uri(std::string_view text) {
    constexpr std::string_view scheme = "core://";
    if (!text.starts_with(scheme))
        return false;
    const auto parts = split(text.substr(scheme.size()), '/');
    return parts.size() == 2 && is_slug(parts[0]) && is_slug(parts[1]);
}

std::optional<std::int64_t> duration_seconds(std::string_view text) {
    if (text.size() < 2 || text.size() > 9 || !std::ranges::all_of(text.substr(0, text.size() - 1), is_digit))
        return std::nullopt;
    constexpr std::array<std::pair<char, std::int64_t>, 5> units{
        {{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}, {'w', 604'800}}};
    for (const auto& [unit, seconds] : units)
        if (text.back() == unit) {
            const std::int64_t total = *scai::parse_int(text.substr(0, text.size() - 1)) * seconds;
            return total > 0 ? std::optional(total) : std::nullopt;
        }
    return std::nullopt;
}

std::optional<std::string> cron_problem(std::string_view text) {
    const auto fields = cron_parts(text);
    if (fields.size() != cron_fields.size())
        return "it has " + std::to_string(fields.size()) + " fields instead of 5";
    for (std::size_t i = 0; i < fields.size(); ++i)
        for (const std::string_view item : split(fields[i], ','))
            if (auto problem = cron_item_problem(cron_fields[i], item))
                return problem;
    return std::nullopt;
}

std::optional<Cron> parse_cron(std::string_view text) {
    if (cron_problem(text))
        return std::nullopt;
    const auto fields = cron_parts(text);
    const auto set = [&](std::size_t i) { return cron_set(cron_fields[i], fields[i]); };
    Cron cron{.minutes = set(0), .hours = set(1), .days = set(2), .months = set(3), .weekdays = set(4)};
    cron.weekdays = (cron.weekdays | cron.weekdays >> 7U) & 0x7fU; // 7 is Sunday too
    cron.every_hour = fields[1].starts_with('*');
    cron.every_day = fields[2].starts_with('*');
    cron.every_weekday = fields[4].starts_with('*');
    return cron;
}

bool valid_timezone(const std::string& name, const std::string& folder) {
    const bool form = !name.empty() && name.size() <= 64 && is_letter(name.front()) && name.back() != '/' &&
                      name.find("//") == std::string::npos && std::ranges::all_of(name, [](char c) {
                          return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '+' || c == '/';
                      });
    if (!form)
        return false;
    std::error_code failure;
    if (!std::filesystem::is_directory(folder, failure))
        return true;
    const std::string path = folder + "/" + name;
    if (!std::filesystem::is_regular_file(path, failure))
        return false;
    std::array<char, 4> magic{};
    std::ifstream(path, std::ios::binary).read(magic.data(), magic.size()); // RFC 8536 3.1
    return std::string_view(magic.data(), magic.size()) == "TZif";
}

} // namespace scaiflow::graph
