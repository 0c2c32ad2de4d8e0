// Rows of ScaiKey's listings as our types (contract scaikey.md 11.3, 13). Not for other folders.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"

#include <simdjson.h>

namespace scai::directory {

/// A row after mapping. `id` is "" when the row cannot be used; `deleted` rows count but are not passed on.
template<class T>
struct Mapped {
    std::string id;
    bool deleted = false;
    T value;
};

Mapped<Tenant> map_tenant(simdjson::dom::element row);
Mapped<User> map_user(simdjson::dom::element row, const std::string& tenant_id);
/// tenant_id stays "" when the row does not name one.
Mapped<Group> map_group(simdjson::dom::element row);

struct MemberRow {
    Member member;
    /// Of a user: what the row carries. Fields it lacks stay empty, which means "not said", never "is empty":
    /// whoever stores this must not erase a known e-mail with it.
    User user;
};
Mapped<MemberRow> map_member(simdjson::dom::element row, const std::string& group_id,
                             const std::string& tenant_id);

} // namespace scai::directory
