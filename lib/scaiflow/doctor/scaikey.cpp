// Checks against ScaiKey: reachable, keys, clock, credentials, and by asking whether the scopes suffice: the
// scope text of a token is a promise, an answer is a fact. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/jose/jose.hpp"
#include "lib/json/value.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/doctor/checks.hpp"

#include <array>
#include <cstdlib>
#include <optional>

namespace scaiflow::doctor {

namespace {

using scai::json::Value;

class Examination {
public:
    Examination(const scai::config::Settings& settings, scai::http::Client& http, const scai::Clock& clock,
                const std::string& some_tenant, std::vector<Check>& out)
        : settings_(settings), http_(http), clock_(clock), some_tenant_(some_tenant), out_(out),
          provider_(provider_settings(settings), http, clock) {}

    void run() {
        if (!reachable())
            return;
        keys();
        skew();
        if (credentials()) {
            scopes();
            deliveries();
        }
    }

private:
    scai::Result<scai::http::Response> get(const std::string& url, std::string_view token = {}) {
        scai::http::Request request;
        request.url = url;
        request.timeout = std::chrono::seconds(10);
        request.max_body = 4U << 20U;
        request.follow_same_origin = true;
        request.headers = {{"Accept", "application/json"}};
        if (!token.empty())
            request.headers.emplace_back("Authorization", "Bearer " + std::string(token));
        auto response = http_.send(request);
        if (response && date_.empty()) {
            date_ = response->header("Date");
            age_ = std::atoll(response->header("Age").c_str());
            asked_at_ = clock_.now();
        }
        return response;
    }

    bool reachable() {
        const std::string url = scai::oidc::discovery_url(provider_.settings());
        const auto response = get(url);
        if (!response) {
            out_.push_back(
                fail("scaikey", response.error().message, "is ScaiKey up, and is SCAIKEY_BASE_URL right?"));
            return false;
        }
        const auto document = scai::json::parse(response->body);
        const std::string issuer = response->status == 200 && document ? document->member("issuer") : "";
        if (response->status >= 500) {
            out_.push_back(fail("scaikey", "discovery answers " + std::to_string(response->status),
                                "ask ScaiKey's operator"));
            return false;
        }
        if (issuer.empty())
            out_.push_back(warn("scaikey",
                                "no discovery document at " + url + " (status " +
                                    std::to_string(response->status) +
                                    "); the platform's usual paths are used",
                                "check SCAIKEY_BASE_URL, or set SCAIKEY_DISCOVERY_URL"));
        else
            out_.push_back(ok("scaikey", "discovery answers, issuer " + issuer));
        return true;
    }

    void keys() {
        const std::string url = provider_.endpoints().jwks;
        const auto response = get(url);
        const auto document = response ? scai::json::parse(response->body) : response.error();
        const auto set = document ? scai::jose::KeySet::parse(*document) : document.error();
        if (!response)
            out_.push_back(fail("keys", response.error().message,
                                "sign-in needs ScaiKey's JWKS: check SCAIKEY_JWKS_URL"));
        else if (response->status >= 500)
            out_.push_back(fail("keys", url + " answers " + std::to_string(response->status),
                                "tokens are verified only with keys read before: is ScaiKey up?"));
        else if (response->status != 200 || !set || set->usable() == 0)
            out_.push_back(
                fail("keys",
                     "no usable signing key at " + url + " (status " + std::to_string(response->status) + ")",
                     "every token will be refused: check SCAIKEY_JWKS_URL"));
        else
            out_.push_back(ok("keys", std::to_string(set->usable()) + " signing keys"));
    }

    void skew() {
        const auto theirs = parse_http_date(date_);
        if (!theirs) {
            out_.push_back(
                warn("clock",
                     date_.empty() ? "ScaiKey sends no Date header" : "ScaiKey's Date header cannot be read",
                     "compare the clocks by hand"));
            return;
        }
        // Out of a cache on the way the answer keeps its Date and says how old it is (RFC 9111 5.1).
        const auto seconds = scai::unix_seconds(asked_at_) - scai::unix_seconds(*theirs) - age_;
        const auto away = seconds < 0 ? -seconds : seconds;
        const std::string text = "this host is " + std::to_string(away) + " s " +
                                 (seconds < 0 ? "behind" : "ahead of") + " ScaiKey";
        constexpr auto fix =
            "synchronise the clocks (chrony, systemd-timesyncd): tokens and webhooks are judged by time";
        if (away > 60)
            out_.push_back(fail("clock", text, fix));
        else if (away > 10)
            out_.push_back(warn("clock", text, fix));
        else
            out_.push_back(ok("clock", text));
    }

