// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.hpp"

#include "lib/base/clock.hpp"

#include <array>
#include <charconv>
#include <unistd.h>

namespace scai::log {

namespace {

// Process-wide by nature: written once in main before any thread exists, read-only afterwards.
std::string binary_name = "scai"; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
Level threshold = Level::info;    // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto value = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (value < 0x20 || value == 0x7F) {
            out += "\\u00";
            out.push_back(digits[value >> 4U]);
            out.push_back(digits[value & 15U]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void append_value(std::string& out, const Field& field) {
    if (const auto* text = std::get_if<std::string>(&field.value)) {
        append_quoted(out, *text);
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
        out += std::to_string(*integer);
    } else if (const auto* flag = std::get_if<bool>(&field.value)) {
        out += *flag ? "true" : "false";
    } else {
        std::array<char, 32> buffer{};
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                       std::get<double>(field.value), std::chars_format::fixed, 3);
        out.append(buffer.data(), end.ptr);
    }
}

} // namespace

void configure(std::string_view binary, std::string_view level) {
    binary_name = binary;
    threshold = Level::info;
    for (std::size_t i = 0; i < level_names.size(); ++i)
        if (level == level_names[i])
            threshold = static_cast<Level>(i);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (level < threshold)
        return;
    std::string line = "{\"time\":\"" + to_iso8601(SystemClock().now()) + "\",\"level\":\"";
    line += level_names[static_cast<std::size_t>(level)];
    line += "\",\"binary\":";
    append_quoted(line, binary_name);
    line += ",\"event\":";
    append_quoted(line, event);
    for (const auto& field : fields) {
        line.push_back(',');
        append_quoted(line, field.key);
        line.push_back(':');
        append_value(line, field);
    }
    line += "}\n";
    const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    static_cast<void>(written); // nowhere left to complain to
}

} // namespace scai::log
