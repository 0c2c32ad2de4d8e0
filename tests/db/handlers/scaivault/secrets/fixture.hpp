// The group `secrets` with two tenants of different partners and people who may more or less.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/secrets/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace test {

inline constexpr auto every_scope = "secrets:read secrets:write secrets:delete secrets:list secrets:rotate";

struct Secrets : VaultApi {
    Secrets() : VaultApi("secrets", scaivault::secrets_api::routes()) {
        add_tenant("t1", "p1");
        add_tenant("t2", "p2");
        add_tenant("t3", "p1"); // shares the partner with t1
        for (const auto* tenant : {"t1", "t2", "t3"}) {
            const std::string suffix(tenant);
            add_user(tenant, "usr_" + suffix, suffix + "@x.test");
            allow(tenant, "user:usr_" + suffix, "**", {"read", "write", "delete", "list", "rotate"});
        }
    }
    /// The one who may everything in a tenant.
    VaultAnswer as(const std::string& tenant, const std::string& method, const std::string& target,
                   const std::string& body = "", const Headers& headers = {}) {
        return call_as(user_token("usr_" + tenant, tenant, every_scope), method, target, body, headers);
    }
    VaultAnswer put(const std::string& path, const std::string& value = "v", const std::string& more = "") {
        return as("t1", "PUT", "/v1/secrets/" + path, R"({"data":{"k":")" + value + "\"}" + more + "}");
    }
    std::string read(const std::string& path, const std::string& query = "") {
        return as("t1", "GET", "/v1/secrets/" + path + query).json.get("data").member("k");
    }
};

inline std::int64_t number(const VaultAnswer& answer, std::string_view member) {
    return answer.json.get(member).integer().value_or(-1);
}

/// "a b c": a member of the items of a list.
inline std::string joined(const scai::json::Value& list, std::string_view member) {
    std::string out;
    list.each_item([&](const scai::json::Value& item) {
        const auto value = item.get(member);
        out += (out.empty() ? "" : " ") + value.text().value_or(value.dump());
    });
    return out;
}

} // namespace test
