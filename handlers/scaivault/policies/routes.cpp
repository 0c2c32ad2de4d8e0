// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"

#include <array>

namespace scaivault::policies_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto reader = Access::permission("policies:read");
constexpr auto writer = Access::permission("policies:write");
constexpr std::size_t policy_body = 512U << 10U;
constexpr std::string_view ops = "policy_ops";
/// What GET shows may come back: PUT is how a policy that was read is written.
constexpr std::string_view replaced = "name description rules is_active id scope revision rule_count "
                                      "binding_count bindings created_at created_by "
                                      "updated_at updated_by";

constexpr std::array table{
    Endpoint{{"GET", "/v1/policies", reader, no_body, list_policies}, ops, "policy_read"},
    Endpoint{{"POST", "/v1/policies", writer, policy_body, create_policy},
             ops,
             "policy_create",
             "name description rules scope is_active"},
    Endpoint{{"POST", "/v1/policies/test", reader, small_body, test_policy},
             "policy_test",
             "",
             "identity_type identity_id path permission context"},
    Endpoint{{"GET", "/v1/policies/who-can", reader, no_body, who_can}, "policy_test", "policy_read"},
    Endpoint{{"GET", "/v1/policies/{id}", reader, no_body, get_policy}, ops, "policy_read"},
    Endpoint{
        {"PUT", "/v1/policies/{id}", writer, policy_body, replace_policy}, ops, "policy_update", replaced},
    Endpoint{{"PATCH", "/v1/policies/{id}", writer, policy_body, update_policy},
             ops,
             "policy_update",
             "name description rules is_active"},
    Endpoint{{"DELETE", "/v1/policies/{id}", writer, no_body, delete_policy}, ops, "policy_delete"},
    Endpoint{{"GET", "/v1/policies/{id}/lint", reader, no_body, lint_policy}, ops, "policy_read"},
    Endpoint{{"GET", "/v1/policies/{id}/bindings", reader, no_body, list_bindings}, ops, "policy_read"},
    Endpoint{{"POST", "/v1/policies/{id}/bindings", writer, small_body, create_binding},
             ops,
             "policy_bind",
             "identity_type identity_id expires_at"},
    Endpoint{{"DELETE", "/v1/policies/{id}/bindings/{binding_id}", writer, no_body, delete_binding},
             ops,
             "policy_unbind"},
};

} // namespace

std::span<const Endpoint> routes() {
    return table;
}

} // namespace scaivault::policies_api
