// What `scaiflow scaikey-register` wants ScaiKey to know about this ScaiFlow, and what came of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::registration {

/// The application and the webhook as they should be.
struct Wish {
    std::string scaikey_url; ///< no trailing slash
    std::string public_url;  ///< of this ScaiFlow; no trailing slash
    std::string name = "ScaiFlow";
    std::string scope = "GLOBAL"; ///< GLOBAL, or TENANT with `tenant_id`
    std::string tenant_id;
    std::vector<std::string> redirect_uris; ///< first: <public_url>/auth/callback
    std::vector<std::string> allowed_scopes;
    std::string webhook_url;       ///< <public_url>/api/v1/webhooks/scaikey
    bool assign_all_users = false; ///< embedded ScaiKey: every user is effective without assignment
    bool rotate_secret = false;    ///< an application whose secret is not known here gets a new one
};

/// What the env file holds already.
struct Known {
    std::string client_id;
    scai::SecretText client_secret;
    scai::SecretText webhook_secret;
};

struct Outcome {
    std::string application_id, client_id;
    scai::SecretText client_secret;
    std::string application_change; ///< created, updated, unchanged, secret_rotated
    std::string webhook_id;
    scai::SecretText webhook_secret;
    std::string webhook_change; ///< created, recreated, unchanged
    std::vector<std::string> warnings;
};

} // namespace scaiflow::registration
