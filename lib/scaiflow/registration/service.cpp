// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/registration/service.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/registration/rules.hpp"

#include <optional>

namespace scaiflow::registration {

namespace {

using scai::json::Value;

scai::Error fail(scai::ErrorKind kind, std::string code, std::string message, std::string fix = "") {
    scai::Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.message = std::move(message);
    error.fix = std::move(fix);
    return error;
}

/// ScaiKey's own words, cut to a line: a string, or the first texts of a validation list.
std::string detail_of(const scai::http::Response& response) {
    const auto body = scai::json::parse(response.body);
    std::string text;
    if (body) {
        const auto detail = body->get("detail");
        text = detail.text_or(detail.member("message"));
        // Validation list: where and what, never the "input" some versions repeat, which can hold a secret.
        detail.each_item([&](const Value& item) {
            std::string where;
            item.get("loc").each_item(
                [&](const Value& part) { where += (where.empty() ? "" : ".") + part.text_or("?"); });
            text += (text.empty() ? "" : "; ") + where + " " + item.member("msg");
        });
        if (text.empty())
            text = body->member("error_description");
        if (text.empty())
            text = body->member("error");
    }
    if (text.size() > 300)
        text.resize(300);
    return text.empty() ? "" : ": " + text;
}

/// The admin API with one token.
class Admin {
public:
    Admin(scai::http::Client& client, const Wish& wish, std::string_view token)
        : client_(client), wish_(wish), authorization_("Bearer " + std::string(token)) {}
    ~Admin() { explicit_bzero(authorization_.data(), authorization_.size()); }
    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;

    /// `wanted` is what the call is for, in words.
    scai::Result<Value> call(const std::string& method, const std::string& path,
                             const std::optional<Value>& body, const std::string& wanted) {
        scai::http::Request request;
        request.method = method;
        request.url = wish_.scaikey_url + path;
        request.headers = {{"Authorization", authorization_}, {"Accept", "application/json"}};
        request.follow_same_origin = true;
        request.max_body = 8U << 20U;
        if (body) {
            request.headers.emplace_back("Content-Type", "application/json");
            request.body = body->dump();
        }
        if (method == "GET")
            request.retries = 2;
        const auto response = client_.send(request);
        if (!response)
            return fail(scai::ErrorKind::upstream, "scaikey_unavailable",
                        "could not " + wanted + ": " + response.error().message,
                        "check --scaikey-url and that ScaiKey runs");
        if (response->status == 204 || (response->status / 100 == 2 && response->body.empty()))
            return Value::object();
        if (response->status / 100 == 2) {
            auto answer = scai::json::parse(response->body);
            if (!answer)
                return fail(scai::ErrorKind::upstream, "scaikey_malformed",
                            "could not " + wanted + ": ScaiKey's answer is no JSON");
            return answer;
        }
        return refused(*response, wanted);
    }

    /// Every row of a list; a page that repeats the first id of the one before ends it (contract 10.3).
    scai::Result<std::vector<Value>> list(const std::string& path, const std::string& query,
                                          const std::string& wanted) {
        constexpr int per_page = 100, page_limit = 1000;
        std::vector<Value> out;
        std::string first_of_last_page;
        for (int page = 1; page <= page_limit; ++page) {
            SCAI_TRY(const auto body, call("GET",
                                           path + "?page=" + std::to_string(page) +
                                               "&per_page=" + std::to_string(per_page) + query,
                                           std::nullopt, wanted));
            const auto rows = rows_of(body);
            if (!rows.present())
                return fail(scai::ErrorKind::upstream, "scaikey_malformed",
                            "could not " + wanted + ": the answer holds no list");
            const auto first = rows.at(0).member("id");
            if (rows.size() == 0 || (page > 1 && first == first_of_last_page))
                break;
            first_of_last_page = first;
            rows.each_item([&](const Value& row) { out.push_back(row); });
            if (rows.size() < per_page)
                break;
        }
        return out;
    }

private:
    static scai::Error refused(const scai::http::Response& response, const std::string& wanted) {
        const std::string why = "could not " + wanted + ": ScaiKey answered " +
                                std::to_string(response.status) + detail_of(response);
        switch (response.status) {
        case 401:
            return fail(scai::ErrorKind::unauthenticated, "admin_token_refused", why,
                        "use a fresh token of a super_admin or of a GLOBAL SERVICE application");
        case 403:
            return fail(
                scai::ErrorKind::forbidden, "admin_scope_missing", why,
                "the token needs admin:read and admin:write, and super_admin reach for a GLOBAL application");
        case 404:
            return fail(scai::ErrorKind::not_found, "not_found", why);
        case 409:
            return fail(scai::ErrorKind::conflict, "conflict", why);
        default:
            return fail(response.status >= 500 ? scai::ErrorKind::upstream : scai::ErrorKind::bad_request,
                        "scaikey_refused", why);
        }
    }

