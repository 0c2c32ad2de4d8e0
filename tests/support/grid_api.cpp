// SPDX-License-Identifier: Apache-2.0
#include "tests/support/grid_api.hpp"

#include "handlers/scaigrid/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/scaigrid/app/settings.hpp"

#include <stdexcept>

namespace test {

namespace {

using scai::json::Value;

constexpr const char* key_base = "https://key.test";

const Value& grid_signing_key() {
    static const Value key = scai::jose::generate_key(scai::jose::Algorithm::es256);
    return key;
}

scai::http::Response answer_of(const Value& body) {
    scai::http::Response out;
    out.status = 200;
    out.headers = {{"Content-Type", "application/json"}};
    out.body = body.dump();
    return out;
}

/// A ScaiKey with keys; everything else is down.
class GridOutside final : public scai::http::Client {
public:
    explicit GridOutside(std::shared_ptr<GridWorld> world) : world_(std::move(world)) {}

    scai::Result<scai::http::Response> send(const scai::http::Request& request) override {
        if (world_->http)
            if (auto scripted = world_->http(request))
                return std::move(*scripted);
        if (!world_->scaikey_down && request.url.starts_with(key_base)) {
            if (request.url.ends_with("/openid-configuration"))
                return answer_of(Value::object(
                    {{"issuer", key_base}, {"jwks_uri", std::string(key_base) + "/jwks.json"}}));
            if (request.url.ends_with("/jwks.json"))
                return answer_of(
                    Value::object({{"keys", Value::array({scai::jose::public_key(grid_signing_key())})}}));
        }
        return scai::Error{.kind = scai::ErrorKind::upstream, .code = "connect", .message = "nobody answers"};
    }

private:
    std::shared_ptr<GridWorld> world_; // shared with the test
};

/// A context owns its clock; the test owns the time. Several contexts may look at one.
class GridClock final : public scai::Clock {
public:
    explicit GridClock(const scai::Clock& clock) : clock_(clock) {}
    scai::UtcTime now() const override { return clock_.now(); }

private:
    const scai::Clock& clock_;
};

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

} // namespace

std::string GridAnswer::code() const {
    return json.get("error").member("code");
}

struct GridApi::Shared {
    std::shared_ptr<const Database> database =
        std::make_shared<const Database>(migrated_database("scaigrid")); // outlives either process
    scai::test::FakeClock clock;
    std::shared_ptr<GridWorld> world = std::make_shared<GridWorld>();

    scai::config::Settings settings(Settings values) const {
        values.try_emplace("DATABASE_URL", database->url);
        values.try_emplace("SCAIKEY_BASE_URL", key_base);
        values.try_emplace("SCAIGRID_AUDIENCE", "flow-client");
        auto out = scai::config::Settings::from_values(scaigrid::settings_table, std::move(values));
        if (!out)
            throw std::runtime_error(out.error().message);
        return std::move(out).value();
    }
};

GridApi::GridApi(std::shared_ptr<Shared> shared, Settings settings)
    : database(shared->database), clock(shared->clock), world(shared->world), shared_(std::move(shared)) {
    scaigrid::Edges edges;
    edges.http = std::make_unique<GridOutside>(world);
    edges.clock = std::make_unique<GridClock>(clock);
    context_ = std::make_unique<scaigrid::Context>(shared_->settings(std::move(settings)), "handler",
                                                   std::move(edges));
    router_ = std::make_unique<scai::web::Router>(
        scaigrid::make_router(*context_, scaigrid::make_routes(*context_)));
}

GridApi::GridApi(std::initializer_list<Settings::value_type> settings)
    : GridApi(std::make_shared<Shared>(), Settings(settings)) {}
GridApi::GridApi(const GridApi* other, Settings settings) : GridApi(other->shared_, std::move(settings)) {}
GridApi::~GridApi() = default;

GridAnswer GridApi::call(const std::string& method, const std::string& target, const std::string& body,
                         const Headers& headers) {
    scai::web::Request request;
    request.method = method;
    const auto question = target.find('?');
    request.path = scai::percent_decode(target.substr(0, question), false).value_or("");
    if (question != std::string::npos)
        request.raw_query = target.substr(question + 1);
    request.headers = headers;
    if (!body.empty())
        request.headers.try_emplace("content-type", "application/json");
    request.body = body;
    request.base_url = "https://grid.test";
    request.remote_address = "10.1.0.9";
    const auto response = router_->dispatch(request);
    GridAnswer answer;
    answer.status = response.status;
    answer.body = response.body;
    if (auto json = scai::json::parse(response.body))
        answer.json = *json;
    for (const auto& [name, value] : response.headers)
        answer.headers[name] = value;
    return answer;
}

GridAnswer GridApi::call_as(const std::string& bearer, const std::string& method, const std::string& target,
                            const std::string& body, Headers headers) {
    headers.insert_or_assign("authorization", "Bearer " + bearer);
    return call(method, target, body, headers);
}

std::string GridApi::token(Value claims) const {
    const auto add = [&](const char* name, const Value& value) {
        if (!claims.get(name).present())
            claims.set(name, value);
    };
    add("iss", key_base);
    add("aud", "flow-client");
    add("iat", clock.seconds());
    add("exp", clock.seconds() + 3600);
    return scai::jose::sign(claims, grid_signing_key());
}

std::string GridApi::user_token(const std::string& user, const std::string& tenant,
                                const std::string& role) const {
    return token(Value::object({{"iss", std::string(key_base) + "/tenants/" + tenant},
                                {"sub", user},
                                {"client_id", "flow-client"},
                                {"tenant_id", tenant},
                                {"email", user + "@" + tenant + ".test"},
                                {"name", "Name of " + user},
                                {"role", role}}));
}

std::string GridApi::api_key(const std::string& user, const std::string& tenant,
                             const std::string& role) const {
    const auto key = "sgk_" + scai::crypto::random_id(40);
    db().sql(
        "INSERT INTO scaigrid.users (tenant_id, id, roles) VALUES (" + quoted(tenant) + ", " + quoted(user) +
        ", ARRAY[" + quoted(role) +
        "]) ON CONFLICT (tenant_id, id) DO UPDATE SET roles = excluded.roles;"
        "INSERT INTO scaigrid.api_keys (tenant_id, id, user_id, name, key_hash, hint, created_by) VALUES (" +
        quoted(tenant) + ", " + quoted("key_" + scai::crypto::random_id(12)) + ", " + quoted(user) +
        ", 'of a test', " + quoted(scai::crypto::to_hex(scai::crypto::sha256(key))) + ", " +
        quoted(key.substr(key.size() - 4)) + ", 'test')");
    return key;
}

} // namespace test