    bool credentials() {
        auto token = provider_.client_credentials("");
        if (!token) {
            const auto& error = token.error();
            const bool refused = error.kind == scai::ErrorKind::bad_request;
            out_.push_back(
                fail("token",
                     (refused ? "ScaiKey refuses the client credentials: " + error.code + ": " : "") +
                         error.message,
                     refused ? "check SCAIFLOW_SCAIKEY_CLIENT_ID and SCAIFLOW_SCAIKEY_CLIENT_SECRET, or run "
                               "scaiflow scaikey-register"
                             : "is ScaiKey's token endpoint up? SCAIKEY_TOKEN_URL overrides it"));
            return false;
        }
        out_.push_back(ok("token", "client credentials work" +
                                       (token->scope.empty() ? "" : ", scopes: " + token->scope)));
        token_ = std::move(token->access_token);
        return true;
    }

    void scopes() {
        const std::string& base = provider_.settings().base_url;
        std::string tenant =
            settings_.has("SCAIKEY_TENANT_ID") ? settings_.text("SCAIKEY_TENANT_ID") : some_tenant_;
        if (tenant.empty())
            tenant = first_tenant(base);
        if (tenant.empty())
            out_.push_back(warn("scope_users", "no tenant is known to try the list of effective users with",
                                "run scaiflow-job-sync, or set SCAIKEY_TENANT_ID"));
        else
            users(base + "/api/v1/tenants/" + scai::percent_encode(tenant) + "/applications/" +
                  scai::percent_encode(settings_.text("SCAIFLOW_SCAIKEY_APPLICATION_ID")) +
                  "/effective-users?page=1&per_page=1");
        groups(base + "/api/v1/admin/groups/?page=1&per_page=1" +
                   (tenant.empty() ? "" : "&tenant_id=" + scai::percent_encode(tenant)),
               tenant);
    }

    std::string first_tenant(const std::string& base) {
        const auto response = get(base + "/api/v1/admin/tenants/?page=1&per_page=1", token_.reveal());
        const auto body = response ? scai::json::parse(response->body) : response.error();
        if (!body)
            return "";
        for (const char* key : {"data", "items", "tenants", "results"})
            if (const auto rows = body->get(key); rows.is_array())
                return rows.at(0).member("id");
        return body->at(0).member("id");
    }

    void users(const std::string& url) {
        const auto response = get(url, token_.reveal());
        if (!response) {
            out_.push_back(fail("scope_users", response.error().message, "is ScaiKey's admin API up?"));
            return;
        }
        switch (response->status) {
        case 200:
            out_.push_back(ok("scope_users", "effective users can be listed (fast sweep)"));
            return;
        case 401:
        case 403:
            out_.push_back(
                warn("scope_users",
                     "the credentials lack admin:read: sweeps walk the groups, slower, and do not see "
                     "users outside every group",
                     "give the application admin:read and admin:write (scaiflow scaikey-register does)"));
            return;
        case 404:
            out_.push_back(
                warn("scope_users", "the ScaiFlow application is not known in this tenant",
                     "assign it to users or groups there, or check SCAIFLOW_SCAIKEY_APPLICATION_ID"));
            return;
        default:
            out_.push_back(fail("scope_users", "effective users: status " + std::to_string(response->status),
                                "ask ScaiKey's operator"));
        }
    }

    void groups(const std::string& url, const std::string& tenant) {
        const auto response = get(url, token_.reveal());
        if (!response)
            out_.push_back(fail("scope_groups", response.error().message, "is ScaiKey's admin API up?"));
        else if (response->status == 200)
            out_.push_back(ok("scope_groups", "groups can be listed"));
        else if (response->status == 401 || response->status == 403)
            out_.push_back(
                fail("scope_groups",
                     "the credentials lack groups:read: no group is seen, so nobody is super_admin "
                     "by group and no ACL by group works",
                     "add groups:read to the application's scopes (scaiflow scaikey-register does)"));
        else if (response->status == 404 && settings_.has("SCAIKEY_TENANT_ID"))
            out_.push_back(fail("scope_groups", "ScaiKey does not know the tenant " + tenant,
                                "correct SCAIKEY_TENANT_ID: the tenant's id, not its slug"));
        else
            out_.push_back(fail("scope_groups", "groups: status " + std::to_string(response->status),
                                "ask ScaiKey's operator"));
    }

