// Cores and runs of the embedded ScaiGrid in a test's database. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/runs/runs.hpp"
#include "tests/support/grid_api.hpp"
#include "tests/support/scir_modules.hpp"

#include <string>
#include <vector>

namespace test {

struct GridCore {
    std::string id = "core_a", tenant = "tnt_a", slug = "bot";
    std::string mode = "stateless", entity_key_field = {}, checkpoint_mode = "auto", status = "running";
};

/// A Core with a module around these blocks (JSON with ' for "); replaces one of the same id.
inline void put_core(const GridApi& api, const std::string& body, const GridCore& core = {}) {
    std::string module = scai::test::module_of(body).dump();
    const auto quoted = [](const std::string& text) {
        std::string out = "'";
        for (const char c : text)
            out += c == '\'' ? std::string("''") : std::string(1, c);
        return out + "'";
    };
    api.db().sql("INSERT INTO scaigrid.cores (tenant_id, id, name, slug, status, concurrency_mode, "
                 "entity_key_field, checkpoint_mode, module, created_by) VALUES (" +
                 quoted(core.tenant) + "," + quoted(core.id) + "," + quoted(core.slug) + "," +
                 quoted(core.slug) + "," + quoted(core.status) + "," + quoted(core.mode) + ",nullif(" +
                 quoted(core.entity_key_field) + ",'')," + quoted(core.checkpoint_mode) + "," +
                 quoted(module) +
                 ",'usr_t') ON CONFLICT (tenant_id, id) DO UPDATE SET module = EXCLUDED.module, "
                 "revision = cores.revision + 1, status = EXCLUDED.status");
}

inline scai::Result<scai::json::Value> run_core(GridApi& api, const std::string& input = "{}",
                                                const GridCore& core = {}) {
    return scaigrid::runs::invoke(api.context(), core.tenant,
                                  {.core_id = core.id,
                                   .trigger = "",
                                   .input = scai::test::loose_json(input),
                                   .instance_key = "",
                                   .caused_by = "usr_t"});
}

/// The types of all events, oldest first, without "scaicore.runtime.".
inline std::vector<std::string> event_types(const GridApi& api) {
    std::vector<std::string> out;
    for (const auto& row : api.db().rows("SELECT replace(type, 'scaicore.runtime.', '') || coalesce(':' || "
                                         "(payload ->> 'node_id'), '') FROM scaigrid.events ORDER BY "
                                         "tenant_id, position"))
        out.push_back(row[0]);
    return out;
}

/// What a job of the same host works with: its role, the test's clock, no network.
inline std::unique_ptr<scaigrid::Context> jobs_context(const GridApi& api, scaigrid::Context& handler) {
    class SameClock final : public scai::Clock {
    public:
        explicit SameClock(const scai::Clock& clock) : clock_(clock) {}
        scai::UtcTime now() const override { return clock_.now(); }

    private:
        const scai::Clock& clock_;
    };
    return std::make_unique<scaigrid::Context>(
        handler.settings, "jobs",
        scaigrid::Edges{.http = std::make_unique<scai::http::CurlClient>(),
                        .clock = std::make_unique<SameClock>(api.clock)});
}

} // namespace test
