// Groups and their direct members, users and nested groups (contract scaikey.md 13).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/directory/principals.hpp"

namespace scaikey::directory {

scai::Result<ListPage> list_groups(scai::db::Pool& pool, const Caller& by, const PrincipalFilter& filter,
                                   const Paging& paging, PageAnchors& anchors);
scai::Result<std::string> get_group(scai::db::Pool& pool, const Caller& by, const std::string& id);
scai::Result<std::string> create_group(scai::db::Pool& pool, const Caller& by, const scai::json::Value& body);
scai::Result<std::string> update_group(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                       const scai::json::Value& body);
/// Soft; its memberships, both ways, and assignments end.
scai::Status delete_group(scai::db::Pool& pool, const Caller& by, const std::string& id);

scai::Result<ListPage> list_members(scai::db::Pool& pool, const Caller& by, const std::string& group_id,
                                    const Paging& paging, PageAnchors& anchors);
struct AddedMember {
    bool created; ///< false: was a member already, nothing changed
    std::string row;
};
/// {"user_id"} or {"group_id"}. A nesting that would close a circle is 409.
scai::Result<AddedMember> add_member(scai::db::Pool& pool, const Caller& by, const std::string& group_id,
                                     const scai::json::Value& body);
scai::Status remove_member(scai::db::Pool& pool, const Caller& by, const std::string& group_id,
                           const std::string& member_id);

} // namespace scaikey::directory
