// SPDX-License-Identifier: Apache-2.0
#include "tests/support/vault_api.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/scaivault/app/settings.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace test {

namespace {

namespace fs = std::filesystem;
using scai::json::Value;

constexpr const char* key_base = "https://key.test";

const Value& vault_signing_key() {
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

/// A ScaiKey with keys and introspection; everything else is down.
class Outside final : public scai::http::Client {
public:
    explicit Outside(std::shared_ptr<VaultWorld> world) : world_(std::move(world)) {}

    scai::Result<scai::http::Response> send(const scai::http::Request& request) override {
        if (world_->http)
            if (auto scripted = world_->http(request))
                return std::move(*scripted);
        const scai::Error down{
            .kind = scai::ErrorKind::upstream, .code = "connect", .message = "nobody answers"};
        if (world_->scaikey_down || !request.url.starts_with(key_base))
            return down;
        if (request.url.ends_with("/openid-configuration"))
            return answer_of(
                Value::object({{"issuer", key_base},
                               {"jwks_uri", std::string(key_base) + "/jwks.json"},
                               {"introspection_endpoint", std::string(key_base) + "/oauth/introspect"}}));
        if (request.url.ends_with("/jwks.json"))
            return answer_of(
                Value::object({{"keys", Value::array({scai::jose::public_key(vault_signing_key())})}}));
        if (request.url.ends_with("/oauth/introspect")) {
            ++world_->introspections;
            const auto at = request.body.find("token=skt_");
            const auto known = at == std::string::npos ? world_->opaque.end()
                                                       : world_->opaque.find(request.body.substr(at + 6));
            return answer_of(known == world_->opaque.end() ? Value::object({{"active", false}})
                                                           : known->second);
        }
        return down;
    }

private:
    std::shared_ptr<VaultWorld> world_; // shared with the test
};

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

/// A context owns its clock; the test owns the time. Several contexts may look at one.
class Borrowed final : public scai::Clock {
public:
    explicit Borrowed(const scai::Clock& clock) : clock_(clock) {}
    scai::UtcTime now() const override { return clock_.now(); }

private:
    const scai::Clock& clock_;
};

} // namespace

std::string VaultAnswer::code() const {
    return json.get("error").member("code");
}
Value VaultAnswer::details() const {
    return json.get("error").get("details");
}

struct VaultApi::Shared {
    std::shared_ptr<const Database> database =
        std::make_shared<const Database>(migrated_database("scaivault")); // outlives either process
    scai::test::FakeClock clock;
    std::shared_ptr<VaultWorld> world = std::make_shared<VaultWorld>();
    fs::path folder;

