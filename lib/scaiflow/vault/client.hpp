// ScaiVault over its HTTP API as ScaiFlow's service identity: a token of ScaiKey by client credentials, or
// SCAIVAULT_TOKEN. One kind of failure, because a caller can do one thing about it: unavailable
// "scaivault_unavailable", whose message says whether ScaiVault is down, refuses the identity or is not set
// up. No error repeats a value. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/config/settings.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "lib/oidc/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::vault {

/// Thread-safe.
class Client {
public:
    Client(const scai::config::Settings& settings, scai::http::Client& http, const scai::Clock& clock);

    bool configured() const; ///< there is a URL and something to identify with

    struct Secret {
        std::int64_t version = 0;
        scai::json::Value data;
    };
    /// The current version, or the one asked for; nothing when there is no such secret or version.
    scai::Result<std::optional<Secret>> read(const std::string& path,
                                             std::optional<std::int64_t> version = std::nullopt);
    /// Appends a version and gives its number. A recoverable secret at the path is removed for good first.
    scai::Result<std::int64_t> write(const std::string& path, std::string_view type,
                                     const scai::json::Value& data, std::int64_t max_versions);
    /// For good; false when there was none.
    scai::Result<bool> remove(const std::string& path);

private:
    scai::Result<scai::http::Response> send(const std::string& method, const std::string& target,
                                            const std::string& body);
    scai::Result<scai::SecretText> token();

    std::string base_url_;
    scai::SecretText fixed_token_;
    scai::http::Client& http_;
    scai::oidc::Provider provider_;
    scai::oidc::ServiceToken service_token_;
};

} // namespace scaiflow::vault
