// A Core: a deployed flow (contract scaigrid.md 3.2, 4). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid {
struct Context;
} // namespace scaigrid

namespace scaigrid::cores {

/// What a run needs of a Core. `module` is the IR (lib/scir) made when the Core was created or replaced: from
/// the manifest's steps by ScaiFlow's importer and compiler, from the JSON body's `source` as it is.
struct Runnable {
    std::string id, name, slug, status;
    std::string concurrency_mode; ///< stateless, entity, singleton
    std::string entity_key_field;
    std::string checkpoint_mode; ///< auto, visual_queue, routed
    std::int64_t revision = 0;   ///< changes with the module; runs keep the one they began with
    std::shared_ptr<const scai::json::Value> module; ///< null when the Core has no source yet
};

/// Within the tenant's scope; nothing when there is no such Core. Parsed modules are kept by (id, revision).
std::optional<Runnable> find_runnable(Context& context, std::string_view tenant_id, std::string_view id);

/// A Core that is published as a model of this slug.
struct Published {
    std::string core_id, slug;
    std::vector<std::string> group_ids; ///< empty: the whole tenant may use it (models::may_use)
};
std::optional<Published> find_published(Context& context, std::string_view tenant_id, std::string_view slug);

/// The module of a manifest (YAML parsed to a tree) or of an IR object; unprocessable, message "verifier
/// error: ...", for steps the runtime does not know or a module that does not verify.
scai::Result<scai::json::Value> module_of(const scai::json::Value& source);

} // namespace scaigrid::cores
