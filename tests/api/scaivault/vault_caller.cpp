// SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaivault/vault_caller.hpp"

#include <cstdlib>

namespace test::vault {

using scai::json::Value;

const std::string every_scope =
    "openid profile email secrets:read secrets:write secrets:delete secrets:list secrets:rotate "
    "policies:read policies:write audit:read audit:export dynamic:read subscriptions:read "
    "subscriptions:write identity:read identity:admin admin";

namespace {

Environment settings() {
    Environment out{{"SCAIVAULT_WEBHOOK_ALLOW_PRIVATE", "1"}, {"DB_POOL_SIZE", "8"}};
    // Large, not 0: the buckets in Redis are asked all the same.
    for (const char* category :
         {"SECRETS_READ", "SECRETS_WRITE", "SECRETS_DELETE", "SECRETS_LIST", "BATCH_READ", "BATCH_METADATA",
          "AUDIT_QUERY", "AUDIT_EXPORT", "POLICY_OPS", "POLICY_TEST", "WEBHOOK_OPS", "SUBSCRIPTION_OPS",
          "SUBSCRIPTION_POLL", "IDENTITY_READ", "IDENTITY_SYNC", "AUTH"})
        out[std::string("RATE_LIMIT_") + category] = "1000000";
    return out;
}

} // namespace

Stack& stack() {
    static Stack shared(settings());
    return shared;
}

Answer Caller::send(const std::string& method, const std::string& path, const std::string& body,
                    Stack::Headers headers) const {
    if (!token_.empty())
        headers.push_back(bearer(token_));
    if (!body.empty())
        headers.emplace_back("Content-Type", "application/json");
    auto raw = stack().send(method, stack().vault_url() + path, body, std::move(headers));
    auto json = scai::json::parse(raw.body);
    return {raw.status, json ? *json : Value(), std::move(raw)};
}

Value Caller::expect(int status, const std::string& method, const std::string& path, const std::string& body,
                     Stack::Headers headers) const {
    const auto answer = send(method, path, body, std::move(headers));
    BOOST_TEST_REQUIRE(answer.status == status,
                       method << " " << path << ": " << answer.status << " " << answer.raw.body);
    return answer.json;
}

Caller admin() {
    static const auto token = stack().vault_token("admin@acme.test", "demo-admin-1", every_scope);
    return Caller(token);
}

Caller ordinary() {
    static const auto token = stack().vault_token("dag@acme.test", "demo-user-1", every_scope);
    return Caller(token);
}

Caller service() {
    static const auto token = stack().vault_service_token();
    return Caller(token);
}

Caller nobody() {
    return Caller("");
}

std::string allow(const std::string& name, const std::string& pattern, const std::string& permissions,
                  const std::string& identity) {
    const auto made = admin().expect(201, "POST", "/v1/policies",
                                     R"({"name":")" + name + R"(","rules":[{"path_pattern":")" + pattern +
                                         R"(","permissions":)" + permissions + "}]}");
    const auto id = made.member("id");
    admin().expect(201, "POST", "/v1/policies/" + id + "/bindings", R"({"identity_id":")" + identity + "\"}");
    return id;
}

Finished cli(const Caller& who, const std::vector<std::string>& arguments, const std::string& input) {
    const char* folder = std::getenv("SCAI_BIN");
    auto environment = clean_environment();
    environment["HOME"] = stack().folder();
    environment["SCAIVAULT_URL"] = stack().vault_url();
    if (!who.token().empty())
        environment["SCAIVAULT_TOKEN"] = who.token();
    std::vector<std::string> words{(folder != nullptr ? std::string(folder) : "build/bin") + "/scaivault"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run(words, environment, input);
}

Finished cli(const std::vector<std::string>& arguments, const std::string& input) {
    return cli(service(), arguments, input);
}

std::string redis(std::vector<std::string> command) {
    command.insert(command.begin(), {"redis-cli", "-s", stack().folder() + "/var/run/redis.sock"});
    return run(command, clean_environment()).out;
}

} // namespace test::vault
