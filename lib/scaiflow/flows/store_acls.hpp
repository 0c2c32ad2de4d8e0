// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/acls.hpp"

namespace scaiflow::flows::store {

std::vector<Acl> acls(scai::db::Executor& reader, const Head& flow);
std::optional<Acl> acl(scai::db::Executor& reader, const Head& flow, std::string_view acl_id);
std::optional<Acl> acl_of(scai::db::Executor& reader, const Head& flow, std::string_view principal_type,
                          std::string_view principal_id);
std::int64_t count_acls(scai::db::Executor& reader, const Head& flow);
/// Known to the mirror, live, in this tenant.
bool principal_exists(scai::db::Executor& reader, std::string_view tenant_id, std::string_view type,
                      std::string_view id);

// Under the lock of the flow's row (open_flow with Lock::update): a new row repeats the flow's updated_at.
/// False when the principal has a row already.
bool insert_acl(scai::db::Tx& tx, const Head& flow, std::string_view acl_id, const NewAcl& wanted,
                std::string_view granted_by);
void update_acl(scai::db::Tx& tx, const Head& flow, std::string_view acl_id, Level level,
                std::string_view granted_by);
void delete_acl(scai::db::Tx& tx, const Head& flow, std::string_view acl_id);

} // namespace scaiflow::flows::store
