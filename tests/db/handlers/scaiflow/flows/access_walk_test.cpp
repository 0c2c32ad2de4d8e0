// Who may call what: every operation of the API description below the prefixes of `walked`, called by every
// kind of caller through the real gate, the real route table and the real accessor. The description itself
// says what is needed: x-permission or x-role, x-level on the flow, x-deleted for what works on a deleted
// flow (which nobody below admin sees), x-package for a package of ann that her tenant sees: seen, or author
// (she and the admins). Paths, queries and bodies are its examples, and the flow below is
// made of the same ids, so whoever may gets 2xx and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/catalog/handlers.hpp"
#include "handlers/scaiflow/deploy/handlers.hpp"
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "handlers/scaiflow/preview/handlers.hpp"
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/yaml/yaml.hpp"
#include "tests/db/handlers/scaiflow/flows/people.hpp"
#include "tests/support/flow_json.hpp"
#include "tests/support/grid_double.hpp"
#include "tests/support/scripted_grid.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <set>

using scai::json::Value;

namespace {

constexpr std::string_view of_grid[] = {"/v1/scaiqueue", "/v1/scaibunker", "/v1/scaigrid", "/v1/scaicore"};
constexpr std::string_view walked[] = {
    "/v1/flows", "/v1/catalog", "/v1/admin/tenant/flows", of_grid[0], of_grid[1], of_grid[2], of_grid[3]};

struct Operation {
    std::string id, method, path, permission, role, level, package;
    bool on_deleted = false;
    bool asks_for_tenant = false; ///< has ?tenant_id=, with which a super_admin names another tenant
    bool asks_for_user = false;   ///< has ?user_id=
    std::map<std::string, std::string> parameters; ///< of the path: name -> example
    std::string body;
};

Value description() {
    std::ifstream file("nginx/www/openapi/scaiflow.yaml");
    BOOST_REQUIRE(file);
    const auto parsed = scai::yaml::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    BOOST_REQUIRE_MESSAGE(parsed, "the API description is no YAML");
    return *parsed;
}

/// The value itself, or what its $ref points to.
Value resolved(const Value& whole, const Value& value) {
    const auto ref = value.member("$ref");
    if (ref.empty())
        return value;
    Value at = whole;
    for (const auto& step : scai::split_list(ref.substr(2), '/'))
        at = at.get(step);
    BOOST_REQUIRE_MESSAGE(at.present(), ref);
    return at;
}

std::string example_of(const Value& parameter) {
    const auto example = parameter.get("example");
    return example.text().value_or(example.present() ? example.dump() : "");
}

void read_parameters(const Value& whole, const Value& list, Operation& out) {
    list.each_item([&](const Value& item) {
        const auto parameter = resolved(whole, item);
        if (parameter.member("in") == "path")
            out.parameters[parameter.member("name")] = example_of(parameter);
        const bool query = parameter.member("in") == "query";
        out.asks_for_user |= query && parameter.member("name") == "user_id";
        out.asks_for_tenant |= query && parameter.member("name") == "tenant_id";
    });
}

bool is_below(std::string_view path, std::span<const std::string_view> prefixes) {
    for (const auto prefix : prefixes)
        if (path == prefix || (path.starts_with(prefix) && path[prefix.size()] == '/'))
            return true;
    return false;
}

std::vector<Operation> operations() {
    const auto whole = description();
    std::vector<Operation> out;
    whole.get("paths").each_member([&](std::string_view path, const Value& item) {
        if (!is_below(path, walked))
            return;
        item.each_member([&](std::string_view method, const Value& operation) {
            if (method == "parameters")
                return;
            Operation next;
            next.id = operation.member("operationId");
            for (const char c : method)
                next.method += static_cast<char>(c - 'a' + 'A');
            next.path = path;
            next.permission = operation.member("x-permission");
            next.role = operation.member("x-role");
            next.level = operation.member("x-level");
            next.package = operation.member("x-package");
            next.on_deleted = operation.get("x-deleted").boolean().value_or(false);
            read_parameters(whole, item.get("parameters"), next);
            read_parameters(whole, operation.get("parameters"), next);
            const auto body = operation.get("requestBody").get("content").get("application/json");
            if (body.present())
                next.body = body.get("example").present() ? body.get("example").dump() : "no example";
            out.push_back(std::move(next));
        });
    });
    return out;
}

/// A flow that compiles.
std::string good_content() {
    using namespace scai::test; // NOLINT(google-build-using-namespace)
    return flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                {edge("node_in.out_request", "node_a")})
        .dump();
}