    /// What ScaiKey says of its webhook and the newest delivery: a wrong secret shows nowhere else.
    /// Credentials that may not look are no trouble.
    void deliveries() {
        const std::string all = provider_.settings().base_url + "/api/v1/admin/webhooks/";
        const auto hooks = rows(all + "?page=1&per_page=100");
        if (!hooks)
            return;
        bool found = false;
        hooks->each_item([&](const Value& hook) {
            if (!scai::trim(hook.member("url")).ends_with("/webhooks/scaikey"))
                return;
            found = true;
            if (!hook.get("enabled").boolean().value_or(true)) {
                out_.push_back(warn("webhook_delivery",
                                    "ScaiKey's webhook to " + hook.member("url") + " is disabled",
                                    "enable it in ScaiKey"));
                return;
            }
            const auto newest =
                rows(all + scai::percent_encode(hook.member("id")) + "/deliveries?page=1&per_page=1");
            if (newest && newest->size() > 0)
                delivery(hook.member("url"), newest->at(0));
        });
        if (!found)
            out_.push_back(warn("webhook_delivery",
                                "no webhook of ScaiKey points at <this API>/api/v1/webhooks/scaikey",
                                "run scaiflow scaikey-register, which makes it"));
    }

    void delivery(const std::string& url, const Value& newest) {
        const auto status = newest.get("last_status").integer().value_or(0);
        const std::string error = newest.member("last_error");
        if (status >= 200 && status < 300)
            out_.push_back(ok("webhook_delivery", "ScaiKey's newest delivery was taken by " + url));
        else if (status == 400)
            out_.push_back(
                warn("webhook_delivery", url + " refused ScaiKey's newest delivery (status 400)",
                     "make SCAIFLOW_SCAIKEY_WEBHOOK_SECRET the secret of the webhook in ScaiKey and "
                     "restart scaiflow-webhooks; its log says why (webhook_refused)"));
        else if (status == 503)
            out_.push_back(warn("webhook_delivery", url + " answered ScaiKey's newest delivery with 503",
                                "does scaiflow-webhooks run, with SCAIFLOW_SCAIKEY_WEBHOOK_SECRET set? "
                                "Restart it after setting"));
        else if (status != 0 || !error.empty())
            out_.push_back(warn("webhook_delivery",
                                "ScaiKey's newest delivery to " + url +
                                    " failed: " + (error.empty() ? std::to_string(status) : error),
                                "can ScaiKey reach that URL, and is it this API's?"));
    }

    /// The rows of a list; nothing when it cannot be had.
    std::optional<Value> rows(const std::string& url) {
        const auto response = get(url, token_.reveal());
        if (!response || response->status != 200)
            return std::nullopt;
        const auto body = scai::json::parse(response->body);
        if (!body)
            return std::nullopt;
        for (const char* key : {"data", "items", "webhooks", "deliveries", "results"})
            if (const auto found = body->get(key); found.is_array())
                return found;
        return body->is_array() ? std::optional(*body) : std::nullopt;
    }

    const scai::config::Settings& settings_;
    scai::http::Client& http_;
    const scai::Clock& clock_;
    const std::string& some_tenant_;
    std::vector<Check>& out_;
    scai::oidc::Provider provider_;
    scai::SecretText token_;
    std::string date_;
    std::int64_t age_ = 0;
    scai::UtcTime asked_at_{};
};

} // namespace

void check_scaikey(const scai::config::Settings& settings, scai::http::Client& http, const scai::Clock& clock,
                   const std::string& some_tenant, std::vector<Check>& out) {
    Examination(settings, http, clock, some_tenant, out).run();
}

std::optional<scai::UtcTime> parse_http_date(std::string_view text) {
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // "Wed, 20 May 2026 08:00:00 GMT"
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT")
        return std::nullopt;
    for (std::size_t i = 0; i < months.size(); ++i)
        if (text.substr(8, 3) == months[i]) {
            const auto number = std::to_string(i + 101).substr(1);
            return scai::parse_iso8601(std::string(text.substr(12, 4)) + "-" + number + "-" +
                                       std::string(text.substr(5, 2)) + "T" +
                                       std::string(text.substr(17, 8)) + "Z");
        }
    return std::nullopt;
}

} // namespace scaiflow::doctor
