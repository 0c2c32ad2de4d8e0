// What the runtime reports about a run (contract scaigrid.md 5.1): six kinds of events, and the authors' own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/runs/model.hpp"

namespace scaigrid::runs {

inline constexpr std::size_t shown_bytes = 4096; ///< of JSON; longer values are left out and said to be

events::Event started_event(const Execution& execution, scai::UtcTime at);
/// `error` absent: completed.
events::Event ended_event(const Execution& execution, const scai::json::Value& output,
                          const scai::json::Value& error, scai::UtcTime at);
events::Event block_event(const Execution& execution, const scai::scir::Event& event, scai::UtcTime at);
/// An author's own; `payload` gets the execution_id unless it has one.
events::Event author_event(const Execution& execution, const std::string& type,
                           const scai::json::Value& payload, scai::UtcTime at);

/// Why an author may not call an event so; nullopt when he may. Names of the platform's own are taken.
std::optional<std::string> event_name_problem(std::string_view type);

} // namespace scaigrid::runs