/// The ids of the description's examples.
std::string example_flow_sql() {
    return test::flow_sql("flow_k3v9") + R"(
INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, content_sha256, created_by)
VALUES ('t1', 'flow_k3v9', 2, '1.0.1', ')" +
           good_content() + R"(', '', 'ann');
UPDATE scaiflow.flows SET number = 2, version = '1.0.1' WHERE id = 'flow_k3v9';
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
SELECT tenant_id, 'acl_3', id, 'group', 'grp_fin', 1, 'ann', updated_at FROM scaiflow.flows WHERE id = 'flow_k3v9';
INSERT INTO scaiflow.flow_deployments (tenant_id, id, flow_id, version, status, deployed_by)
VALUES ('t1', 'dep_k3v9', 'flow_k3v9', '1.0.1', 'succeeded', 'ann');
)";
}

constexpr auto no_flows = R"(
DELETE FROM scaiflow.idempotency_keys; DELETE FROM scaiflow.flow_presence; DELETE FROM scaiflow.flow_acls;
DELETE FROM scaiflow.flow_versions; DELETE FROM scaiflow.flow_deployment_steps; DELETE FROM scaiflow.flow_deployments;
DELETE FROM scaiflow.flows;
DELETE FROM scaiflow.catalog_versions; DELETE FROM scaiflow.catalog_packages;
)";

/// Everything a call could change.
constexpr auto fingerprint = R"(
SELECT md5(concat((SELECT string_agg(f::text, '' ORDER BY id) FROM scaiflow.flows f),
                  (SELECT string_agg(a::text, '' ORDER BY id) FROM scaiflow.flow_acls a),
                  (SELECT string_agg(p::text, '' ORDER BY user_id) FROM scaiflow.flow_presence p),
                  (SELECT string_agg(c::text, '' ORDER BY package_id) FROM scaiflow.catalog_packages c),
                  (SELECT string_agg(k::text, '' ORDER BY key) FROM scaiflow.idempotency_keys k),
                  (SELECT count(*) FROM scaiflow.flow_versions), (SELECT count(*) FROM scaiflow.flow_deployments), (SELECT count(*) FROM scaiflow.audit_log))))";

struct Walker {
    std::string name, tenant, user;
    std::vector<std::string> permissions; ///< of the token
    int level = 0;                        ///< on the flow
    std::string role = {};
    bool known = true; ///< false: 401
};

const std::vector<Walker>& walkers() {
    static const std::vector<std::string> manage = {"scaicore:manage"}, view = {"scaicore:view"}, none = {};
    static const std::vector<Walker> list = [] {
        std::vector<Walker> out = {
            {"no token", "t1", "", none, 0, {}, false},
            {"forged token", "t1", "ann", manage, 0, {}, false},
            {"disabled", "t1", "off", manage, 4, {}, false},
            {"deleted", "t1", "gone", manage, 4, {}, false},
            {"owner without permission", "t1", "ann", none, 4},
            {"owner with view", "t1", "ann", view, 4},
            {"owner", "t1", "ann", manage, 4},
            {"admin by row without permission", "t1", "adm", none, 4},
            {"admin by row with view", "t1", "adm", view, 4},
            {"nobody", "t1", "bo", manage, 0},
            {"nobody with view", "t1", "bo", view, 0},
            {"not in the mirror", "t1", "stranger", manage, 0},
            {"tenant_admin", "t1", "boss", none, 4, "tenant_admin"},
            {"super_admin of another tenant", "t2", "root", none, 4, "super_admin"},
            {"user of another tenant", "t2", "stan", manage, 0},
            {"same id in another tenant", "t2", "ann", manage, 0},
            {"tenant_admin of another tenant", "t2", "boss2", none, 0, "tenant_admin"}};
        const char* const users[] = {"vic", "ed", "dep", "adm"};
        const char* const levels[] = {"view", "edit", "deploy", "admin"};
        for (int i = 0; i < 4; ++i) {
            const std::string level = levels[i];
            out.push_back({level + " by row", "t1", users[i], manage, i + 1});
            out.push_back({level + " by group", "t1", "g" + level, manage, i + 1});
            out.push_back({level + " by nested group", "t1", "n" + level, manage, i + 1});
        }
        return out;
    }();
    return list;
}

