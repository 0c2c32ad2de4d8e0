// One ScaiVault route group in-process: its real table, gate, hook, router and context over a scratch
// database, with a clock of the test's own, a ScaiKey of the test's own and a local KMS. Nothing is faked
// inside.
//
//   test::VaultApi api("secrets", scaivault::secrets_api::routes());
//   api.add_tenant("t1", "p1");
//   const auto mia = api.user_token("usr_mia", "t1", "secrets:read secrets:write");
//   api.add_user("t1", "usr_mia", "mia@x.test");
//   api.allow("t1", "user:usr_mia", "apps/**", {"read", "write"});
//   auto answer = api.call_as(mia, "PUT", "/v1/secrets/apps/x", R"({"data":{"a":"b"}})");
//   BOOST_TEST(answer.status == 201);
//
// Rate limits are off unless a setting RATE_LIMIT_<CATEGORY> says otherwise. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/web/router.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/postgres.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace test {

struct VaultAnswer {
    int status = 0;
    scai::json::Value json; ///< absent when the body is none
    std::string body;
    std::map<std::string, std::string> headers; ///< names as sent
    std::string code() const;                   ///< error.code, "" when it is no error
    scai::json::Value details() const;          ///< error.details
};

/// What tests script of the world outside, and look at. Outlives the client a Context owns.
struct VaultWorld {
    /// Asked before the ScaiKey of the fixture; an answer ends the call.
    std::function<std::optional<scai::Result<scai::http::Response>>(const scai::http::Request&)> http;
    /// Claims by opaque token; what is not in here is {"active": false}.
    std::map<std::string, scai::json::Value> opaque;
    bool scaikey_down = false;
    int introspections = 0;
};

class VaultApi {
public:
    using Settings = std::map<std::string, std::string>;
    using Headers = std::map<std::string, std::string, std::less<>>; ///< lower-case names
    using Endpoints = std::span<const scaivault::Endpoint>;

    VaultApi(const std::string& group, Endpoints endpoints, Settings settings = {});
    /// The same database, clock and KMS seen by another group: a second process.
    VaultApi(const VaultApi& other, const std::string& group, Endpoints endpoints, Settings settings = {});
    VaultApi(const VaultApi&) = delete;
    VaultApi& operator=(const VaultApi&) = delete;
    ~VaultApi();

    /// `target` is path and query, percent-encoded; `headers` win over a JSON content type.
    VaultAnswer call(const std::string& method, const std::string& target, const std::string& body = "",
                     const Headers& headers = {});
    /// The same with "Authorization: Bearer".
    VaultAnswer call_as(const std::string& token, const std::string& method, const std::string& target,
                        const std::string& body = "", Headers headers = {});

    /// Tokens ScaiKey would issue, good for an hour of the test's clock. `scopes` are space separated.
    std::string user_token(const std::string& user, const std::string& tenant,
                           const std::string& scopes) const;
    std::string service_token(const std::string& client, const std::string& tenant,
                              const std::string& scopes) const;
    /// Any claims; iss, aud, iat and exp are added unless they are there.
    std::string token(scai::json::Value claims) const;

    // Rows of the copy of the directory.
    void add_partner(const std::string& id) const;
    void add_tenant(const std::string& id, const std::string& partner) const; ///< adds the partner too
    void add_user(const std::string& tenant, const std::string& id, const std::string& email) const;
    void add_group(const std::string& tenant, const std::string& id, const std::string& name) const;
    void add_member(const std::string& tenant, const std::string& group, const std::string& user) const;
    void add_role(const std::string& tenant, const std::string& user, const std::string& role) const;

    /// A policy of one rule bound to `identity` (canonical: "user:usr_1", "sa:x", "group:grp_1"); the
    /// policy's id. `owner` is a tenant or "partner/<id>"; `conditions` is the text of a JSON object.
    std::string allow(const std::string& owner, const std::string& identity, const std::string& pattern,
                      const std::vector<std::string>& permissions,
                      const std::string& conditions = "{}") const;

    /// Everything the trail holds of an action, oldest first, as rows of (tenant, identity, path, success,
    /// extra).
    std::vector<std::vector<std::string>> trail(const std::string& action) const;

    std::shared_ptr<const Database> database; ///< shared with a second process
    const Database& db() const { return *database; }
    scai::test::FakeClock& clock;
    std::shared_ptr<VaultWorld> world; ///< shared with the client in the context
    scaivault::Context& context() { return *context_; }
    const scai::web::Router& router() const { return *router_; }
    std::string source_ip = "10.1.0.9"; ///< of the calls

private:
    struct Shared;
    VaultApi(std::shared_ptr<Shared> shared, const std::string& group, Endpoints endpoints,
             Settings settings);
    std::shared_ptr<Shared> shared_; ///< with a second process
    std::unique_ptr<scaivault::Context> context_;
    std::unique_ptr<scai::web::Router> router_;
};

} // namespace test
