// Webhook triggers: who may call them, and the run a call begins. A caller proves that it knows the trigger's
// secret: by an HMAC over the raw body (X-ScaiGrid-Signature, contract scaigrid.md 9), or by sending the
// secret itself as bearer. The secret is made when somebody who manages the Core first lists its triggers;
// until then nobody can call. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::triggers {

/// The Core's triggers as the API shows them: {kind, name, node_id, ...}, with `url` and `secret` for
/// webhooks, `cron`, `timezone`, `next_due`, `last_due` for schedules.
scai::json::Value list(Context& context, const std::string& tenant_id, const cores::Runnable& core);

/// A new secret in place of the old one; not_found when the Core has no such webhook trigger.
scai::Result<scai::json::Value> rotate(Context& context, const std::string& tenant_id,
                                       const cores::Runnable& core, const std::string& name);

/// "sha256=<hex>" of the body with that secret.
std::string signature(std::string_view secret, std::string_view body);
/// Whether a request carries the secret or a signature with it. Time depends on lengths only.
bool proves(const scai::web::Request& request, std::string_view secret);

struct Hook {
    std::string tenant_id, secret;
};
/// Of whichever tenant the Core is.
std::optional<Hook> find_hook(scai::db::Pool& pool, const std::string& core_id, const std::string& name);

/// The input of a run: the body's members when it is a JSON object, {body} otherwise.
scai::json::Value input_of(const scai::web::Request& request);

} // namespace scaigrid::triggers
