// Admission by the endpoint: for routes whose one statement serves the caller's question too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"

#include <functional>
#include <optional>

namespace scaiflow {

/// Answers the request as request.principal. Sets `seen` to the caller's versions when its statement brought
/// them along (UserVersion: xmin of his row in users and of his tenant's). Reads only, and may run twice: the
/// first answer is thrown away when the versions say that the caller has changed since he was remembered.
using AdmittedWork = std::function<scai::Result<scai::web::Response>(std::optional<UserVersion>& seen)>;

/// For rows marked Access::admitted_by_endpoint(); `access` is the row's. The gate's checks with the gate's
/// texts; one round trip when the caller is remembered and unchanged.
scai::Result<scai::web::Response> admit(Context& context, const scai::web::Request& request,
                                        const scai::web::Access& access, const AdmittedWork& work);

} // namespace scaiflow
