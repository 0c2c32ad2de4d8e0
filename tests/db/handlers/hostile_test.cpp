// Hostile input on every route of every group, taken from the real tables: oversized, malformed, not UTF-8,
// NUL, deeply nested and of the wrong type, in bodies, paths, queries and headers. Nothing may crash, nothing
// may answer 5xx, every refusal must say something. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/auth/handlers.hpp"
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/health/handlers.hpp"
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "handlers/scaiflow/preview/handlers.hpp"
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "handlers/scaiflow/webhooks/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "tests/support/flow_api.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/grid_api.hpp"
#include "tests/support/grid_double.hpp"
#include "tests/support/scaikey_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>

namespace {

using scai::json::Value;
using scai::web::ErasedRoute;
using scai::web::Request;
using scai::web::Response;

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

const std::vector<std::string>& bodies() {
    static const std::vector<std::string> list = [] {
        std::vector<std::string> out = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        "null",
                                        "true",
                                        "0",
                                        "\"",
                                        "\"text\"",
                                        "[]",
                                        "[{}]",
                                        "{}",
                                        " ",
                                        "\n{}\n",
                                        "{}{}",
                                        "{},",
                                        "{\"a\"}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "NaN",
                                        "{\"a\":NaN}",
                                        "{\"a\":1e999}",
                                        "{\"a\":-1e999}",
                                        "{\"a\":123456789012345678901234567890}",
                                        "{\"a\":01}",
                                        "{\"role\":\"tenant_admin\",\"role\":\"super_admin\"}",
                                        "{\"a\":\"\\u0000\"}",
                                        "{\"\\u0000\":1}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":\"\\udc00\\ud800\"}",
                                        "{\"a\":\"\\x\"}",
                                        "\xEF\xBB\xBF{}",
                                        "{\"a\":\"\xFF\xFE\"}",
                                        "{\"a\":\"\xC0\x80\"}",
                                        "{\"a\":\"\xED\xA0\x80\"}",
                                        "\xFF",
                                        "a=b&c=d",
                                        "a=%zz",
                                        "a=%00",
                                        "<?xml version=\"1.0\"?><a/>",
                                        "{\"__proto__\":{\"role\":\"super_admin\"}}"};
        out.push_back(std::string("{\"a\":\"x\0y\"}", 11));
        out.push_back(std::string(16, '\0'));
        out.push_back(repeated("[", 30'000));
        out.push_back(repeated("[", 2'000) + repeated("]", 2'000));
        out.push_back(repeated("{\"a\":", 10'000));
        out.push_back(repeated("{\"a\":", 2'000) + "1" + repeated("}", 2'000));
        out.push_back("{\"a\":\"" + std::string(60'000, 'x') + "\"}");
        out.push_back("{\"a\":\"" + std::string(70'000, 'x') + "\"}");
        out.push_back("{\"a\":\"" + std::string(11U << 20U, 'x') + "\"}");
        // Every member any endpoint reads, with a value of every wrong kind.
        for (const std::string value :
             {"null", "true", "-1", "1.5", "1e300", "[]", "[1,null,{}]", "{}", R"({"id":[]})", R"("")",
              R"("' OR 1=1 --")", R"("\u202e\u0007")", R"("😀")", R"("../../etc/passwd")"}) {
            std::string body = "{";
            for (const auto* key : {"role",
                                    "source",
                                    "dry_run",
                                    "force",
                                    "tenant_id",
                                    "code",
                                    "code_verifier",
                                    "redirect_uri",
                                    "refresh_token",
                                    "event_id",
                                    "event_type",
                                    "type",
                                    "id",
                                    "timestamp",
                                    "created_at",
                                    "resource",
                                    "data",
                                    "name",
                                    "slug",
                                    "email",
                                    "status",
                                    "user_id",
                                    "group_id",
                                    "password",
                                    "settings",
                                    "redirect_uris",
                                    "allowed_scopes",
                                    "token_lifetime",
                                    "url",
                                    "events",
                                    "secret",
                                    "users",
                                    "scope",
                                    "principal_type",
                                    "principal_id",
                                    "level",
                                    "description",
                                    "content",
                                    "format",
                                    "owner_id",
                                    "package_id",
                                    "version",
                                    "readme",
                                    "flow_id",
                                    "visibility",
                                    "visibility_group_ids",
                                    "runtime_mode",
                                    "concurrency_mode",
                                    "entity_key_field",
                                    "checkpoint_mode",
                                    "plugins",
                                    "environment",
                                    "resource_limits",
                                    "metadata",
                                    "avatar_b64",
                                    "group_ids",
                                    "expires_at",
                                    "assigned_user_id",
                                    "roles",
                                    "permissions",
                                    "input",
                                    "instance_key",
                                    "resolution",
                                    "messages",
                                    "model",
                                    "display_name",
                                    "body",
                                    "hitl_spec",
                                    "labels",
                                    "image",
                                    "path",
                                    "comment",
                                    "core"})
                body += std::string(body.size() > 1 ? "," : "") + "\"" + key + "\":" + value;
            out.push_back(body + "}");
            for (const auto* type : {"user.updated", "group.deleted", "group.member_added", "tenant.updated"})
                out.push_back(std::string(R"({"event_type":")") + type + R"(","event_id":)" + value +
                              R"(,"tenant_id":)" + value + R"(,"timestamp":)" + value + R"(,"data":)" +
                              value + R"(,"resource":)" + value + "}");
        }
        return out;
    }();
    return list;
}

const std::vector<std::string>& identifiers() { // decoded, as the loop hands them over
    static const std::vector<std::string> list = {std::string("a\0b", 3),
                                                  "..",
                                                  ".",
                                                  "\xFF",
                                                  "'",
                                                  "\";--",
                                                  "%",
                                                  "%00",
                                                  "-1",
                                                  "{id}",
                                                  " ",
                                                  "*",
                                                  "\\",
                                                  "\xE2\x80\xAE",
                                                  "\n",
                                                  "?",
                                                  "#",
                                                  "a/b",
                                                  std::string(20'000, 'x')};
    return list;
}

const std::vector<std::string>& queries() {
    static const std::vector<std::string> list = {"limit=99999999999999999999",
                                                  "limit=-1",
                                                  "limit=1.5",
                                                  "limit=",
                                                  "limit",
                                                  "limit=%00",
                                                  "cursor=%00",
                                                  "cursor=%ff",
                                                  "cursor=" + std::string(9'000, 'A'),
                                                  "cursor=W10",
                                                  "a=1&a=2",
                                                  "&&&=&=",
                                                  "%",
                                                  "%zz=1",
                                                  "a=%",
                                                  "search=%ff",
                                                  "search=%00",
                                                  "search=" + std::string(5'000, 'x'),
                                                  "tenant_id=%27%20OR%201%3D1",
                                                  "tenant_id=" + std::string(5'000, 't'),
                                                  "tenant_id=%F0%9F%98%80",
                                                  "role[]=x",
                                                  "role=%0d%0aSet-Cookie:x",
                                                  "deleted=maybe",
                                                  "status=%25",
                                                  "page=-1",
                                                  "page=0&per_page=0",
                                                  "page=99999999999&per_page=99999999999",
                                                  "per_page=x",
                                                  "client_id=%00",
                                                  "redirect_uri=javascript:alert(1)",
                                                  "state=%ff",
                                                  repeated("x=1&", 3'000),
                                                  std::string(60'000, '&')};
    return list;
}

struct Target {
    std::vector<ErasedRoute> routes;
    std::function<Response(Request&)> dispatch;
    std::function<void(Request&)> prepare = [](Request&) {};
    std::function<bool(const ErasedRoute&, const Response&)> documented = [](const auto&, const auto&) {
        return false;
    };
    int asked = 0;

    void ask(const ErasedRoute& route, Request request, const std::string& what) {
        prepare(request);
        ++asked;
        const auto response = dispatch(request);
        const bool fine = response.status >= 200 && (response.status < 500 || documented(route, response));
        BOOST_TEST(fine, route.method << " " << route.pattern << " with " << what << ": " << response.status);
        if (response.status >= 400 && request.method != "HEAD") {
            const bool page =
                response.body.find("<html") != std::string::npos; // ScaiKey's sign-in speaks HTML
            BOOST_TEST((page || response.body.size() > 2), route.pattern << " says nothing with " << what);
            BOOST_TEST(response.body.find("SELECT") == std::string::npos);
        }
    }
    static std::string path_of(const ErasedRoute& route, const std::string& id) {
        std::string path = route.pattern;
        for (auto at = path.find('{'); at != std::string::npos; at = path.find('{', at + id.size()))
            path.replace(at, path.find('}', at) - at + 1, id);
        return path;
    }
    static Request request_of(const ErasedRoute& route) {
        Request request;
        request.method = route.method;
        request.path = path_of(route, "nobody");
        request.base_url = "https://flow.test";
        return request;
    }
    void run() {
        for (const auto& route : routes) {
            for (std::size_t i = 0; i < bodies().size(); ++i)
                for (const auto* type : {"application/json", "application/x-www-form-urlencoded"}) {
                    auto request = request_of(route);
                    request.body = bodies()[i];
                    request.headers["content-type"] = type;
                    ask(route, request, "body " + std::to_string(i) + " as " + type);
                }
            for (const std::string& type : std::vector<std::string>{
                     "", "text/plain", "application/json; charset=\xFF", "*/*", std::string(9'000, 'x')}) {
                auto request = request_of(route);
                request.body = "{}";
                request.headers["content-type"] = type;
                ask(route, request, "media type");
            }
            for (std::size_t i = 0; i < identifiers().size(); ++i) {
                auto request = request_of(route);
                request.path = route.pattern.find('{') == std::string::npos
                                   ? route.pattern + "/" + identifiers()[i]
                                   : path_of(route, identifiers()[i]);
                ask(route, request, "identifier " + std::to_string(i));
            }
            for (std::size_t i = 0; i < queries().size(); ++i) {
                auto request = request_of(route);
                request.raw_query = queries()[i];
                ask(route, request, "query " + std::to_string(i));
            }
            for (const std::string& value : std::vector<std::string>{
                     "Bearer", "Bearer ", "Bearer \xFF", "Basic %%%",
                     "Basic " + scai::crypto::base64("a:b:c"), "Bearer eyJhbGciOiJub25lIn0.e30.",
                     "Bearer " + std::string(40'000, 'x'), std::string("x\0y", 3)})
                for (const auto* name :
                     {"authorization", "cookie", "if-match", "if-none-match", "idempotency-key",
                      "x-request-id", "x-scaikey-signature", "x-scaikey-timestamp", "x-scaikey-event-id"}) {
                    auto request = request_of(route);
                    request.headers[name] = value;
                    ask(route, request, std::string("header ") + name);
                }
        }
    }
};

Target target_of(test::FlowApi& api) {
    Target target;
    target.routes = api.router().routes();
    target.dispatch = [&api](Request& request) { return api.router().dispatch(request); };
    return target;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_hostile)

BOOST_AUTO_TEST_CASE(admin_routes_stand_it) {
    // Without credentials: a body that happens to be good must not start a sweep of nowhere.
    test::FlowApi api("admin", scaiflow::admin_api::routes(),
                      test::FlowApi::Settings{{"SCAIFLOW_SCAIKEY_CLIENT_SECRET", ""}});
    api.db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1')");
    for (const auto& who : {test::super_admin(), test::tenant_admin()}) {
        api.who = who;
        auto target = target_of(api);
        target.documented = [](const ErasedRoute& route, const Response& response) {
            const bool unconfigured = response.body.find("not configured on the server") != std::string::npos;
            return response.status == 503 && (unconfigured || route.pattern == "/v1/admin/drift");
        };
        target.run();
        BOOST_TEST(target.asked > 1'000);
    }
    api.who = test::super_admin();
    BOOST_TEST(api.call("GET", "/v1/admin/users").status == 200);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.role_grants") == "0");
}

BOOST_AUTO_TEST_CASE(flow_routes_stand_it) {
    test::FlowApi api("flows", scaiflow::flows_api::routes());
    // Everything is called "nobody" and stays there, so that each route gets to its end.
    api.db.sql(R"(
INSERT INTO scaiflow.tenants (id) VALUES ('t1');
INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('t1', 'nobody', 'webhook'), ('t1', 'usr_root', 'webhook');
INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by)
VALUES ('t1', 'nobody', 'n', 'usr_plain', 'nobody', 'n', 'n');
INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, content_sha256, created_by)
VALUES ('t1', 'nobody', 1, 'nobody', '{"id":"nobody","nodes":[],"edges":[]}', '', 'n');
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
VALUES ('t1', 'nobody', 'nobody', 'user', 'usr_x', 1, 'n', now());
CREATE FUNCTION scaiflow.stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.deleted_at := NULL; NEW.owner_id := OLD.owner_id; RETURN NEW; END $$;
CREATE TRIGGER stays BEFORE UPDATE ON scaiflow.flows FOR EACH ROW EXECUTE FUNCTION scaiflow.stays();
CREATE FUNCTION scaiflow.not_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER stays BEFORE DELETE ON scaiflow.flow_acls FOR EACH ROW EXECUTE FUNCTION scaiflow.not_gone();)");
    for (auto who : {test::super_admin(), test::plain_user()}) {
        who.permissions = {"scaicore:view", "scaicore:manage"};
        api.who = who;
        auto target = target_of(api);
        target.run();
        BOOST_TEST(target.asked > 1'000);
    }
    BOOST_TEST(api.call("GET", "/v1/flows/nobody").status == 200);
}

BOOST_AUTO_TEST_CASE(catalog_routes_stand_it) {
    test::FlowApi api("catalog", scaiflow::catalog_api::routes());
    // A package that is called "nobody" and stays, so that each route gets to its end.
    api.db.sql(R"(
INSERT INTO scaiflow.tenants (id) VALUES ('t1');
CREATE FUNCTION scaiflow.stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.deleted_at := NULL; NEW.visibility := OLD.visibility; RETURN NEW; END $$;
CREATE TRIGGER stays BEFORE UPDATE ON scaiflow.catalog_packages FOR EACH ROW EXECUTE FUNCTION scaiflow.stays();)");
    const auto publish = [&api] {
        return api.call(
            "POST", "/v1/catalog/publish",
            Value::object({{"package_id", "nobody"},
                           {"name", "n"},
                           {"version", "0.1.0"},
                           {"content", scai::test::flow(
                                           {scai::test::node("node_in", "entry_api"),
                                            scai::test::node("node_a", "llm_rigid", R"({"template":"hi"})")},
                                           {scai::test::edge("node_in.out_request", "node_a")})}})
                .dump());
    };
    for (auto who : {test::super_admin(), test::plain_user()}) {
        who.permissions = {"scaicore:view", "scaicore:manage"};
        api.who = who;
        publish();
        auto target = target_of(api);
        target.run();
        BOOST_TEST(target.asked > 1'000);
    }
    BOOST_TEST(api.call("GET", "/v1/catalog/nobody").status == 200);
    BOOST_TEST(api.call("POST", "/v1/catalog/nobody/install").status == 200);
}

BOOST_AUTO_TEST_CASE(auth_routes_stand_it) {
    test::FlowApi api("auth", scaiflow::auth_api::routes());
    api.who = test::plain_user();
    auto target = target_of(api);
    target.run();
    BOOST_TEST(api.call("GET", "/v1/auth/config").status == 200);
}

BOOST_AUTO_TEST_CASE(health_routes_stand_it) {
    test::FlowApi api("health", scaiflow::health_api::routes());
    auto target = target_of(api);
    target.run();
    BOOST_TEST(api.call("GET", "/v1/health").status == 200);
}

BOOST_AUTO_TEST_CASE(preview_routes_stand_it) {
    test::FlowApi api("preview", scaiflow::preview_api::routes());
    api.who = test::plain_user();
    api.who.permissions = {"scaicore:view"};
    auto target = target_of(api);
    target.run();
    BOOST_TEST(api.call("POST", "/v1/flows/validate", R"({"content":{}})").status == 200);
}

BOOST_AUTO_TEST_CASE(routes_to_the_grid_stand_it) {
    const test::GridDouble grid;
    for (const auto& [group, routes] : {std::pair{"lookups", scaiflow::lookups_api::routes()},
                                        std::pair{"scaicore", scaiflow::scaicore_api::routes()}}) {
        test::FlowApi api(group, routes, grid.settings());
        api.who = test::plain_user();
        api.who.permissions = {"scaicore:view", "scaicore:manage"};
        auto target = target_of(api);
        target.dispatch = [&api](Request& request) {
            request.can_stream = true;
            return api.router().dispatch(request);
        };
        target.run();
    }
    // Whatever was sent, it stayed in its place.
    for (const auto& request : grid.server.requests())
        BOOST_TEST((request.path.starts_with("/v1/modules/scai") || request.path == "/v1/models"),
                   request.target);
}

BOOST_AUTO_TEST_CASE(webhook_routes_stand_it_signed_and_unsigned) {
    test::FlowApi api("webhooks", scaiflow::webhooks_api::routes(),
                      test::FlowApi::Settings{{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", "key"}});
    api.db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('')");
    auto unsigned_target = target_of(api);
    unsigned_target.run();
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.webhook_events") == "0");
    auto signed_target = target_of(api);
    signed_target.prepare = [&api](Request& request) {
        const auto t = std::to_string(api.clock.seconds());
        request.headers.try_emplace("x-scaikey-timestamp", t);
        request.headers.try_emplace(
            "x-scaikey-signature",
            "t=" + t +
                ",v1=" + scai::crypto::to_hex(scai::crypto::hmac_sha256("key", t + "." + request.body)));
    };
    signed_target.run();
    BOOST_TEST(api.db.value("SELECT count(*) > 0 FROM scaiflow.webhook_events") == "t");
}

BOOST_AUTO_TEST_CASE(routes_of_the_embedded_provider_stand_it) {
    test::Directory directory;
    Target target;
    target.routes = directory.router.routes();
    target.dispatch = [&directory](Request& request) { return directory.router.dispatch(request); };
    target.run();
    BOOST_TEST(directory.get("/v1/admin/tenants/").status == 200);
}

BOOST_AUTO_TEST_CASE(routes_of_the_embedded_grid_stand_it) {
    test::GridApi api({{"SCAIGRID_SECRET_KEY", "sixteen characters and more"}});
    const auto bearer = "Bearer " + api.api_key("nobody", "t1", "super_admin");
    Target target;
    target.routes = api.router().routes();
    target.dispatch = [&api](Request& request) { return api.router().dispatch(request); };
    target.prepare = [&bearer](Request& request) {
        request.headers.try_emplace("authorization", bearer);
        // Cores are written as YAML, too.
        if (request.body.size() % 2 == 1 && request.path.starts_with("/v1/modules/scaicore/cores"))
            request.headers["content-type"] = request.path.ends_with("parse-bundle")
                                                  ? "multipart/form-data; boundary=x"
                                                  : "application/yaml";
    };
    target.run();
    BOOST_TEST(target.asked > 1'000);
    BOOST_TEST(api.call("GET", "/v1/health/ready").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
