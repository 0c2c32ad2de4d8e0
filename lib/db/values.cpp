// Parameters and columns as PostgreSQL text, and what an error tells. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/db/db.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace scai::db {

namespace {
/// SOCI says five blanks where libpq has no SQLSTATE: nobody answered.
std::string without_blanks(std::string sqlstate) {
    return sqlstate.find_first_not_of(' ') == std::string::npos ? std::string() : sqlstate;
}
} // namespace

Error::Error(std::string sqlstate, const std::string& statement)
    : std::runtime_error("database error " +
                         (without_blanks(sqlstate).empty() ? std::string("(connection lost)") : sqlstate) +
                         " in: " + statement),
      sqlstate_(without_blanks(std::move(sqlstate))) {}

bool Error::connection_lost() const {
    return sqlstate_.empty() || sqlstate_.starts_with("08") || sqlstate_ == "57P01" || sqlstate_ == "57P02" ||
           sqlstate_ == "57P03";
}

bool Error::retryable() const {
    return sqlstate_ == "40001" || sqlstate_ == "40P01";
}

std::int64_t lock_key(std::string_view name) {
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return static_cast<std::int64_t>(hash);
}

namespace detail {

namespace {

[[noreturn]] void wrong_column(const char* wanted) {
    throw std::logic_error(std::string("column is not ") + wanted);
}

const std::string& content(const Cell& cell) {
    if (!cell)
        throw std::logic_error("NULL in a column that must have a value");
    return *cell;
}

} // namespace

Cell encode(std::string_view value) {
    return std::string(value);
}

Cell encode(std::int64_t value) {
    return std::to_string(value);
}

Cell encode(double value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return std::string(text.data(), end);
}

Cell encode(const std::vector<std::string>& values) {
    std::string out = "{";
    for (const std::string& value : values) {
        if (out.size() > 1)
            out += ',';
        out += '"';
        for (char c : value) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + "}";
}

Cell encode(const std::vector<std::int64_t>& values) {
    std::string out = "{";
    for (std::int64_t value : values) {
        if (out.size() > 1)
            out += ',';
        out += std::to_string(value);
    }
    return out + "}";
}

void decode(Cell& cell, std::string& out) {
    content(cell);
    out = std::move(*cell);
}

void decode(Cell& cell, std::int64_t& out) {
    const auto value = parse_int(content(cell));
    if (!value)
        wrong_column("an integer");
    out = *value;
}

void decode(Cell& cell, int& out) {
    std::int64_t value = 0;
    decode(cell, value);
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
        wrong_column("a 32-bit integer");
    out = static_cast<int>(value);
}

void decode(Cell& cell, bool& out) {
    const std::string& text = content(cell);
    if (text == "t" || text == "true" || text == "1")
        out = true;
    else if (text == "f" || text == "false" || text == "0")
        out = false;
    else
        wrong_column("a boolean");
}

void decode(Cell& cell, double& out) {
    const std::string& text = content(cell);
    const auto end = text.data() + text.size();
    if (const auto [stop, problem] = std::from_chars(text.data(), end, out);
        problem != std::errc{} || stop != end)
        wrong_column("a number");
}

} // namespace detail

} // namespace scai::db
