// ScaiVault's group `secrets` (vault_api.hpp) behind a real port, with ScaiFlow's service identity and
// exactly its policy, and a script of which write goes wrong. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/secrets/handlers.hpp"
#include "lib/base/strings.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/vault_api.hpp"

#include <atomic>
#include <string>

namespace test {

class VaultServer {
public:
    VaultServer() : vault("secrets", scaivault::secrets_api::routes()) {
        vault.add_tenant("tnt_platform", "prt_platform");
        token = vault.service_token("scaiflow-service", "tnt_platform",
                                    "secrets:read secrets:write secrets:delete");
        for (const auto* name : {"scaigrid_api_key", "scaigrid_base_url"})
            vault.allow("tnt_platform", "sa:scaiflow-service", "tenants/*/" + std::string(name),
                        {"read", "write", "delete"});
    }

    std::string url() const { return server_.url(); }
    /// Settings of a ScaiFlow that uses it.
    std::map<std::string, std::string> settings() const {
        return {{"SCAIVAULT_BASE_URL", url()}, {"SCAIVAULT_TOKEN", token}};
    }
    /// What ScaiFlow would read itself.
    VaultAnswer read(const std::string& path) { return vault.call_as(token, "GET", "/v1/secrets/" + path); }

    VaultApi vault;
    std::string token;
    std::atomic<bool> down = false;           ///< every connection is closed without an answer
    std::atomic<int> broken_write = 0;        ///< 1: the next write breaks, 2: the one after it
    std::atomic<bool> broken_applied = false; ///< it takes place all the same
    std::atomic<int> reads = 0;

private:
    scai::test::HttpReply answer(const scai::test::HttpRequest& request) {
        using scai::test::Fault;
        if (down)
            return {.fault = Fault::hang_up};
        const bool write = request.method == "PUT" || request.method == "DELETE";
        reads += write ? 0 : 1;
        const bool breaks = write && broken_write > 0 && --broken_write == 0;
        if (breaks && !broken_applied)
            return {.status = 500, .body = "{}"};
        VaultApi::Headers headers;
        for (const auto& [name, value] : request.headers)
            headers[scai::to_lower(name)] = value;
        const auto got = vault.call(request.method, request.target, request.body, headers);
        if (breaks) // a closed connection would make the client send a PUT again
            return {.fault = Fault::garbage};
        scai::test::HttpReply reply{.status = got.status, .body = got.body};
        for (const auto& [name, value] : got.headers)
            if (scai::to_lower(name) != "content-type" && scai::to_lower(name) != "content-length")
                reply.headers.emplace_back(name, value);
        return reply;
    }
    scai::test::HttpServer server_{
        [this](const scai::test::HttpRequest& request) { return answer(request); }};
};

} // namespace test
