// The directory API in process: real router, real handlers, a real database of its own; only the token is
// replaced, by the principal a test names. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaikey/handlers.hpp"
#include "lib/json/value.hpp"
#include "lib/scaikey/app/gate.hpp"
#include "lib/scaikey/app/settings.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace test {

struct Answer {
    int status = 0;
    scai::json::Value body; ///< absent when there is none
    std::string text, location;
    std::string id() const { return body.member("id"); }
    std::string detail() const { return body.member("detail"); }
    std::int64_t total() const { return body.get("pagination").get("total").integer().value_or(-1); }
    std::size_t rows() const { return body.get("data").size(); }
    std::string row(std::size_t index, std::string_view key) const {
        return body.get("data").at(index).member(key);
    }
};

inline scai::web::Principal service(std::set<std::string, std::less<>> scopes,
                                    const std::string& client = "cid_test") {
    scai::web::Principal out;
    out.subject = out.client_id = client;
    out.service = true;
    out.permissions = std::move(scopes);
    out.claims = scai::json::Value::object({{"app_scope", "GLOBAL"}, {"platform_token", true}});
    return out;
}

inline scai::web::Principal admin(const std::string& role, const std::string& tenant,
                                  const std::string& partner = "") {
    scai::web::Principal out;
    out.subject = "usr_admin";
    out.client_id = "cid_console";
    out.tenant_id = tenant;
    out.admin_role = role;
    out.claims = scai::json::Value::object({{"role", role}});
    if (!partner.empty())
        out.claims.set("partner_id", partner);
    return out;
}

class Directory {
public:
    Directory()
        : db(migrated_database("scaikey")), context(settings_for(db), std::make_unique<scai::SystemClock>()),
          router(
              scaikey::make_routes(context),
              [this](const scai::web::Request&,
                     const scai::web::Access& access) -> scai::Result<scai::web::Principal> {
                  if (auto allowed = scaikey::authorize(who, access); !allowed)
                      return std::move(allowed).error();
                  return who;
              },
              scai::web::Envelope::scaiflow) {}

    /// `target` is path and query. The query is split plainly: no escapes in tests but %20.
    Answer call(const std::string& method, const std::string& target, const std::string& body = "") {
        scai::web::Request request;
        request.method = method;
        request.base_url = "http://key.test";
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos)
            request.raw_query = target.substr(mark + 1);
        for (std::size_t at = 0; at < request.raw_query.size();) {
            const auto end = std::min(request.raw_query.find('&', at), request.raw_query.size());
            const auto pair = request.raw_query.substr(at, end - at);
            const auto equals = pair.find('=');
            request.query[pair.substr(0, equals)] =
                equals == std::string::npos ? "" : pair.substr(equals + 1);
            at = end + 1;
        }
        if (!body.empty())
            request.headers["content-type"] = "application/json";
        request.body = body;
        const auto response = router.dispatch(request);
        Answer out{.status = response.status, .body = {}, .text = response.body, .location = ""};
        for (const auto& [name, value] : response.headers)
            if (name == "Location")
                out.location = value;
        if (auto parsed = scai::json::parse(response.body))
            out.body = *parsed;
        return out;
    }
    Answer get(const std::string& target) { return call("GET", target); }
    Answer post(const std::string& target, const std::string& body = "{}") {
        return call("POST", target, body);
    }
    Answer patch(const std::string& target, const std::string& body) { return call("PATCH", target, body); }
    Answer remove(const std::string& target) { return call("DELETE", target); }

    /// Creates and returns the id; the test fails when the answer is not 201.
    std::string made(const std::string& target, const std::string& body) {
        const auto answer = post(target, body);
        if (answer.status != 201)
            throw std::runtime_error(target + " answered " + std::to_string(answer.status) + ": " +
                                     answer.text);
        return answer.id();
    }
    std::string tenant(const std::string& slug, const std::string& partner = "") {
        return made("/v1/admin/tenants/", R"({"name":")" + slug + R"(","slug":")" + slug +
                                              R"(","partner_id":)" +
                                              (partner.empty() ? "null" : "\"" + partner + "\"") + "}");
    }
    std::string user(const std::string& tenant_id, const std::string& email) {
        return made("/v1/admin/users/", R"({"tenant_id":")" + tenant_id + R"(","email":")" + email + R"("})");
    }
    std::string group(const std::string& tenant_id, const std::string& name) {
        return made("/v1/admin/groups/", R"({"tenant_id":")" + tenant_id + R"(","name":")" + name + R"("})");
    }
    int join(const std::string& group_id, const std::string& user_id) {
        return post("/v1/admin/groups/" + group_id + "/members", R"({"user_id":")" + user_id + R"("})")
            .status;
    }
    int nest(const std::string& group_id, const std::string& child) {
        return post("/v1/admin/groups/" + group_id + "/members", R"({"group_id":")" + child + R"("})").status;
    }
    /// Types of all events so far, oldest first.
    std::string events() {
        return db.value("SELECT coalesce(string_agg(event_type, ' ' ORDER BY seq), '') FROM scaikey.events");
    }
    void forget_events() { db.sql("DELETE FROM scaikey.events"); }

    Database db;
    scaikey::Context context;
    scai::web::Principal who = service({"admin:read", "admin:write"});
    scai::web::Router router;

private:
    static scai::config::Settings settings_for(const Database& database) {
        auto settings =
            scai::config::Settings::from_values(scaikey::settings_table, {{"DATABASE_URL", database.url}});
        if (!settings)
            throw std::runtime_error(settings.error().message);
        return std::move(*settings);
    }
};

} // namespace test
