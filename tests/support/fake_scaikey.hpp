// ScaiKey as an http::Client: discovery, keys, a scripted token endpoint, and tokens it signs. Thread-safe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace test {

inline constexpr const char* scaikey_url = "https://id.example";
inline constexpr const char* scaikey_client = "flowclient";

/// What tests script and look at; it outlives the client that a Context owns.
struct ScaiKeyScript {
    /// Answer of the token endpoint to a form body; the default refuses with invalid_grant.
    std::function<scai::Result<scai::http::Response>(const std::string& form)> token;
    bool keys_down = false;
    std::mutex mutex;
    std::vector<scai::http::Request> requests;

    std::size_t token_calls();
};

class FakeScaiKey final : public scai::http::Client {
public:
    FakeScaiKey(std::shared_ptr<ScaiKeyScript> script, scai::json::Value public_keys)
        : script_(std::move(script)), public_keys_(std::move(public_keys)) {}
    scai::Result<scai::http::Response> send(const scai::http::Request& request) override;

private:
    std::shared_ptr<ScaiKeyScript> script_; // shared with the test
    scai::json::Value public_keys_;
};

/// One RSA key for the whole test process: making one costs 100 ms.
const scai::json::Value& signing_key();
scai::json::Value public_keys();

/// Claims of a good user token; change or add what the case is about.
scai::json::Value user_claims(scai::UtcTime now, const std::string& subject, const std::string& tenant);
scai::json::Value service_claims(scai::UtcTime now, const std::string& client);
std::string signed_token(const scai::json::Value& claims);

scai::http::Response http_answer(int status, const std::string& body);

} // namespace test
