// A flow to ScaiGrid (contract scaiflow-api.md 8.1; scaigrid.md 4-6, 12 N3): queues, Core, publication. The
// same steps for the API, for POST /v1/dev/deploy and for the command line; who runs them says through a
// Journal what becomes of the records. Every step finds before it makes, so the whole may be run again after
// any death in the middle: nothing is made twice. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/grid/client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::deploy {

/// A flow that compiled.
struct Artefact {
    std::string flow_id;   ///< scaiflow_meta.source_id of its Core
    std::string core_slug; ///< what ScaiGrid makes of the Core's name
    std::string manifest;  ///< YAML
    scai::json::Value scaiqueue;
    bool publish = false;
    std::vector<std::string> group_ids;
};
/// bad_request "compile_error" with `errors` and `diagnostics`. `publish` goes before the flow's own setting.
scai::Result<Artefact> compile(const scai::json::Value& content, std::optional<bool> publish);

struct Known {
    std::optional<std::string> core_id; ///< of the last deployment of this flow to this ScaiGrid
    /// A Core may be there that nobody wrote down: somebody died, or got no answer, while making one.
    bool search = false;
    std::string tenant_slug; ///< "" when not known; for ScaiGrids that do not say how a model is called
};

struct Deployed {
    std::string core_id;
    std::optional<std::string> published_slug;
};

/// What is written down. A step that begins is on disk before anything is sent; an error ends the pipeline.
class Journal {
public:
    virtual ~Journal() = default;
    virtual scai::Status begin(std::string_view step, const scai::json::Value& detail) = 0;
    enum class Outcome { ok, failed, unknown }; ///< unknown: sent, but the answer did not come
    /// May be written with what comes next.
    virtual void end(Outcome outcome, const scai::json::Value& detail) = 0;
    /// As soon as it is known; written like end().
    virtual void core(const std::string& core_id) = 0;
};

/// Records nothing.
class NoJournal final : public Journal {
public:
    scai::Status begin(std::string_view, const scai::json::Value&) override { return scai::Done{}; }
    void end(Outcome, const scai::json::Value&) override {}
    void core(const std::string&) override {}
};

/// Errors: upstream (timeout when no answer came in time) "scaiqueue_auth", "scaiqueue_provision_failed"
/// {scope, queue}, "scaicore_create_failed" {status}, "scaicore_publish_failed" {core_id, status}; all with
/// `fix`.
scai::Result<Deployed> run(grid::Client& grid, const Artefact& artefact, const Known& known, Journal& journal,
                           std::chrono::steady_clock::time_point deadline);

inline constexpr std::chrono::seconds call_limit{30}, deploy_limit{240};

} // namespace scaiflow::deploy
