// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scaiflow.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/settings.hpp"

#include <stdexcept>

namespace test {

using scai::web::Request;
using scai::web::Response;

ScaiFlowGroup::ScaiFlowGroup(const Database& database, const std::string& group,
                             std::span<const scai::web::Route<scaiflow::Context>> routes,
                             const std::map<std::string, std::string>& settings) {
    std::map<std::string, std::string> values{{"DATABASE_URL", database.url},
                                              {"DB_POOL_SIZE", "4"},
                                              {"SCAIKEY_BASE_URL", scaikey_url},
                                              {"SCAIFLOW_SCAIKEY_CLIENT_ID", scaikey_client},
                                              {"SCAIFLOW_SCAIKEY_CLIENT_SECRET", "client-secret-text"}};
    for (const auto& [name, value] : settings)
        values[name] = value;
    auto loaded = scai::config::Settings::from_values(scaiflow::settings_table, values);
    if (!loaded)
        throw std::runtime_error(loaded.error().message);
    auto owned_clock = std::make_unique<scai::test::FakeClock>();
    clock = owned_clock.get();
    scaiflow::Edges edges{.http = std::make_unique<FakeScaiKey>(scaikey, public_keys()),
                          .clock = std::move(owned_clock)};
    context = std::make_unique<scaiflow::Context>(std::move(*loaded), group, std::move(edges));
    router =
        std::make_unique<scai::web::Router>(scai::web::bind_routes(routes, *context),
                                            scaiflow::make_gate(*context), scai::web::Envelope::scaiflow);
}

Response ScaiFlowGroup::send(Request request) const {
    if (request.base_url.empty())
        request.base_url = "https://flow.example";
    return router->dispatch(request);
}

Response ScaiFlowGroup::get(const std::string& path, const std::string& token) const {
    Request request;
    request.method = "GET";
    const auto question = path.find('?');
    request.path = path.substr(0, question);
    if (question != std::string::npos)
        request.raw_query = path.substr(question + 1);
    if (!token.empty())
        request.headers["authorization"] = "Bearer " + token;
    return send(std::move(request));
}

Response ScaiFlowGroup::post(const std::string& path, const std::string& body,
                             const std::string& token) const {
    Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.headers["content-type"] = "application/json";
    if (!token.empty())
        request.headers["authorization"] = "Bearer " + token;
    return send(std::move(request));
}

std::string ScaiFlowGroup::user_token(const std::string& subject, const std::string& tenant) const {
    return signed_token(user_claims(now(), subject, tenant));
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (scai::iequals(key, name))
            return value;
    return "";
}

scai::json::Value detail(const Response& response) {
    const auto body = scai::json::parse(response.body);
    return body ? body->get("detail") : scai::json::Value();
}

} // namespace test
