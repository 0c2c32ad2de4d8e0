// Opaque tokens (skt_...): ScaiKey is asked (RFC 7662), its yes is believed for at most a minute. Private to
// this folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/authenticator.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

/// Claims of a verified token, or of an introspection answer.
scai::Result<Credential> credential_of(const scai::json::Value& claims);

/// Thread-safe. One call at a time for one token; who comes meanwhile gets its answer.
class Introspection {
public:
    Introspection(scai::http::Client& http, const scai::Clock& clock, scai::oidc::Provider& provider,
                  std::vector<std::string> audiences);
    ~Introspection();
    scai::Result<std::shared_ptr<const Credential>> identify(std::string_view token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault
