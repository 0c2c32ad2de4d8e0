// SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaikey/oauth/fixture.hpp"

#include <stdexcept>

namespace scaikey_test {

namespace {

scai::config::Settings settings_for(const std::string& database_url, const Fields& more) {
    std::map<std::string, std::string> values{
        {"DATABASE_URL", database_url}, {"SCAIKEY_ISSUER", issuer}, {"DB_POOL_SIZE", "8"}};
    for (const auto& [name, value] : more)
        values[name] = value;
    auto settings = scai::config::Settings::from_values(scaikey::settings_table, values);
    if (!settings)
        throw std::runtime_error(settings.error().message);
    return std::move(*settings);
}

void fill(const test::Database& db) {
    // scrypt of `password` at N=16: a test signs in often, and the cost is lib/crypto's own test.
    const std::string hash =
        "$scrypt$ln=4,r=8,p=1$c2NhaWtleS10ZXN0LXNhbA==$nExZck47Hh2khS4kVqsRMq0o1toaEJ4MtLBy6oAKd+0=";
    const auto secret = [](const std::string& client_id) {
        return "'" + scai::crypto::to_hex(scai::crypto::sha256(client_id + "-secret")) + "'";
    };
    db.sql(R"(
INSERT INTO scaikey.partners (id, name, slug) VALUES ('prt_north', 'North', 'north'), ('prt_south', 'South', 'south');
INSERT INTO scaikey.tenants (id, partner_id, name, slug, status) VALUES
    ('tnt_acme', 'prt_north', 'Acme', 'acme', 'ACTIVE'), ('tnt_bolt', NULL, 'Bolt', 'bolt', 'ACTIVE'),
    ('tnt_dark', NULL, 'Dark', 'dark', 'SUSPENDED');
INSERT INTO scaikey.users (id, tenant_id, email, first_name, last_name, status, admin_role, custom_attributes, password_hash)
VALUES ('usr_bo', 'tnt_acme', 'bo@acme.test', 'Bo', 'Berg', 'ACTIVE', NULL, '{"permissions": ["scaicore:view"]}', 'HASH'),
       ('usr_admin', 'tnt_acme', 'admin@acme.test', 'Ada', NULL, 'ACTIVE', 'tenant_admin', '{}', 'HASH'),
       ('usr_both1', 'tnt_acme', 'both@x.test', NULL, NULL, 'ACTIVE', NULL, '{}', 'HASH'),
       ('usr_both2', 'tnt_bolt', 'Both@x.test', NULL, NULL, 'ACTIVE', NULL, '{}', 'HASH'),
       ('usr_off', 'tnt_acme', 'off@acme.test', NULL, NULL, 'SUSPENDED', NULL, '{}', 'HASH'),
       ('usr_nopw', 'tnt_acme', 'nopw@acme.test', NULL, NULL, 'ACTIVE', NULL, '{}', NULL),
       ('usr_dee', 'tnt_dark', 'dee@dark.test', NULL, NULL, 'ACTIVE', NULL, '{}', 'HASH');
UPDATE scaikey.users SET password_hash = ')" +
           hash + R"(' WHERE password_hash = 'HASH';
INSERT INTO scaikey.groups (id, tenant_id, name) VALUES ('grp_all', 'tnt_acme', 'All'), ('grp_dev', 'tnt_acme', 'Dev'),
       ('grp_other', 'tnt_acme', 'Other');
INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type) VALUES
       ('tnt_acme', 'grp_dev', 'usr_bo', 'user'), ('tnt_acme', 'grp_all', 'grp_dev', 'group'),
       ('tnt_acme', 'grp_other', 'usr_admin', 'user');
INSERT INTO scaikey.applications (id, client_id, name, application_type, scope, tenant_id, partner_id, client_secret_hash,
    redirect_uris, post_logout_redirect_uris, allowed_origins, allowed_scopes)
SELECT 'app_' || c.id, c.id, 'The ' || c.id || ' app', c.type, c.reach, c.tenant, c.partner, c.secret,
       ARRAY['https://flow.test/auth/callback', 'https://flow.test/second?x=1'], ARRAY['https://flow.test/bye'],
       ARRAY['https://flow.test'], ARRAY['openid', 'profile', 'email', 'groups', 'offline_access', 'admin:read', 'admin:write']
  FROM (VALUES ('web', 'WEB', 'GLOBAL', NULL, NULL, )" +
           secret("web") +
           R"(), ('spa', 'SPA', 'GLOBAL', NULL, NULL, NULL), ('native', 'NATIVE', 'GLOBAL', NULL, NULL, NULL),
       ('acme', 'WEB', 'TENANT', 'tnt_acme', NULL, )" +
           secret("acme") + R"(), ('bolt', 'WEB', 'TENANT', 'tnt_bolt', NULL, )" + secret("bolt") +
           R"(), ('north', 'SERVICE', 'PARTNER', NULL, 'prt_north', )" + secret("north") +
           R"()) AS c (id, type, reach, tenant, partner, secret);)");
}

} // namespace

Process::Process(const std::string& database_url, Now now, Fields more_settings)
    : context(settings_for(database_url, more_settings), std::make_unique<TestClock>(std::move(now))),
      router(scaikey::make_routes(context), scaikey::make_gate(context), scai::web::Envelope::scaiflow) {}

Response Process::send(std::string_view method, std::string_view path_and_query, const Fields& headers,
                       const std::string& body) const {
    scai::web::Request request;
    request.method = method;
    const auto question = path_and_query.find('?');
    request.path = path_and_query.substr(0, question);
    if (question != std::string_view::npos)
        request.raw_query = path_and_query.substr(question + 1);
    for (const auto& [name, value] : headers)
        request.headers.emplace(name, value);
    request.body = body;
    request.base_url = issuer;
    return router.dispatch(request);
}

Response Process::post(std::string_view path_and_query, const Fields& form, const Fields& headers) const {
    auto all = headers;
    all["content-type"] = "application/x-www-form-urlencoded";
    return send("POST", path_and_query, all, query_of(form));
}

Provider::Provider(Fields more_settings)
    : db(test::migrated_database("scaikey")), now(std::make_shared<std::atomic<std::int64_t>>(start_time)),
      process((fill(db), db.url), now, std::move(more_settings)) {}

Fields Browser::headers() const {
    std::string line;
    for (const auto& [name, value] : cookies)
        line += (line.empty() ? "" : "; ") + name + "=" + value;
    return line.empty() ? Fields{} : Fields{{"cookie", line}};
}

const Response& Browser::keep(Response response) {
    for (const auto& line : headers_of(response, "Set-Cookie")) {
        const auto equals = line.find('=');
        const auto end = line.find(';');
        const auto name = line.substr(0, equals);
        if (has(line, "Max-Age=0"))
            cookies.erase(name);
        else
            cookies[name] = line.substr(equals + 1, end - equals - 1);
    }
    last = std::move(response);
    return last;
}

const Response& Browser::open(const std::string& path_and_query) {
    url = path_and_query;
    return keep(process->get(url, headers()));
}

const Response& Browser::submit(const Fields& fields) {
    Fields form = fields;
    for (const auto* name : {"csrf", "flow"})
        if (const auto value = hidden_field(last.body, name); !value.empty())
            form.emplace(name, value);
    return keep(process->post(url, form, headers()));
}

const Response& Browser::sign_in(const std::string& path_and_query, const std::string& email,
                                 const std::string& with_password) {
    open(path_and_query);
    return submit({{"email", email}, {"password", with_password}});
}

std::vector<std::string> headers_of(const Response& response, std::string_view name) {
    std::vector<std::string> out;
    for (const auto& [key, value] : response.headers)
        if (scai::iequals(key, name))
            out.push_back(value);
    return out;
}

std::string header(const Response& response, std::string_view name) {
    const auto all = headers_of(response, name);
    return all.empty() ? "" : all.front();
}

std::string query_of(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields)
        out += (out.empty() ? "" : "&") + scai::percent_encode(name) + "=" + scai::percent_encode(value);
    return out;
}

