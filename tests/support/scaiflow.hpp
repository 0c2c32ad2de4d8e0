// A ScaiFlow group in this process: real database, fake ScaiKey, fake clock. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/router.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_scaikey.hpp"
#include "tests/support/postgres.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>

namespace test {

struct ScaiFlowGroup {
    /// `settings` are laid over good defaults; "" unsets one.
    ScaiFlowGroup(const Database& database, const std::string& group,
                  std::span<const scai::web::Route<scaiflow::Context>> routes,
                  const std::map<std::string, std::string>& settings = {});

    scai::web::Response send(scai::web::Request request) const;
    scai::web::Response get(const std::string& path, const std::string& token = "") const;
    scai::web::Response post(const std::string& path, const std::string& body,
                             const std::string& token = "") const;

    std::string user_token(const std::string& subject, const std::string& tenant) const;
    std::string token(const scai::json::Value& claims) const { return signed_token(claims); }
    scai::UtcTime now() const { return clock->now(); }

    std::shared_ptr<ScaiKeyScript> scaikey = std::make_shared<ScaiKeyScript>();
    scai::test::FakeClock* clock = nullptr; ///< owned by the context
    std::unique_ptr<scaiflow::Context> context;
    std::unique_ptr<scai::web::Router> router;
};

std::string header(const scai::web::Response& response, std::string_view name);
/// detail of {"detail": ...}
scai::json::Value detail(const scai::web::Response& response);

} // namespace test
