// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/world.hpp"

namespace scaigrid::runs {

std::unique_ptr<World> make_world(const scai::config::Settings& settings, scai::http::Client& http) {
    auto world = std::make_unique<World>();
    world->limits.lease = std::chrono::seconds(settings.integer("SCAIGRID_RUN_LEASE_SECONDS"));
    world->limits.answer_within = std::chrono::seconds(settings.integer("SCAIGRID_INVOKE_WAIT_SECONDS"));
    world->limits.longest = std::chrono::seconds(settings.integer("SCAIGRID_RUN_LIMIT_SECONDS"));
    world->limits.allow_private = settings.flag("SCAIGRID_HTTP_ALLOW_PRIVATE");
    world->llm = llm::make(settings, http);
    return world;
}

} // namespace scaigrid::runs
