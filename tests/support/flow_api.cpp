// SPDX-License-Identifier: Apache-2.0
#include "tests/support/flow_api.hpp"

#include "lib/base/strings.hpp"
#include "lib/jose/jose.hpp"
#include "lib/scaiflow/app/permissions.hpp"
#include "lib/scaiflow/app/settings.hpp"

#include <stdexcept>

namespace test {

namespace {

using scai::json::Value;
using scai::web::Principal;

constexpr const char* key_base = "https://key.test";

const Value& signing_key() {
    static const Value key = scai::jose::generate_key(scai::jose::Algorithm::es256);
    return key;
}

/// A ScaiKey that answers for its keys and gives the service its token; else there is only what a test serves
/// on a port of its own.
class KeysAndToken final : public scai::http::Client {
public:
    scai::Result<scai::http::Response> send(const scai::http::Request& request) override {
        scai::http::Response response;
        response.status = 200;
        if (request.url.ends_with("/jwks.json"))
            response.body =
                Value::object({{"keys", Value::array({scai::jose::public_key(signing_key())})}}).dump();
        else if (request.url.ends_with("/oauth/token"))
            response.body = R"({"access_token":"service","token_type":"Bearer","expires_in":3600})";
        else if (request.url.starts_with("http://127.0.0.1:"))
            return real_.send(request); // a server of the test
        else
            return scai::Error{.kind = scai::ErrorKind::upstream, .code = "connect", .message = "no ScaiKey"};
        return response;
    }

private:
    scai::http::CurlClient real_;
};

scai::config::Settings make_settings(const Database& db, FlowApi::Settings values) {
    values.try_emplace("DATABASE_URL", db.url);
    values.try_emplace("SCAIKEY_BASE_URL", key_base);
    values.try_emplace("SCAIFLOW_SCAIKEY_CLIENT_ID", "cid1");
    values.try_emplace("SCAIFLOW_SCAIKEY_CLIENT_SECRET", "hush");
    auto settings = scai::config::Settings::from_values(scaiflow::settings_table, std::move(values));
    if (!settings)
        throw std::runtime_error(settings.error().message);
    return std::move(settings).value();
}

Principal person(const std::string& tenant, const std::string& id, const std::string& role) {
    Principal out;
    out.subject = id;
    out.tenant_id = tenant;
    out.email = id + "@x.test";
    out.admin_role = role;
    out.mirrored = true;
    return out;
}

} // namespace

Principal super_admin(const std::string& tenant) {
    return person(tenant, "usr_root", "super_admin");
}
Principal tenant_admin(const std::string& tenant) {
    return person(tenant, "usr_boss", "tenant_admin");
}
Principal plain_user(const std::string& tenant) {
    return person(tenant, "usr_plain", "");
}

std::string FlowAnswer::detail() const {
    const auto detail = json.get("detail");
    if (const auto text = detail.text())
        return *text;
    return detail.is_array() ? detail.at(0).member("msg") : detail.member("error");
}

FlowApi::FlowApi(const std::string& group, Routes routes, Settings settings)
    : db(migrated_database("scaiflow")), clock(*new scai::test::FakeClock) { // the context owns it from here
    scaiflow::Edges edges;
    edges.http = std::make_unique<KeysAndToken>();
    edges.clock.reset(&clock);
    context_ =
        std::make_unique<scaiflow::Context>(make_settings(db, std::move(settings)), group, std::move(edges));
    auto real = scaiflow::make_gate(*context_);
    auto gate = [this, real](const scai::web::Request& request,
                             const scai::web::Access& access) -> scai::Result<Principal> {
        if (!request.header("authorization").empty())
            return real(request, access);
        if (who.subject.empty())
            return scai::Error{.kind = scai::ErrorKind::unauthenticated, .message = "missing bearer token"};
        SCAI_TRY([[maybe_unused]] const auto allowed, scaiflow::check_access(who, access));
        return who;
    };
    router_ = std::make_unique<scai::web::Router>(scai::web::bind_routes(routes, *context_), gate,
                                                  scai::web::Envelope::scaiflow);
}

FlowAnswer FlowApi::call(const std::string& method, const std::string& target, const std::string& body,
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
    request.base_url = "https://flow.test";
    request.can_stream = can_stream;
    const auto response = router_->dispatch(request);
    FlowAnswer answer;
    answer.status = response.status;
    answer.body = response.body;
    answer.stream = response.stream;
    if (auto json = scai::json::parse(response.body))
        answer.json = *json;
    for (const auto& [name, value] : response.headers)
        answer.headers[name] = value;
    return answer;
}

FlowAnswer FlowApi::call_as(const std::string& token, const std::string& method, const std::string& target,
                            const std::string& body) {
    return call(method, target, body, {{"authorization", "Bearer " + token}});
}

std::string FlowApi::token(const std::string& user, const std::string& tenant) const {
    return token(user, tenant, {});
}

std::string FlowApi::token(const std::string& user, const std::string& tenant,
                           const std::vector<std::string>& permissions) const {
    return scai::jose::sign(
        Value::object({{"iss", context_->settings.text("SCAIKEY_BASE_URL") + "/tenants/" + tenant},
                       {"aud", "cid1"},
                       {"sub", user},
                       {"client_id", "cid1"},
                       {"tenant_id", tenant},
                       {"scope", "openid profile email"},
                       {"permissions", Value::array_of(permissions)},
                       {"iat", clock.seconds()},
                       {"exp", clock.seconds() + 3600}}),
        signing_key());
}

std::string FlowApi::service_token() const {
    return scai::jose::sign(Value::object({{"iss", context_->settings.text("SCAIKEY_BASE_URL")},
                                           {"aud", "cid1"},
                                           {"sub", "cid1"},
                                           {"client_id", "cid1"},
                                           {"scope", "admin:read admin:write"},
                                           {"token_type", "client_credentials"},
                                           {"iat", clock.seconds()},
                                           {"exp", clock.seconds() + 3600}}),
                            signing_key());
}

} // namespace test
