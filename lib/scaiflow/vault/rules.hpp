// Where a tenant's credentials are in ScaiVault, and what a key and a base URL may look like.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace scaiflow::vault {

/// A tenant id as one segment of a ScaiVault path, whose alphabet is a-z 0-9 - _: an id of these characters
/// is itself ("tnt_acme"), any other, and any that begins with "x-", is "x-" and its bytes in hex ("Acme" ->
/// "x-41636d65"). So no two tenants share a segment. unprocessable for an id of more than 200 bytes.
scai::Result<std::string> segment_of(std::string_view tenant_id);

struct Paths {
    std::string key, base_url; ///< tenants/<segment>/scaigrid_api_key, .../scaigrid_base_url
};
scai::Result<Paths> paths_of(std::string_view tenant_id);

/// sgk_ and 8 to 508 further visible ASCII characters.
bool valid_key(std::string_view key);
/// "sgk_…9f3c"
std::string masked(std::string_view key);

/// Without trailing slashes. "" when it is no http(s) URL of scheme, host, port and path: no user, query or
/// fragment.
std::string normal_base_url(std::string_view url);

} // namespace scaiflow::vault
