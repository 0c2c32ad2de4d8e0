// Registration: makes ScaiKey know this ScaiFlow, through ScaiKey's admin API. Idempotent: the application is
// found by client id, else by name; the webhook by its URL. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client.hpp"
#include "lib/scaiflow/registration/model.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaiflow::registration {

/// Creates or completes application and webhook. Nothing that exists is taken away: lists are widened, a
/// secret is replaced only with wish.rotate_secret. Errors: unauthenticated/forbidden (the admin token),
/// conflict "secret_unknown" (the application exists, its secret is not here), upstream (ScaiKey down).
scai::Result<Outcome> apply(scai::http::Client& client, const Wish& wish, std::string_view admin_token,
                            const Known& known);

/// Replaces the settings in the file at once: a temporary file beside it, fsync, rename; mode 0600; owner as
/// before. A symbolic link is followed. Error: what could not be done with the file.
scai::Status write_env_file(const std::string& path,
                            const std::vector<std::pair<std::string, std::string_view>>& settings);

} // namespace scaiflow::registration
