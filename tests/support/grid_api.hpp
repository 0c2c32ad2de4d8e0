// The embedded ScaiGrid's handler in-process: its real tables, gate, hook, router and context over a scratch
// database, with a clock and a ScaiKey of the test's own. Nothing is faked inside.
//
//   test::GridApi api;
//   const auto mia = api.user_token("usr_mia", "tnt_a", "tenant_admin");
//   auto answer = api.call_as(mia, "POST", "/v1/modules/scaicore/cores", R"({"name":"Bot"})");
//   BOOST_TEST(answer.status == 201);
//   BOOST_TEST(answer.json.get("data").member("slug") == "bot");
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/context.hpp"
#include "lib/web/router.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/postgres.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace test {

struct GridAnswer {
    int status = 0;
    scai::json::Value json; ///< absent when the body is none
    std::string body;
    std::map<std::string, std::string> headers; ///< names as sent
    std::string code() const;                   ///< error.code, "" when it is no error
    scai::json::Value data() const { return json.get("data"); }
};

/// What tests script of the world outside, and look at. Outlives the client a Context owns.
struct GridWorld {
    /// Asked before the ScaiKey of the fixture; an answer ends the call.
    std::function<std::optional<scai::Result<scai::http::Response>>(const scai::http::Request&)> http;
    bool scaikey_down = false;
};

class GridApi {
public:
    using Settings = std::map<std::string, std::string>;
    using Headers = std::map<std::string, std::string, std::less<>>; ///< lower-case names

    explicit GridApi(std::initializer_list<Settings::value_type> settings = {});
    /// The same database and clock seen by another process.
    explicit GridApi(const GridApi* other, Settings settings = {});
    GridApi(const GridApi&) = delete;
    GridApi& operator=(const GridApi&) = delete;
    ~GridApi();

    /// `target` is path and query, percent-encoded; `headers` win over a JSON content type.
    GridAnswer call(const std::string& method, const std::string& target, const std::string& body = "",
                    const Headers& headers = {});
    /// The same with "Authorization: Bearer".
    GridAnswer call_as(const std::string& bearer, const std::string& method, const std::string& target,
                       const std::string& body = "", Headers headers = {});

    /// Tokens ScaiKey would issue, good for an hour of the test's clock.
    std::string user_token(const std::string& user, const std::string& tenant,
                           const std::string& role = "tenant_user") const;
    /// Any claims; iss, aud, iat and exp are added unless they are there.
    std::string token(scai::json::Value claims) const;
    /// A key of a user with this role; the role is given to the user in ScaiGrid itself.
    std::string api_key(const std::string& user, const std::string& tenant,
                        const std::string& role = "tenant_admin") const;

    const Database& db() const { return *database; }
    std::shared_ptr<const Database> database; ///< shared with a second process
    scai::test::FakeClock& clock;
    std::shared_ptr<GridWorld> world; ///< shared with the client in the context
    scaigrid::Context& context() { return *context_; }
    const scai::web::Router& router() const { return *router_; }

private:
    struct Shared;
    GridApi(std::shared_ptr<Shared> shared, Settings settings);
    std::shared_ptr<Shared> shared_; ///< with a second process
    std::unique_ptr<scaigrid::Context> context_;
    std::unique_ptr<scai::web::Router> router_;
};

} // namespace test