int rank_of(const std::string& level) {
    const std::string_view names[] = {"none", "view", "edit", "deploy", "admin"};
    for (int i = 0; i < 5; ++i)
        if (names[i] == level)
            return i;
    return -1;
}

/// What the description promises: 200 for any 2xx.
int promised(const Operation& operation, const Walker& walker) {
    if (!walker.known)
        return 401;
    const bool admin = !walker.role.empty();
    const auto holds = [&](const std::string& permission) {
        for (const auto& one : walker.permissions)
            if (one == permission || one == "scaicore:manage")
                return true;
        return admin;
    };
    if (!operation.permission.empty() && !holds(operation.permission))
        return 403;
    if (!operation.role.empty() && walker.role != operation.role && walker.role != "super_admin")
        return 403;
    const int needed = rank_of(operation.level);
    if (!operation.package.empty()) {
        const bool all = walker.role == "super_admin";
        if (walker.tenant != "t1" && !all)
            return 404;
        return operation.package == "seen" || admin || walker.user == "ann" ? 200 : 403;
    }
    if (needed == 0)
        return 200;
    if (walker.level == 0 || (operation.on_deleted && walker.level < 4))
        return 404;
    return walker.level < needed ? 403 : 200;
}

struct Group {
    std::string name;
    test::FlowApi::Routes routes;
};

struct Walk : test::FlowApi {
    explicit Walk(const Group& group, const std::string& grid)
        : FlowApi(group.name, group.routes,
                  {{"SCAIGRID_BASE_URL", grid}, {"SCAIGRID_API_KEY", "sgk_of_the_server"}}) {
        can_stream = true;
        db.sql(test::people_sql());
        db.sql("INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES ('t1', 'usr_bo', 'bo@x', "
               "'webhook'); "
               "INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('t1', 'grp_fin', 'Finance')");
    }
    void reset(const Operation& operation) {
        db.sql(no_flows + example_flow_sql());
        if (operation.on_deleted)
            db.sql("UPDATE scaiflow.flows SET deleted_at = now(), deleted_by = 'ann'; "
                   "UPDATE scaiflow.flow_acls SET listed_at = NULL");
        if (operation.package.empty())
            return;
        if (!published_) {
            const auto body = Value::object({{"package_id", "invoice-triage"},
                                             {"name", "Invoice triage"},
                                             {"version", "0.1.0"},
                                             {"content", *scai::json::parse(good_content())}});
            BOOST_REQUIRE(
                call_as(token("ann", "t1", {"scaicore:manage"}), "POST", "/v1/catalog/publish", body.dump())
                    .status == 201);
            db.sql("CREATE TABLE kept_packages AS SELECT * FROM scaiflow.catalog_packages; "
                   "CREATE TABLE kept_versions AS SELECT * FROM scaiflow.catalog_versions");
            published_ = true;
            return;
        }
        db.sql("INSERT INTO scaiflow.catalog_packages SELECT * FROM kept_packages; "
               "INSERT INTO scaiflow.catalog_versions SELECT * FROM kept_versions");
    }
    int send(const Operation& operation, const Walker& walker) {
        std::string path = operation.path;
        for (const auto& [name, example] : operation.parameters)
            if (const auto at = path.find("{" + name + "}"); at != std::string::npos)
                path.replace(at, name.size() + 2, example);
        if (operation.asks_for_user)
            path += "?user_id=" + walker.user;
        else if (operation.asks_for_tenant && !operation.package.empty() && walker.role == "super_admin")
            path += "?tenant_id=t1";
        Headers headers;
        if (!walker.user.empty())
            headers["authorization"] = "Bearer " + token(walker.user, walker.tenant, walker.permissions) +
                                       (walker.name == "forged token" ? "AAAA" : "");
        last = call(operation.method, path, operation.body, headers);
        return last.status;
    }
    test::FlowAnswer last;

private:
    bool published_ = false;
};

