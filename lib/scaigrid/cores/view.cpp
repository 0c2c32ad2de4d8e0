// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaigrid/cores/core.hpp"
#include "lib/scaigrid/cores/environment.hpp"

namespace scaigrid::cores {

using scai::json::Value;

namespace {

Value time_of(std::int64_t microseconds) {
    return scai::to_iso8601(scai::UtcTime(std::chrono::microseconds(microseconds)));
}

/// What the client keeps there, and what publishing adds (contract scaigrid.md 5.3).
Value shown_metadata(const Core& core) {
    auto out = Value::object();
    core.metadata.each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    if (const auto& published = core.publication)
        out.set("published", true)
            .set("published_model_id", published->model_id)
            .set("published_backend_id", published->backend_id)
            .set("published_slug", published->slug);
    return out;
}

} // namespace

Value view(const Core& core, View form) {
    auto out = Value::object({{"id", core.id},
                              {"tenant_id", core.tenant_id},
                              {"name", core.name},
                              {"slug", core.slug},
                              {"status", core.status},
                              {"runtime_mode", core.runtime_mode},
                              {"concurrency_mode", core.concurrency_mode},
                              {"entity_key_field", core.entity_key_field},
                              {"privilege_level", core.privilege_level},
                              {"checkpoint_mode", core.checkpoint_mode}});
    if (!core.status_reason.empty())
        out.set("status_reason", core.status_reason);
    if (form == View::full)
        out.set("source", core.source);
    return out.set("plugins", core.plugins)
        .set("environment", shown_environment(core.environment))
        .set("resource_limits", core.resource_limits)
        .set("metadata", shown_metadata(core))
        .set("avatar_url",
             core.has_avatar && core.publication
                 ? Value("/v1/models/" + scai::percent_encode(core.publication->model_id) + "/avatar")
                 : Value(nullptr))
        .set("revision", core.revision)
        .set("created_at", time_of(core.created_at))
        .set("updated_at", time_of(core.updated_at));
}

} // namespace scaigrid::cores
