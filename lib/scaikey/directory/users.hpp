// Users (contract scaikey.md 11.3). An id outside the caller's reach is 404; a user with a higher admin role
// than the caller is 403 to change. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"
#include "lib/scaikey/directory/principals.hpp"

namespace scaikey::directory {

scai::Result<ListPage> list_users(scai::db::Pool& pool, const Caller& by, const PrincipalFilter& filter,
                                  const Paging& paging, PageAnchors& anchors);
scai::Result<std::string> get_user(scai::db::Pool& pool, const Caller& by, const std::string& id);
scai::Result<std::string> create_user(scai::db::Pool& pool, const Caller& by, const scai::json::Value& body);
scai::Result<std::string> update_user(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                      const scai::json::Value& body);
/// Soft; memberships and assignments end, each with its event.
scai::Status delete_user(scai::db::Pool& pool, const Caller& by, const std::string& id);
enum class UserStatus { active, suspended };
/// Idempotent: no event when the user has that status already.
scai::Result<std::string> set_user_status(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                          UserStatus status);
/// Sets `password`, or a generated one that the answer shows once as temporary_password.
scai::Result<std::string> reset_password(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                         const scai::json::Value& body);

} // namespace scaikey::directory
