// Registration against a scripted ScaiKey. SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "lib/scaiflow/registration/rules.hpp"
#include "lib/scaiflow/registration/service.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sys/stat.h>

namespace {

using namespace scaiflow::registration;
using scai::json::Value;

/// A ScaiKey of two tables; `refuse` answers a "METHOD path" with a status of its own.
class FakeScaiKey final : public scai::http::Client {
public:
    std::vector<Value> applications, webhooks;
    std::map<std::string, std::pair<int, std::string>> refuse;
    std::vector<std::string> calls;

    scai::Result<scai::http::Response> send(const scai::http::Request& request) override {
        const auto path = request.url.substr(std::string("https://key.test").size());
        const auto bare = path.substr(0, path.find('?'));
        calls.push_back(request.method + " " + bare);
        BOOST_TEST(request.headers.front().second == "Bearer admin-token");
        BOOST_TEST((request.method == "GET" || request.retries == 0), "a write must not be repeated");
        if (const auto found = refuse.find(request.method + " " + bare); found != refuse.end())
            return answer(found->second.first, found->second.second);
        const bool apps = bare.starts_with("/api/v1/admin/applications/");
        auto& table = apps ? applications : webhooks;
        if (request.method == "GET")
            return answer(200, Value::object({{"data", list(table)}}).dump());
        if (request.method == "DELETE") {
            std::erase_if(table, [&](const Value& row) { return bare.ends_with(row.member("id")); });
            return answer(204, "");
        }
        if (bare.ends_with("/rotate-secret"))
            return answer(200, R"({"id":"app_1","client_secret":"secret-new"})");
        if (request.method == "PATCH")
            return answer(200, "{}");
        auto row = scai::json::parse(request.body).value();
        row.set("id", Value(apps ? "app_1" : "wh_" + std::to_string(++number_)));
        auto told = row;
        if (apps) {
            row.set("client_id", Value("client-1"));
            told = scai::json::parse(row.dump()).value();
            told.set("client_secret", Value("secret-1"));
        }
        table.push_back(row);
        return answer(201, told.dump());
    }

private:
    static Value list(const std::vector<Value>& rows) {
        auto out = Value::array();
        for (const auto& row : rows)
            out.push(row);
        return out;
    }
    static scai::http::Response answer(int status, std::string body) {
        scai::http::Response response;
        response.status = status;
        response.body = std::move(body);
        return response;
    }
    int number_ = 0;
};

Wish wish() {
    Wish out;
    out.scaikey_url = "https://key.test";
    out.public_url = "https://flow.test";
    out.redirect_uris = redirect_uris_for(out.public_url);
    out.allowed_scopes = wanted_scopes();
    out.webhook_url = out.public_url + "/api/v1/webhooks/scaikey";
    return out;
}

Known known_from(const Outcome& outcome) {
    Known known;
    known.client_id = outcome.client_id;
    known.client_secret = outcome.client_secret.duplicate();
    known.webhook_secret = outcome.webhook_secret.duplicate();
    return known;
}

std::size_t writes(const std::vector<std::string>& calls) {
    return static_cast<std::size_t>(std::count_if(
        calls.begin(), calls.end(), [](const auto& call) { return !call.starts_with("GET "); }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_registration_service)

BOOST_AUTO_TEST_CASE(application_and_webhook_are_created_once) {
    FakeScaiKey key;
    const auto first = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(first));
    BOOST_TEST(first->application_change == "created");
    BOOST_TEST(first->client_id == "client-1");
    BOOST_TEST(first->client_secret.reveal() == "secret-1");
    BOOST_TEST(first->webhook_change == "created");
    BOOST_TEST(first->webhook_secret.reveal().starts_with("whsec_"));
    BOOST_TEST(key.webhooks.front().member("secret") == first->webhook_secret.reveal());

    key.calls.clear();
    const auto second = apply(key, wish(), "admin-token", known_from(*first));
    BOOST_TEST_REQUIRE(static_cast<bool>(second));
    BOOST_TEST(second->application_change == "unchanged");
    BOOST_TEST(second->webhook_change == "unchanged");
    BOOST_TEST(second->client_secret.reveal() == "secret-1");
    BOOST_TEST(second->webhook_secret.reveal() == first->webhook_secret.reveal());
    BOOST_TEST(writes(key.calls) == 0U);
    BOOST_TEST(key.applications.size() == 1U);
    BOOST_TEST(key.webhooks.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_application_whose_secret_is_not_here_is_left_alone) {
    FakeScaiKey key;
    BOOST_TEST_REQUIRE(static_cast<bool>(apply(key, wish(), "admin-token", {})));
    key.calls.clear();
    const auto again = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(!again);
    BOOST_TEST(again.error().code == "secret_unknown");
    BOOST_TEST(again.error().fix.find("--rotate-secret") != std::string::npos);
    BOOST_TEST(writes(key.calls) == 0U);
}

BOOST_AUTO_TEST_CASE(its_secret_is_replaced_when_asked_for) {
    FakeScaiKey key;
    BOOST_TEST_REQUIRE(static_cast<bool>(apply(key, wish(), "admin-token", {})));
    auto with_rotation = wish();
    with_rotation.rotate_secret = true;
    const auto again = apply(key, with_rotation, "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(again));
    BOOST_TEST(again->application_change == "secret_rotated");
    BOOST_TEST(again->client_secret.reveal() == "secret-new");
    BOOST_TEST(key.applications.size() == 1U);
    BOOST_TEST(again->webhook_change == "recreated");
    BOOST_TEST(key.webhooks.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_scope_is_added_to_the_application) {
    FakeScaiKey key;
    const auto first = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(first));
    key.applications.front().set("allowed_scopes", Value::array({Value("openid")}));
    const auto second = apply(key, wish(), "admin-token", known_from(*first));
    BOOST_TEST_REQUIRE(static_cast<bool>(second));
    BOOST_TEST(second->application_change == "updated");
}

BOOST_AUTO_TEST_CASE(two_applications_of_the_name_are_not_guessed_between) {
    FakeScaiKey key;
    for (const char* id : {"a", "b"})
        key.applications.push_back(
            Value::object({{"id", id}, {"client_id", id}, {"name", "ScaiFlow"}, {"scope", "GLOBAL"}}));
    const auto result = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(!result);
    BOOST_TEST(result.error().code == "name_ambiguous");
    BOOST_TEST(writes(key.calls) == 0U);
}

BOOST_AUTO_TEST_CASE(an_application_of_another_scope_level_is_not_ours) {
    FakeScaiKey key;
    key.applications.push_back(Value::object(
        {{"id", "a"}, {"client_id", "a"}, {"name", "ScaiFlow"}, {"scope", "TENANT"}, {"tenant_id", "t"}}));
    const auto result = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(result));
    BOOST_TEST(result->application_change == "created");
}

BOOST_AUTO_TEST_CASE(refusals_say_what_would_be_right) {
    const std::string list = "GET /api/v1/admin/applications/";
    struct Case {
        int status;
        const char* code;
    };
    for (const auto& [status, code] :
         {Case{401, "admin_token_refused"}, Case{403, "admin_scope_missing"}, Case{404, "not_found"},
          Case{422, "scaikey_refused"}, Case{503, "scaikey_refused"}}) {
        FakeScaiKey key;
        key.refuse[list] = {status,
                            R"({"detail":"Platform token requires admin:read or admin:write scope"})"};
        const auto result = apply(key, wish(), "admin-token", {});
        BOOST_TEST_REQUIRE(!result);
        BOOST_TEST(result.error().code == code);
        BOOST_TEST(result.error().message.find("admin:read or admin:write") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_validation_error_never_repeats_what_was_sent) {
    FakeScaiKey key;
    key.refuse["POST /api/v1/admin/applications/"] = {
        422, R"({"detail":[{"loc":["body","scope"],"msg":"unknown","input":"TOP-SECRET"}]})"};
    const auto result = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(!result);
    BOOST_TEST(result.error().message.find("body.scope unknown") != std::string::npos);
    BOOST_TEST(result.error().message.find("TOP-SECRET") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failing_subscription_does_not_lose_the_new_secret) {
    FakeScaiKey key;
    key.refuse["POST /api/v1/admin/webhooks/"] = {500, "{}"};
    const auto result = apply(key, wish(), "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(result));
    BOOST_TEST(result->client_secret.reveal() == "secret-1");
    BOOST_TEST(result->webhook_change == "failed");
    BOOST_TEST(!result->warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_address_scaikey_cannot_reach_is_pointed_out) {
    FakeScaiKey key;
    auto local = wish();
    local.webhook_url = "http://127.0.0.1:8080/api/v1/webhooks/scaikey";
    const auto result = apply(key, local, "admin-token", {});
    BOOST_TEST_REQUIRE(static_cast<bool>(result));
    BOOST_TEST_REQUIRE(result->warnings.size() == 1U);
    BOOST_TEST(result->warnings.front().find("does not reach") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_env_file_is_replaced_at_once_and_stays_private) {
    char folder[] = "/tmp/scai-env-XXXXXX";
    BOOST_TEST_REQUIRE(::mkdtemp(folder) != nullptr);
    const std::filesystem::path dir = folder;
    const auto file = (dir / "scaiflow.env").string();
    std::ofstream(file) << "# kept\nSCAIKEY_BASE_URL=old\n";
    ::chmod(file.c_str(), 0644);
    std::filesystem::create_symlink(file, dir / "link.env");
    BOOST_TEST_REQUIRE(
        static_cast<bool>(write_env_file((dir / "link.env").string(), {{"SCAIKEY_BASE_URL", "new"}})));
    std::ifstream in(file);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    BOOST_TEST(text == "# kept\nSCAIKEY_BASE_URL=new\n");
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(file.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0600U);
    BOOST_TEST(std::filesystem::is_symlink(dir / "link.env"));
    BOOST_TEST(!write_env_file((dir / "no" / "such" / "x.env").string(), {{"A", "b"}}));
    const auto files = std::distance(std::filesystem::directory_iterator(dir), {});
    BOOST_TEST(files == 2, "a temporary file was left behind");
    std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_SUITE_END()
