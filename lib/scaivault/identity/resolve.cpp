// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/resolve.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/identity/store_names.hpp"

namespace scaivault::identity {

using scai::Error;
using scai::ErrorKind;

scai::Result<Identity> resolve(scai::db::Pool& pool, const Where& where, const Name& name,
                               const std::string& field) {
    if (name.type == Type::service_account || name.type == Type::system) {
        const auto text = canonical(name.type, name.text);
        return Identity{.type = name.type,
                        .id = name.text,
                        .canonical = text,
                        .shown = text,
                        .tenant_id = where.is_partner() ? "" : where.id(),
                        .display_name = name.text,
                        .email = {},
                        .status = "ACTIVE"};
    }
    auto reader = pool.read(where.scope());
    auto found = store::find(reader, where, name);
    if (found.size() == 1)
        return std::move(found.front());
    if (found.empty())
        return Error{
            .kind = ErrorKind::not_found,
            .code = "identity_not_found",
            .message = "no " + std::string(name_of(name.type)) + " '" + name.text + "' in the directory copy",
            .fix = "POST /v1/identity/sync" +
                   (where.is_partner() ? std::string() : "?tenant_id=" + where.id()) + " brings new ones"};
    std::vector<std::string> ids;
    ids.reserve(found.size());
    for (const auto& identity : found)
        ids.push_back(identity.canonical);
    return Error{.kind = ErrorKind::unprocessable,
                 .code = "validation_error",
                 .message = "several identities fit",
                 .fields = {{field, "fits several: use the id (" + scai::join(ids, ", ") + ")"}}};
}

std::vector<std::string> groups_of(scai::db::Pool& pool, const Identity& user) {
    if (user.type != Type::user)
        return {};
    auto reader = pool.read(scai::db::Scope::tenant(user.tenant_id));
    auto ids = store::group_ids(reader, user.tenant_id, user.id);
    for (auto& id : ids)
        id = canonical(Type::group, id);
    return ids;
}

} // namespace scaivault::identity