    scai::http::Client& client_;
    const Wish& wish_;
    std::string authorization_;
};

scai::Result<std::optional<Value>> find_application(Admin& admin, const Wish& wish, const Known& known) {
    SCAI_TRY(const auto rows,
             admin.list("/api/v1/admin/applications/", "&application_type=WEB", "list applications"));
    if (!known.client_id.empty())
        for (const auto& row : rows)
            if (row.member("client_id") == known.client_id)
                return std::optional(row);
    std::vector<Value> same_name;
    for (const auto& row : rows)
        if (row.member("name") == wish.name && row.member("scope") == wish.scope &&
            (wish.tenant_id.empty() || row.member("tenant_id") == wish.tenant_id))
            same_name.push_back(row);
    if (same_name.size() > 1)
        return fail(scai::ErrorKind::conflict, "name_ambiguous",
                    "ScaiKey has " + std::to_string(same_name.size()) + " applications called " + wish.name,
                    "choose one with SCAIFLOW_SCAIKEY_CLIENT_ID in the env file, or another --name");
    if (same_name.empty())
        return std::optional<Value>();
    return std::optional(same_name.front());
}

scai::Status create_application(Admin& admin, const Wish& wish, Outcome& outcome) {
    SCAI_TRY(const auto body, admin.call("POST", "/api/v1/admin/applications/", application_body(wish),
                                         "create the application " + wish.name));
    const auto application = resource_of(body);
    outcome.application_id = application.member("id");
    outcome.client_id = application.member("client_id");
    outcome.client_secret = scai::SecretText(application.member("client_secret"));
    outcome.application_change = "created";
    if (outcome.client_id.empty() || outcome.client_secret.empty())
        return fail(scai::ErrorKind::upstream, "scaikey_malformed",
                    "ScaiKey created an application without telling client id and secret");
    return scai::Done{};
}

/// The secret of an existing application can not be read again (contract scaikey.md 3): it is here, or it is
/// made anew.
scai::Status complete_application(Admin& admin, const Wish& wish, const Known& known, const Value& existing,
                                  Outcome& outcome) {
    outcome.application_id = existing.member("id");
    outcome.client_id = existing.member("client_id");
    outcome.application_change = "unchanged";
    const std::string path = "/api/v1/admin/applications/" + scai::percent_encode(outcome.application_id);
    const bool known_here = known.client_id == outcome.client_id && !known.client_secret.empty();
    if (!known_here && !wish.rotate_secret)
        return fail(scai::ErrorKind::conflict, "secret_unknown",
                    "the application " + wish.name + " (client id " + outcome.client_id +
                        ") exists, and its secret is not in the env file",
                    "put the secret there, or let it be replaced with --rotate-secret: whoever uses the old "
                    "one stops "
                    "working");
    if (const auto patch = application_patch(existing, wish)) {
        SCAI_TRY([[maybe_unused]] const auto body,
                 admin.call("PATCH", path, *patch, "update the application " + wish.name));
        outcome.application_change = "updated";
    }
    if (!wish.rotate_secret) {
        outcome.client_secret = known.client_secret.duplicate();
        return scai::Done{};
    }
    SCAI_TRY(const auto body, admin.call("POST", path + "/rotate-secret", Value::object(),
                                         "replace the secret of the application " + wish.name));
    outcome.client_secret = scai::SecretText(resource_of(body).member("client_secret"));
    outcome.application_change = "secret_rotated";
    if (outcome.client_secret.empty())
        return fail(scai::ErrorKind::upstream, "scaikey_malformed", "ScaiKey's answer holds no new secret");
    return scai::Done{};
}

/// A subscription is known by its URL. Its secret cannot be read again either: one whose secret is not here
/// is made anew, the address is ours alone.
scai::Status subscribe(Admin& admin, const Wish& wish, const Known& known, Outcome& outcome) {
    const std::string query =
        wish.tenant_id.empty() ? "" : "&tenant_id=" + scai::percent_encode(wish.tenant_id);
    SCAI_TRY(const auto rows, admin.list("/api/v1/admin/webhooks/", query, "list webhooks"));
    outcome.webhook_change = "created";
    for (const auto& row : rows) {
        if (row.member("url") != wish.webhook_url)
            continue;
        if (!known.webhook_secret.empty() && outcome.webhook_id.empty()) {
            outcome.webhook_id = row.member("id");
            outcome.webhook_secret = known.webhook_secret.duplicate();
            outcome.webhook_change = "unchanged";
            continue;
        }
        SCAI_TRY([[maybe_unused]] const auto gone,
                 admin.call("DELETE", "/api/v1/admin/webhooks/" + scai::percent_encode(row.member("id")),
                            std::nullopt, "remove the old webhook subscription"));
        if (outcome.webhook_change == "created")
            outcome.webhook_change = "recreated";
    }
    if (outcome.webhook_change == "unchanged")
        return scai::Done{};
    outcome.webhook_secret = scai::SecretText("whsec_" + scai::crypto::random_id(40));
    SCAI_TRY(const auto body,
             admin.call("POST", "/api/v1/admin/webhooks/",
                        webhook_body(wish, outcome.webhook_secret.reveal()), "subscribe to webhooks"));
    const auto subscription = resource_of(body);
    outcome.webhook_id = subscription.member("id");
    // A ScaiKey that chooses the secret itself tells it now and never again.
    if (const auto theirs = subscription.member("secret"); !theirs.empty())
        outcome.webhook_secret = scai::SecretText(theirs);
    return scai::Done{};
}

} // namespace

scai::Result<Outcome> apply(scai::http::Client& client, const Wish& wish, std::string_view admin_token,
                            const Known& known) {
    Admin admin(client, wish, admin_token);
    Outcome outcome;
    SCAI_TRY(const auto existing, find_application(admin, wish, known));
    if (existing) {
        SCAI_TRY([[maybe_unused]] const auto done,
                 complete_application(admin, wish, known, *existing, outcome));
    } else {
        SCAI_TRY([[maybe_unused]] const auto done, create_application(admin, wish, outcome));
        if (!known.client_id.empty())
            outcome.warnings.push_back(
                "the client id in the env file was unknown to this ScaiKey and is replaced");
    }
    if (is_loopback(wish.webhook_url) && !is_loopback(wish.scaikey_url))
        outcome.warnings.push_back("ScaiKey does not reach " + wish.webhook_url +
                                   ": without a tunnel changes arrive with the hourly sweep only");
    // The application stands by now and its secret is shown once: a failing subscription must not lose it.
    if (const auto done = subscribe(admin, wish, known, outcome); !done) {
        outcome.webhook_change = "failed";
        outcome.webhook_secret = known.webhook_secret.duplicate();
        outcome.warnings.push_back(done.error().message + "; run the command again to subscribe");
    }
    return outcome;
}

} // namespace scaiflow::registration
