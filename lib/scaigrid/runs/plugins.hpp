// Plugin calls of a run. The embedded ScaiGrid has a few of its own, which need no network: clock (now),
// random (uuid, integer), events (emit), scaiqueue (publish, escalate, consume) and scaibunker, whose
// sandboxes are records: files written are read back within the run, and a command is not run but answered
// with a text that says so. http (request) is a call to the world. A plugin that the module declares with an
// http(s) endpoint is called there. Any other fails its block with plugin_unknown. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "lib/scaigrid/runs/model.hpp"

#include <map>

namespace scaigrid::runs {

struct PluginCall {
    const Execution& execution;
    const scai::json::Value& module;
    const scai::scir::Effect& effect;
    std::string plugin() const { return effect.request.member("plugin"); }
    std::string method() const { return effect.request.member("method"); }
    scai::json::Value args() const { return effect.request.get("args"); }
};

/// Files of the sandboxes of one run.
using Files = std::map<std::string, std::string>;
/// Brings them to where they were after this call; for calls whose answer is known.
void replay_files(const PluginCall& call, Files& files);

/// It goes over the network, so it cannot be part of a transaction.
bool is_remote(const PluginCall& call);
/// How long at most.
std::chrono::milliseconds time_limit(const PluginCall& call);

scai::scir::Outcome call_remote(scai::http::Client& http, const PluginCall& call, bool allow_private);
/// In the transaction that stores the answer; `emitted` goes out with it.
scai::scir::Outcome call_local(scai::db::Tx& tx, const scai::Clock& clock, const PluginCall& call,
                               Files& files, std::vector<events::Event>& emitted);

} // namespace scaigrid::runs
