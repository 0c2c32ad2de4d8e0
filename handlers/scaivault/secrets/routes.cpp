// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/handlers.hpp"

#include <array>

namespace scaivault::secrets_api {

using scai::web::Access;
using scai::web::no_body;

namespace {

constexpr std::size_t write_body = 2U << 20U; ///< data and metadata, each with a limit of its own
constexpr std::size_t patch_body = 256U << 10U;
constexpr std::size_t batch_body = 256U << 10U;

constexpr auto may_read = Access::permission("secrets:read");
constexpr auto may_write = Access::permission("secrets:write");
constexpr auto may_delete = Access::permission("secrets:delete");
constexpr auto may_rotate = Access::permission("secrets:rotate");
constexpr auto may_list = Access::permission("secrets:list");

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/secrets", may_list, no_body, list_secrets}, "secrets_list", "list"},
    Endpoint{{"GET", "/v1/secrets/expiring", may_list, no_body, list_expiring}, "secrets_list", "list"},
    Endpoint{
        {"POST", "/v1/secrets/batch", may_read, batch_body, read_batch}, "batch_read", "read", any_members},
    Endpoint{{"POST", "/v1/secrets/batch/metadata", may_list, batch_body, read_batch_metadata},
             "batch_metadata",
             "list",
             any_members},
    Endpoint{{"GET", "/v1/secrets/{path...}", read_access, no_body, read_secret}, "secrets_read", "read"},
    Endpoint{{"PUT", "/v1/secrets/{path...}", may_write, write_body, write_secret},
             "secrets_write",
             "write",
             any_members},
    Endpoint{
        {"DELETE", "/v1/secrets/{path...}", may_delete, no_body, delete_secret}, "secrets_delete", "delete"},
    Endpoint{
        {"GET", "/v1/secrets/{path...}/metadata", may_list, no_body, get_metadata}, "secrets_list", "list"},
    Endpoint{{"PATCH", "/v1/secrets/{path...}/metadata", may_write, patch_body, patch_metadata},
             "secrets_write",
             "write",
             any_members},
    Endpoint{
        {"GET", "/v1/secrets/{path...}/versions", may_list, no_body, list_versions}, "secrets_list", "list"},
    Endpoint{{"POST", "/v1/secrets/{path...}/restore", may_write, scai::web::small_body, restore_secret},
             "secrets_write",
             "write"},
    Endpoint{{"POST", "/v1/secrets/{path...}/rotate", may_rotate, scai::web::small_body, rotate_secret},
             "secrets_write",
             "rotate"},

    Endpoint{{"GET", "/v1/partner/secrets", may_list, no_body, list_secrets}, "secrets_list", "list"},
    Endpoint{
        {"GET", "/v1/partner/secrets/expiring", may_list, no_body, list_expiring}, "secrets_list", "list"},
    Endpoint{{"POST", "/v1/partner/secrets/batch", may_read, batch_body, read_batch},
             "batch_read",
             "read",
             any_members},
    Endpoint{{"POST", "/v1/partner/secrets/batch/metadata", may_list, batch_body, read_batch_metadata},
             "batch_metadata",
             "list",
             any_members},
    Endpoint{
        {"GET", "/v1/partner/secrets/{path...}", may_read, no_body, read_secret}, "secrets_read", "read"},
    Endpoint{{"PUT", "/v1/partner/secrets/{path...}", may_write, write_body, write_secret},
             "secrets_write",
             "write",
             any_members},
    Endpoint{{"DELETE", "/v1/partner/secrets/{path...}", may_delete, no_body, delete_secret},
             "secrets_delete",
             "delete"},
    Endpoint{{"GET", "/v1/partner/secrets/{path...}/metadata", may_list, no_body, get_metadata},
             "secrets_list",
             "list"},
    Endpoint{{"PATCH", "/v1/partner/secrets/{path...}/metadata", may_write, patch_body, patch_metadata},
             "secrets_write",
             "write",
             any_members},
    Endpoint{{"GET", "/v1/partner/secrets/{path...}/versions", may_list, no_body, list_versions},
             "secrets_list",
             "list"},
    Endpoint{
        {"POST", "/v1/partner/secrets/{path...}/restore", may_write, scai::web::small_body, restore_secret},
        "secrets_write",
        "write"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::secrets_api
