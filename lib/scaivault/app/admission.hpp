// From what a token says to who that is here and what counts of it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/authenticator.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/store_caller.hpp"

#include <string>

namespace scaivault {

/// One round trip. `named_tenant` is the tenant that was asked for in so many words, "" = the token's.
/// token_revoked for disabled and deleted users, tenant_access_denied, tenant_not_found. With
/// `without_directory` a tenant the copy of the directory does not know (yet) is no obstacle, nor is none at
/// all.
scai::Result<Caller> admit(Context& context, const Credential& credential, const std::string& named_tenant,
                           bool without_directory);

/// The same from what is remembered, without a round trip: right as long as the database confirms known's
/// version.
scai::Result<Caller> admit_known(const Credential& credential, const Known& known, bool without_directory);
Sought sought(const Credential& credential, const std::string& named_tenant);

} // namespace scaivault