    Shared() {
        std::string made = (fs::temp_directory_path() / "scai-vault-XXXXXX").string();
        if (mkdtemp(made.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        folder = made;
        std::ofstream(folder / "kms.keys")
            << "key1 " << scai::crypto::base64(scai::crypto::random_bytes(32)) << "\n";
        fs::permissions(folder / "kms.keys", fs::perms::owner_read | fs::perms::owner_write);
    }
    ~Shared() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    scai::config::Settings settings(Settings values) const {
        for (const auto& row : scaivault::settings_table)
            if (row.name.starts_with("RATE_LIMIT_"))
                values.try_emplace(std::string(row.name), "0");
        values.try_emplace("DATABASE_URL", database->url);
        values.try_emplace("BASE_URL", "https://vault.test");
        values.try_emplace("SCAIKEY_URL", key_base);
        values.try_emplace("SCAIKEY_CLIENT_ID", "vault");
        values.try_emplace("SCAIKEY_CLIENT_SECRET", "hush");
        values.try_emplace("KMS_PROVIDER", "local");
        values.try_emplace("KMS_LOCAL_KEY_FILE", (folder / "kms.keys").string());
        auto out = scai::config::Settings::from_values(scaivault::settings_table, std::move(values));
        if (!out)
            throw std::runtime_error(out.error().message);
        return std::move(out).value();
    }
};

VaultApi::VaultApi(std::shared_ptr<Shared> shared, const std::string& group, Endpoints endpoints,
                   Settings settings)
    : database(shared->database), clock(shared->clock), world(shared->world), shared_(std::move(shared)) {
    scaivault::Edges edges;
    edges.http = std::make_unique<Outside>(world);
    edges.clock = std::make_unique<Borrowed>(clock);
    context_ =
        std::make_unique<scaivault::Context>(shared_->settings(std::move(settings)), group, std::move(edges));
    router_ = std::make_unique<scai::web::Router>(scaivault::make_router(*context_, endpoints));
}

VaultApi::VaultApi(const std::string& group, Endpoints endpoints, Settings settings)
    : VaultApi(std::make_shared<Shared>(), group, endpoints, std::move(settings)) {}
VaultApi::VaultApi(const VaultApi& other, const std::string& group, Endpoints endpoints, Settings settings)
    : VaultApi(other.shared_, group, endpoints, std::move(settings)) {}
VaultApi::~VaultApi() = default;

VaultAnswer VaultApi::call(const std::string& method, const std::string& target, const std::string& body,
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
    request.base_url = "https://vault.test";
    request.remote_address = source_ip;
    const auto response = router_->dispatch(request);
    VaultAnswer answer;
    answer.status = response.status;
    answer.body = response.body;
    if (auto json = scai::json::parse(response.body))
        answer.json = *json;
    for (const auto& [name, value] : response.headers)
        answer.headers[name] = value;
    return answer;
}

VaultAnswer VaultApi::call_as(const std::string& token, const std::string& method, const std::string& target,
                              const std::string& body, Headers headers) {
    headers.insert_or_assign("authorization", "Bearer " + token);
    return call(method, target, body, headers);
}

std::string VaultApi::token(Value claims) const {
    const auto add = [&](const char* name, const Value& value) {
        if (!claims.get(name).present())
            claims.set(name, value);
    };
    add("iss", key_base);
    add("aud", "scaivault");
    add("iat", clock.seconds());
    add("exp", clock.seconds() + 3600);
    return scai::jose::sign(claims, vault_signing_key());
}

std::string VaultApi::user_token(const std::string& user, const std::string& tenant,
                                 const std::string& scopes) const {
    return token(Value::object({{"iss", std::string(key_base) + "/tenants/" + tenant},
                                {"sub", user},
                                {"client_id", "console"},
                                {"tenant_id", tenant},
                                {"scope", scopes}}));
}

std::string VaultApi::service_token(const std::string& client, const std::string& tenant,
                                    const std::string& scopes) const {
    auto claims = Value::object({{"sub", client},
                                 {"client_id", client},
                                 {"scope", scopes},
                                 {"app_scope", tenant.empty() ? "GLOBAL" : "TENANT"},
                                 {"token_type", "client_credentials"}});
    if (tenant.empty())
        claims.set("platform_token", true);
    else
        claims.set("tenant_id", tenant);
    return token(std::move(claims));
}

void VaultApi::add_partner(const std::string& id) const {
    db().sql("INSERT INTO scaivault.partners (id, slug, name) VALUES (" + quoted(id) + ", " + quoted(id) +
             ", " + quoted(id) + ") ON CONFLICT DO NOTHING");
}
void VaultApi::add_tenant(const std::string& id, const std::string& partner) const {
    add_partner(partner);
    db().sql("INSERT INTO scaivault.tenants (id, partner_id, slug, name) VALUES (" + quoted(id) + ", " +
             quoted(partner) + ", " + quoted(id) + ", " + quoted(id) + ")");
}
void VaultApi::add_user(const std::string& tenant, const std::string& id, const std::string& email) const {
    db().sql("INSERT INTO scaivault.users (tenant_id, id, email, display_name) VALUES (" + quoted(tenant) +
             ", " + quoted(id) + ", " + quoted(email) + ", " + quoted("Name of " + id) + ")");
}
void VaultApi::add_group(const std::string& tenant, const std::string& id, const std::string& name) const {
    db().sql("INSERT INTO scaivault.groups (tenant_id, id, name) VALUES (" + quoted(tenant) + ", " +
             quoted(id) + ", " + quoted(name) + ")");
}
void VaultApi::add_member(const std::string& tenant, const std::string& group,
                          const std::string& user) const {
    db().sql("INSERT INTO scaivault.memberships (tenant_id, user_id, group_id) VALUES (" + quoted(tenant) +
             ", " + quoted(user) + ", " + quoted(group) + ")");
}
void VaultApi::add_role(const std::string& tenant, const std::string& user, const std::string& role) const {
    db().sql("INSERT INTO scaivault.admin_roles (tenant_id, user_id, role, granted_by) VALUES (" +
             quoted(tenant) + ", " + quoted(user) + ", " + quoted(role) + ", 'test')");
}

std::string VaultApi::allow(const std::string& owner, const std::string& identity, const std::string& pattern,
                            const std::vector<std::string>& permissions,
                            const std::string& conditions) const {
    const auto id = "pol_" + scai::crypto::random_id(16);
    const auto kind = identity.substr(0, identity.find(':'));
    const auto rule = Value::object({{"path_pattern", pattern},
                                     {"permissions", Value::array_of(permissions)},
                                     {"conditions", scai::json::parse(conditions).value()}});
    db().sql("INSERT INTO scaivault.policies (tenant_id, id, name, rules, created_by) VALUES (" +
             quoted(owner) + ", " + quoted(id) + ", " + quoted(id) + ", " +
             quoted(Value::array({rule}).dump()) +
             "::jsonb, 'test');"
             "INSERT INTO scaivault.policy_bindings (tenant_id, id, policy_id, identity_type, identity_id, "
             "created_by) VALUES (" +
             quoted(owner) + ", " + quoted("bnd_" + id) + ", " + quoted(id) + ", " +
             quoted(kind == "sa" ? "service_account" : kind) + ", " + quoted(identity) +
             ", 'test');"
             "INSERT INTO scaivault.policy_generations AS g (tenant_id) VALUES (" +
             quoted(owner) + ") ON CONFLICT (tenant_id) DO UPDATE SET generation = g.generation + 1");
    return id;
}

std::vector<std::vector<std::string>> VaultApi::trail(const std::string& action) const {
    return db().rows("SELECT tenant_id, identity_id, coalesce(secret_path, ''), success, extra_data "
                     "FROM scaivault.audit_log WHERE action = " +
                     quoted(action) + " ORDER BY seq");
}

} // namespace test
