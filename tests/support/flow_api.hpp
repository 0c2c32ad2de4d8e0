// One ScaiFlow route group in-process: its real table, router and context over a scratch database, with a
// clock of the test's own and a ScaiKey that has keys and a service token and nothing else
// (SCAIKEY_BASE_URL of a FakeDirectory gives it people). Calls go through the real gate when
// they carry a token, else through a gate that believes `who`.
//
//   test::FlowApi api("admin", scaiflow::admin_api::routes());
//   api.who = test::super_admin();
//   auto answer = api.call("GET", "/v1/admin/users?limit=1");
//   BOOST_TEST(answer.status == 200);
//   BOOST_TEST(answer.json.get("users").size() == 1);
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/router.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/postgres.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace test {

struct FlowAnswer {
    int status = 0;
    scai::json::Value json; ///< absent when the body is none
    std::string body;
    std::map<std::string, std::string> headers; ///< names as sent
    std::shared_ptr<scai::web::Stream> stream;  ///< of an answer that goes on
    /// detail.error, or detail when it is plain text, or the first field's message.
    std::string detail() const;
};

scai::web::Principal super_admin(const std::string& tenant = "t1");
scai::web::Principal tenant_admin(const std::string& tenant = "t1");
scai::web::Principal plain_user(const std::string& tenant = "t1");

class FlowApi {
public:
    using Settings = std::map<std::string, std::string>;
    using Headers = std::map<std::string, std::string, std::less<>>; ///< lower-case names
    using Routes = std::span<const scai::web::Route<scaiflow::Context>>;

    FlowApi(const std::string& group, Routes routes, Settings settings = {});
    FlowApi(const FlowApi&) = delete; // the gate points here
    FlowApi& operator=(const FlowApi&) = delete;

    /// `target` is path and query, percent-encoded; `headers` win over a JSON content type.
    FlowAnswer call(const std::string& method, const std::string& target, const std::string& body = "",
                    const Headers& headers = {});
    /// The same with "Authorization: Bearer" and the real gate.
    FlowAnswer call_as(const std::string& token, const std::string& method, const std::string& target,
                       const std::string& body = "");
    /// An access token ScaiKey would issue, good for an hour of the test's clock.
    std::string token(const std::string& user, const std::string& tenant) const;
    /// The same with a claim `permissions`.
    std::string token(const std::string& user, const std::string& tenant,
                      const std::vector<std::string>& permissions) const;
    std::string service_token() const; ///< client credentials

    Database db;
    scai::test::FakeClock& clock;
    scaiflow::Context& context() { return *context_; }
    const scai::web::Router& router() const { return *router_; }
    scai::web::Principal who; ///< subject "" = nobody: 401
    bool can_stream = false;  ///< requests may be answered with streams

private:
    std::unique_ptr<scaiflow::Context> context_;
    std::unique_ptr<scai::web::Router> router_;
};

} // namespace test
