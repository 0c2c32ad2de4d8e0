// Two partners, three tenants, an administrator of each kind. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/policies/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <string>

namespace test {

/// t1 and t2 belong to p1, t3 to p2.
struct PoliciesWorld : VaultApi {
    static constexpr auto ops_read =
        R"({"name":"ops-read","rules":[{"path_pattern":"apps/**","permissions":["read"]}]})";
    static constexpr auto scopes = "policies:read policies:write";

    explicit PoliciesWorld(Settings settings = {})
        : VaultApi("policies", scaivault::policies_api::routes(), std::move(settings)) {
        add_tenant("t1", "p1");
        add_tenant("t2", "p1");
        add_tenant("t3", "p2");
        for (const auto* name : {"mia", "boss", "partner"})
            add_user("t1", std::string("usr_") + name, std::string(name) + "@x.test");
        add_user("t2", "usr_tom", "tom@x.test");
        add_user("t3", "usr_zoe", "zoe@x.test");
        add_group("t1", "grp_ops", "ops");
        add_member("t1", "grp_ops", "usr_mia");
        add_role("t1", "usr_boss", "tenant_admin");
        add_role("t1", "usr_partner", "partner_admin");
        add_role("t3", "usr_zoe", "tenant_admin");
        admin = user_token("usr_partner", "t1", scopes);
        tenant_admin = user_token("usr_boss", "t1", scopes);
        other_admin = user_token("usr_zoe", "t3", scopes);
        mia = user_token("usr_mia", "t1", scopes);
    }

    VaultAnswer as_admin(const std::string& method, const std::string& target, const std::string& body = "") {
        return call_as(admin, method, target, body);
    }
    /// A policy of one rule; its id.
    std::string make(const std::string& name, const std::string& scope = "tenant",
                     const std::string& rules = R"([{"path_pattern":"apps/**","permissions":["read"]}])") {
        return as_admin("POST", "/v1/policies",
                        R"({"name":")" + name + R"(","scope":")" + scope + R"(","rules":)" + rules + "}")
            .json.member("id");
    }
    VaultAnswer bind(const std::string& policy, const std::string& identity, const std::string& more = "") {
        return as_admin("POST", "/v1/policies/" + policy + "/bindings",
                        R"({"identity_id":")" + identity + "\"" + more + "}");
    }

    std::string admin, tenant_admin, other_admin, mia; ///< tokens; admin is the partner's
};

} // namespace test
