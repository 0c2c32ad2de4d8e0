// Small languages inside a flow's settings. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::graph {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool valid_name(std::string_view text);     ///< [a-zA-Z_][a-zA-Z0-9_]*
bool valid_role(std::string_view text);     ///< [a-z][a-z0-9_]*
bool valid_core_uri(std::string_view text); ///< core://{tenant slug}/{slug}
/// "30s", "5m", "1h", "7d", "2w": seconds; nullopt for anything else, and for 0.
std::optional<std::int64_t> duration_seconds(std::string_view text);
/// Why this is no cron line of five fields ("hour: '25' is not between 0 and 23"); nullopt when it is one.
/// Lists, ranges, steps, names of months and weekdays; 7 is Sunday too.
std::optional<std::string> cron_problem(std::string_view text);

/// A cron line as sets of numbers, bit n for n.
struct Cron {
    std::uint64_t minutes = 0, hours = 0, days = 0, months = 0;
    std::uint64_t weekdays = 0; ///< 0 to 6, Sunday first
    bool every_hour = false;    ///< the field starts with a star, as do the next two
    bool every_day = false, every_weekday = false;
};
std::optional<Cron> parse_cron(std::string_view text); ///< nullopt when there is a cron_problem()
/// A name of the system's time zone files; where there are none, anything of their form.
bool valid_timezone(const std::string& name, const std::string& folder = "/usr/share/zoneinfo");

} // namespace scaiflow::graph
