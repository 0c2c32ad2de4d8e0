// What runs need of a process beside the database. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/llm/provider.hpp"
#include "lib/scaigrid/runs/model.hpp"

#include <memory>

namespace scaigrid::runs {

struct World {
    Limits limits;
    std::unique_ptr<llm::Provider> llm;
};

/// By the SCAIGRID_ settings of runs and of the model's endpoint.
std::unique_ptr<World> make_world(const scai::config::Settings& settings, scai::http::Client& http);

} // namespace scaigrid::runs
