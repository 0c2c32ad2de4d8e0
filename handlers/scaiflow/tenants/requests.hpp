// What the endpoints about credentials share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/decode.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace scaiflow::tenants_api {

/// Of the token; forbidden when it names none.
scai::Result<std::string> tenant_of(const scai::web::Request& request);

/// Fields api_key and base_url, where they are there; what is wrong with them is rejected in `fields`.
std::optional<std::string> read_key(scai::json::Fields& fields);
std::optional<std::string> read_base_url(const Context& context, scai::json::Fields& fields);

std::string server_base_url(const Context& context);

/// One change of a tenant's credentials at a time; conflict "change_running".
scai::Result<std::unique_ptr<scai::db::AdvisoryLock>> lock_of(Context& context, const std::string& tenant_id);

/// The audit row before the effect; one more when the effect gives an error.
scai::Status audited(Context& context, const scai::web::Request& request, const std::string& tenant_id,
                     const std::string& action, const scai::json::Value& after,
                     const std::function<scai::Status()>& effect);

} // namespace scaiflow::tenants_api
