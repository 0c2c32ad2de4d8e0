// When a schedule is due. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::triggers {

/// The first time after `after` at which the cron line is due in that time zone; nullopt when the line or the
/// zone is none, or no such day comes within eight years (30 February). As cron has it: with both a day of
/// the month and a day of the week given, either will do. A time that the clocks skip is due when they have
/// skipped it; one that comes twice is due the first time only, unless the hour starts with a star.
std::optional<scai::UtcTime> next_due(std::string_view cron, const std::string& timezone,
                                      scai::UtcTime after);

} // namespace scaigrid::triggers