Fields parameters(std::string_view url) {
    Fields out;
    const auto question = url.find('?');
    if (question == std::string_view::npos)
        return out;
    for (const auto& pair : scai::split_list(url.substr(question + 1), '&')) {
        const auto equals = pair.find('=');
        out[pair.substr(0, equals)] = scai::percent_decode(pair.substr(equals + 1), true).value_or("?");
    }
    return out;
}

std::string hidden_field(const std::string& html, std::string_view name) {
    const auto mark = "name=\"" + std::string(name) + "\" value=\"";
    const auto start = html.find(mark);
    if (start == std::string::npos)
        return "";
    const auto from = start + mark.size();
    return html.substr(from, html.find('"', from) - from);
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

scai::json::Value json_of(const Response& response) {
    auto value = scai::json::parse(response.body);
    if (!value)
        throw std::runtime_error("no JSON: " + response.body.substr(0, 200));
    return std::move(*value);
}

scai::json::Value claims_of(std::string_view token) {
    auto parsed = scai::jose::parse(token);
    if (!parsed)
        throw std::runtime_error("no JWT");
    return std::move(parsed->claims);
}

std::string kid_of(std::string_view token) {
    auto parsed = scai::jose::parse(token);
    return parsed ? parsed->header.kid : "";
}

std::string basic(std::string_view client_id) {
    return "Basic " + scai::crypto::base64(std::string(client_id) + ":" + std::string(client_id) + "-secret");
}

Fields authorize_fields(const std::string& client_id, const Fields& changes) {
    Fields out{{"response_type", "code"},
               {"client_id", client_id},
               {"redirect_uri", redirect_uri},
               {"scope", "openid profile email"},
               {"state", "s1"},
               {"nonce", "n1"},
               {"code_challenge", challenge},
               {"code_challenge_method", "S256"}};
    for (const auto& [name, value] : changes)
        if (value.empty())
            out.erase(name);
        else
            out[name] = value;
    return out;
}

std::string authorize_url(const std::string& client_id, const Fields& changes, const std::string& slug) {
    const auto base = slug.empty() ? std::string("/v1/platform") : "/v1/auth/tenants/" + slug;
    return base + "/oauth/authorize?" + query_of(authorize_fields(client_id, changes));
}

std::string token_path(const std::string& slug) {
    return (slug.empty() ? std::string("/v1/platform") : "/v1/auth/tenants/" + slug) + "/oauth/token";
}

std::string code_for(const Provider& provider, const std::string& client_id, const Fields& changes,
                     const std::string& slug, const std::string& email) {
    Browser browser(provider.process);
    const auto& response = browser.sign_in(authorize_url(client_id, changes, slug), email);
    const auto code = parameters(header(response, "Location"))["code"];
    if (code.empty())
        throw std::runtime_error("no code: " + std::to_string(response.status) + " " +
                                 header(response, "Location") + response.body.substr(0, 2000));
    return code;
}

namespace {

Response ask(const Process& process, const std::string& client_id, Fields form, const Fields& changes,
             const std::string& slug) {
    for (const auto& [name, value] : changes)
        if (value.empty())
            form.erase(name);
        else
            form[name] = value;
    const bool is_public = client_id == "spa" || client_id == "native";
    if (is_public) {
        form.emplace("client_id", client_id);
        return process.post(token_path(slug), form);
    }
    return process.post(token_path(slug), form, {{"authorization", basic(client_id)}});
}

} // namespace

Response exchange(const Process& process, const std::string& client_id, const std::string& code,
                  const Fields& changes, const std::string& slug) {
    return ask(process, client_id,
               {{"grant_type", "authorization_code"},
                {"code", code},
                {"redirect_uri", redirect_uri},
                {"code_verifier", verifier}},
               changes, slug);
}

Response refresh(const Process& process, const std::string& client_id, const std::string& token,
                 const Fields& changes) {
    return ask(process, client_id, {{"grant_type", "refresh_token"}, {"refresh_token", token}}, changes, "");
}

scai::json::Value tokens_for(const Provider& provider, const std::string& client_id, const Fields& changes) {
    const auto response = exchange(provider.process, client_id, code_for(provider, client_id, changes));
    if (response.status != 200)
        throw std::runtime_error("no tokens: " + response.body);
    return json_of(response);
}

} // namespace scaikey_test
