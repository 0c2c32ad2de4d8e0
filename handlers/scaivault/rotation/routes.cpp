// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/handlers.hpp"

#include <array>

namespace scaivault::rotation_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto admin = Access::permission("admin");
constexpr auto may_rotate = Access::permission("secrets:rotate");
constexpr auto may_audit = Access::permission("audit:read");
constexpr auto anybody = Access::authenticated(); // the endpoint wants secrets:rotate or admin
constexpr std::string_view schedule =
    "name interval description grace_period warn_before auto_generate secret_policy_id webhook_ids";

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/rotation/policies", admin, no_body, list_policies},
             "policy_ops",
             "rotation_policy_list"},
    Endpoint{{"POST", "/v1/rotation/policies", admin, small_body, create_policy},
             "policy_ops",
             "rotation_policy_create",
             schedule},
    Endpoint{{"GET", "/v1/rotation/policies/{id}", admin, no_body, get_policy},
             "policy_ops",
             "rotation_policy_read"},
    Endpoint{{"PATCH", "/v1/rotation/policies/{id}", admin, small_body, update_policy},
             "policy_ops",
             "rotation_policy_update",
             schedule},
    Endpoint{{"DELETE", "/v1/rotation/policies/{id}", admin, no_body, delete_policy},
             "policy_ops",
             "rotation_policy_delete"},
    Endpoint{{"POST", "/v1/rotation/policies/{id}/enable", admin, small_body, enable_policy},
             "policy_ops",
             "rotation_policy_update"},
    Endpoint{{"POST", "/v1/rotation/policies/{id}/disable", admin, small_body, disable_policy},
             "policy_ops",
             "rotation_policy_update"},
    Endpoint{{"POST", "/v1/rotation/policies/{id}/secrets", admin, small_body, assign_secret},
             "policy_ops",
             "rotation_policy_assign",
             "secret_path"},
    Endpoint{{"DELETE", "/v1/rotation/policies/{id}/secrets/{secret_path...}", admin, no_body, detach_secret},
             "policy_ops",
             "rotation_policy_detach"},
    Endpoint{{"POST", "/v1/rotation/policies/{id}/rotate", may_rotate, small_body, rotate_secrets},
             "policy_ops",
             "rotate",
             "secret_paths"},
    Endpoint{{"GET", "/v1/rotation/policies/{id}/history", may_audit, no_body, list_history},
             "policy_ops",
             "rotation_policy_read"},
    Endpoint{{"GET", "/v1/rotation/due", anybody, no_body, list_due}, "policy_ops", "rotation_due"},
    Endpoint{{"GET", "/v1/rotation/pending", anybody, no_body, list_due}, "policy_ops", "rotation_due"},

    Endpoint{
        {"GET", "/v1/secret-policies", admin, no_body, list_recipes}, "policy_ops", "secret_policy_list"},
    Endpoint{{"POST", "/v1/secret-policies", admin, small_body, create_recipe},
             "policy_ops",
             "secret_policy_create",
             "name description policy_type fields is_active"},
    Endpoint{
        {"GET", "/v1/secret-policies/{id}", admin, no_body, get_recipe}, "policy_ops", "secret_policy_read"},
    Endpoint{{"PATCH", "/v1/secret-policies/{id}", admin, small_body, update_recipe},
             "policy_ops",
             "secret_policy_update",
             "name description policy_type fields is_active"},
    Endpoint{{"PUT", "/v1/secret-policies/{id}", admin, small_body, replace_recipe},
             "policy_ops",
             "secret_policy_update",
             "name description policy_type fields is_active id created_at updated_at"},
    Endpoint{{"DELETE", "/v1/secret-policies/{id}", admin, no_body, delete_recipe},
             "policy_ops",
             "secret_policy_delete"},
    Endpoint{{"POST", "/v1/secret-policies/{id}/preview", admin, small_body, preview_recipe},
             "policy_ops",
             "secret_policy_preview"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::rotation_api
