// Decisions of the registration: what to ask ScaiKey for, what differs, how the env file changes. Values
// only. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/registration/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaiflow::registration {

/// 400 `usage`: the command was not given what it needs.
scai::Error usage(std::string message);

/// Scopes of the application: sign-in, the fast sweep (admin:*), and the narrow ones of the member walk.
std::vector<std::string> wanted_scopes();
/// "http://127.0.0.1:8080/" -> without the slash. Refuses what is no absolute http(s) URL, has a query, a
/// fragment or user info.
scai::Result<std::string> clean_url(std::string_view url, std::string_view option);
bool is_loopback(std::string_view url);
/// Redirect URIs of a public URL; a loopback one is reached by both its names.
std::vector<std::string> redirect_uris_for(const std::string& public_url);

scai::json::Value application_body(const Wish& wish);
/// PATCH body that adds what is missing, or nullopt. Lists are replaced by PATCH (contract scaikey.md 3), so
/// they are sent whole, with what others added to them.
std::optional<scai::json::Value> application_patch(const scai::json::Value& existing, const Wish& wish);
scai::json::Value webhook_body(const Wish& wish, std::string_view secret);

/// Rows of a list answer in any of the shapes of contract scaikey.md 10.3; absent when there is none.
scai::json::Value rows_of(const scai::json::Value& body);
/// Single resource: `data` when the root has no id.
scai::json::Value resource_of(const scai::json::Value& body);

/// The text of an env file with these settings replaced in place or appended; everything else stays as it
/// was. A value with a line break is an error naming the setting.
scai::Result<std::string>
merge_env_file(std::string_view text, const std::vector<std::pair<std::string, std::string_view>>& settings);

} // namespace scaiflow::registration
