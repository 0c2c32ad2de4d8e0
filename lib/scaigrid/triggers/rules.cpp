// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/triggers/rules.hpp"

#include "lib/scaiflow/graph/formats.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace scaigrid::triggers {

namespace {

using scaiflow::graph::Cron;
using std::chrono::seconds;

constexpr int longest_wait_days = 8 * 366 + 1; // 29 February over a year 2100

const date::time_zone* zone_of(const std::string& name) {
    try {
        return date::locate_zone(name.empty() ? "UTC" : name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

bool has(std::uint64_t set, unsigned number) {
    return (set >> number & 1U) != 0;
}

bool day_fits(const Cron& cron, date::local_days day) {
    const date::year_month_day parts(day);
    if (!has(cron.months, static_cast<unsigned>(parts.month())))
        return false;
    const bool by_day = has(cron.days, static_cast<unsigned>(parts.day()));
    const bool by_weekday = has(cron.weekdays, date::weekday(day).c_encoding());
    return cron.every_day || cron.every_weekday ? by_day && by_weekday : by_day || by_weekday;
}

/// Keeps the earliest of the times offered that is after a given one.
struct Earliest {
    date::sys_seconds after;
    std::optional<date::sys_seconds> found;
    void offer(date::sys_seconds time) {
        if (time > after && (!found || time < *found))
            found = time;
    }
};

void offer(const Cron& cron, const date::time_zone& zone, date::local_seconds local, Earliest& earliest) {
    const date::local_info info = zone.get_info(local);
    switch (info.result) {
    case date::local_info::nonexistent:
        if (!cron.every_hour)
            earliest.offer(info.first.end);
        break;
    case date::local_info::ambiguous:
        if (cron.every_hour)
            earliest.offer(date::sys_seconds(local.time_since_epoch() - info.second.offset));
        [[fallthrough]];
    default:
        earliest.offer(date::sys_seconds(local.time_since_epoch() - info.first.offset));
    }
}

} // namespace

std::optional<scai::UtcTime> next_due(std::string_view text, const std::string& timezone,
                                      scai::UtcTime after) {
    const auto cron = scaiflow::graph::parse_cron(text);
    const date::time_zone* const zone = zone_of(timezone);
    if (!cron || zone == nullptr)
        return std::nullopt;
    Earliest earliest{date::floor<seconds>(after), std::nullopt};
    // From the day before: clocks set back over midnight.
    auto day = date::floor<date::days>(zone->to_local(earliest.after)) - date::days(1);
    for (int i = 0; i < longest_wait_days && !earliest.found; ++i, day += date::days(1)) {
        if (!day_fits(*cron, day))
            continue;
        for (unsigned hour = 0; hour < 24; ++hour)
            for (unsigned minute = 0; has(cron->hours, hour) && minute < 60; ++minute)
                if (has(cron->minutes, minute))
                    offer(*cron, *zone, day + std::chrono::hours(hour) + std::chrono::minutes(minute),
                          earliest);
    }
    if (!earliest.found)
        return std::nullopt;
    return scai::UtcTime(earliest.found->time_since_epoch());
}

} // namespace scaigrid::triggers