std::string title(const Operation& operation, const Walker& walker) {
    return operation.method + " " + operation.path + " by " + walker.name;
}

void walk(Walk& api, const Operation& operation) {
    api.reset(operation);
    const auto before = api.db.value(fingerprint);
    for (const auto& walker : walkers())
        if (const int wanted = promised(operation, walker); wanted != 200) {
            BOOST_TEST(api.send(operation, walker) == wanted, title(operation, walker)
                                                                  << ": " << api.last.body);
            if (wanted == 403 && walker.known)
                BOOST_TEST(!api.last.json.get("detail").member("required").empty(), title(operation, walker));
        }
    BOOST_TEST(api.db.value(fingerprint) == before, operation.id << ": a refused call left a trace");
    for (const auto& walker : walkers())
        if (promised(operation, walker) == 200) {
            const int status = api.send(operation, walker);
            BOOST_TEST((status >= 200 && status < 300), title(operation, walker)
                                                            << ": " << status << " " << api.last.body);
            if (operation.method != "GET")
                api.reset(operation);
        }
}

/// Says the description the same as the route table?
void compare(const Operation& operation, const scai::web::ErasedRoute& route) {
    using Kind = scai::web::Access::Kind;
    if (!operation.role.empty())
        BOOST_TEST((route.access.kind() == Kind::role && route.access.name() == operation.role),
                   operation.id);
    else
        BOOST_TEST((route.access.kind() == Kind::permission && route.access.name() == operation.permission),
                   operation.id);
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_access_walk)

BOOST_AUTO_TEST_CASE(every_operation_says_what_it_needs) {
    const auto all = operations();
    BOOST_TEST(all.size() >= 18);
    for (const auto& operation : all) {
        BOOST_TEST((operation.permission == "scaicore:view" || operation.permission == "scaicore:manage" ||
                    operation.role == "tenant_admin" || operation.role == "super_admin"),
                   operation.id << " needs x-permission or x-role");
        BOOST_TEST(rank_of(operation.level) >= 0, operation.id << " needs x-level");
        const bool of_one = operation.path.find('{') != std::string::npos;
        BOOST_TEST((!of_one || rank_of(operation.level) > 0 || is_below(operation.path, of_grid) ||
                    operation.package == "seen" || operation.package == "author"),
                   operation.id << " is about one flow or package: x-level or x-package");
        BOOST_TEST(operation.body != "no example", operation.id << " needs an example of its body");
        for (const auto& [name, example] : operation.parameters)
            BOOST_TEST(!example.empty(), operation.id << " needs an example of " << name);
    }
}

BOOST_AUTO_TEST_CASE(route_by_role_by_tenant_by_level) {
    const auto all = operations();
    std::set<std::string> seen;
    scai::test::ScriptedGrid grid;
    const test::GridDouble answering; // one of everything, whatever is asked
    for (const auto& group :
         {Group{"flows", scaiflow::flows_api::routes()}, Group{"preview", scaiflow::preview_api::routes()},
          Group{"catalog", scaiflow::catalog_api::routes()}, Group{"deploy", scaiflow::deploy_api::routes()},
          Group{"admin", scaiflow::admin_api::routes()}, Group{"lookups", scaiflow::lookups_api::routes()},
          Group{"scaicore", scaiflow::scaicore_api::routes()}}) {
        Walk api(group, group.name == "deploy" ? grid.url() : answering.server.url());
        for (const auto& route : api.router().routes())
            for (const auto& operation : all)
                if (operation.method == route.method && operation.path == route.pattern) {
                    compare(operation, route);
                    walk(api, operation);
                    seen.insert(operation.id);
                }
    }
    for (const auto& operation : all)
        BOOST_TEST(seen.contains(operation.id), operation.id << " is in no route table");
}

BOOST_AUTO_TEST_SUITE_END()
