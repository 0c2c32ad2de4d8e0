// Clock and RFC 3339 text. strptime and timegm do the calendar; only fraction and offset are read here.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace scai {

UtcTime SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::int64_t unix_seconds(UtcTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

UtcTime from_unix_seconds(std::int64_t seconds) {
    return UtcTime{std::chrono::seconds{seconds}};
}

namespace {

void append_padded(std::string& out, std::int64_t value, int width) {
    const auto digits = std::to_string(value);
    out.append(static_cast<std::size_t>(std::max(width - static_cast<int>(digits.size()), 0)), '0');
    out += digits;
}

} // namespace

std::string to_iso8601(UtcTime time) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    std::string out;
    out.reserve(sizeof "2026-05-20T08:00:00.000000Z");
    append_padded(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, clock.hours().count(), 2);
    out += ':';
    append_padded(out, clock.minutes().count(), 2);
    out += ':';
    append_padded(out, clock.seconds().count(), 2);
    if (clock.subseconds().count() != 0) {
        out += '.';
        append_padded(out, clock.subseconds().count(), 6);
    }
    out += 'Z';
    return out;
}

namespace {

/// Fraction of a second: up to six digits count, further ones are dropped. Moves `rest` behind it.
std::optional<std::int64_t> take_fraction(std::string_view& rest) {
    if (rest.empty() || rest.front() != '.')
        return 0;
    rest.remove_prefix(1);
    std::int64_t micros = 0;
    int digits = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        if (digits < 6)
            micros = micros * 10 + (rest.front() - '0');
        ++digits;
        rest.remove_prefix(1);
    }
    if (digits == 0)
        return std::nullopt;
    for (; digits < 6; ++digits)
        micros *= 10;
    return micros;
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

/// Offset in seconds from "Z", "+02:00" or "-0530"; must use up the rest.
std::optional<std::int64_t> take_offset(std::string_view rest) {
    if (rest == "Z" || rest == "z")
        return 0;
    if (rest.size() < 5 || (rest[0] != '+' && rest[0] != '-'))
        return std::nullopt;
    const std::size_t minutes_at = rest[3] == ':' ? 4 : 3;
    if (rest.size() != minutes_at + 2)
        return std::nullopt;
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}, minutes_at, minutes_at + 1})
        if (!digit(rest[i]))
            return std::nullopt;
    const int hours = (rest[1] - '0') * 10 + (rest[2] - '0');
    const int minutes = (rest[minutes_at] - '0') * 10 + (rest[minutes_at + 1] - '0');
    if (hours > 23 || minutes > 59)
        return std::nullopt;
    const std::int64_t seconds = hours * 3600 + minutes * 60;
    return rest[0] == '-' ? -seconds : seconds;
}

} // namespace

std::optional<UtcTime> parse_iso8601(std::string_view text) {
    constexpr std::size_t date_time_length = 19; // 2026-05-20T08:00:00
    if (text.size() < date_time_length + 1 || text.size() > 40)
        return std::nullopt;
    std::string head(text.substr(0, date_time_length));
    if (head[10] == ' ' || head[10] == 't')
        head[10] = 'T';
    for (std::size_t i = 0; i < head.size(); ++i) {
        const bool separator = i == 4 || i == 7 || i == 10 || i == 13 || i == 16;
        if (digit(head[i]) == separator)
            return std::nullopt;
    }
    std::tm parts{};
    const char* end = strptime(head.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || *end != '\0')
        return std::nullopt;
    const int day = parts.tm_mday;
    const std::time_t seconds = timegm(&parts);
    if (parts.tm_mday != day) // timegm turned 31 April into 1 May
        return std::nullopt;
    std::string_view rest = text.substr(date_time_length);
    const auto micros = take_fraction(rest);
    if (!micros)
        return std::nullopt;
    const auto offset = take_offset(rest);
    if (!offset)
        return std::nullopt;
    return UtcTime{std::chrono::seconds{seconds - *offset} + std::chrono::microseconds{*micros}};
}

} // namespace scai
