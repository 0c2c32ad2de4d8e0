// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/acls.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/flows/store.hpp"
#include "lib/scaiflow/flows/store_acls.hpp"

#include <stdexcept>

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

Value audit_json(const Acl& row) {
    return Value::object({{"acl_id", row.id},
                          {"principal_type", row.principal_type},
                          {"principal_id", row.principal_id},
                          {"level", name_of(row.level)}});
}

Error no_such_row() {
    return Error{.kind = ErrorKind::not_found,
                 .code = "not_found",
                 .message = "this flow has no such access row",
                 .fix = "GET /v1/flows/{flow_id}/acls lists them; the owner and the admin roles hold admin "
                        "without a row"};
}

Error exists_already(const Head& flow, const Acl& row) {
    return Error{.kind = ErrorKind::conflict,
                 .code = "acl_exists",
                 .message = "this principal already has a row on this flow",
                 .fix = "PATCH /v1/flows/" + flow.id + "/acls/" + row.id + " changes its level",
                 .extra = {{"acl_id", row.id}, {"level", std::string(name_of(row.level))}}};
}

std::optional<Error> refuse_principal(scai::db::Tx& tx, const Head& flow, const NewAcl& wanted) {
    if (!store::principal_exists(tx, flow.tenant_id, wanted.principal_type, wanted.principal_id))
        return Error{.kind = ErrorKind::not_found,
                     .code = "principal_not_found",
                     .message = "no such " + wanted.principal_type + " in the mirror of this flow's tenant",
                     .fix = "POST /v1/admin/sync picks up new users and groups",
                     .extra = {{"field", "principal_id"}}};
    if (wanted.principal_type == "user" && wanted.principal_id == flow.owner_id)
        return Error{.kind = ErrorKind::conflict,
                     .code = "owner_has_admin",
                     .message = "the owner holds admin already and needs no row"};
    return std::nullopt;
}

} // namespace

Result<std::vector<Acl>> list_acls(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::admin));
    return store::acls(reader, flow);
}

Result<Acl> grant_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                         const NewAcl& wanted) {
    SCAI_TRY(const auto flow, open_flow(tx, caller, flow_id, Level::admin, Lock::update));
    if (auto refused = refuse_principal(tx, flow, wanted))
        return *refused;
    if (const auto there = store::acl_of(tx, flow, wanted.principal_type, wanted.principal_id))
        return exists_already(flow, *there);
    if (store::count_acls(tx, flow) >= max_acls)
        return Error{.kind = ErrorKind::conflict,
                     .code = "too_many_acls",
                     .message = "a flow has at most " + std::to_string(max_acls) + " access rows",
                     .fix = "give a group access instead"};
    const std::string id = "acl_" + scai::crypto::random_id(12);
    // The flow is locked: nobody else can have inserted or deleted in between.
    if (!store::insert_acl(tx, flow, id, wanted, caller.subject))
        throw std::logic_error("an access row appeared under the lock of its flow");
    auto row = store::acl(tx, flow, id);
    if (!row)
        throw std::logic_error("an access row is not there after its insert");
    store::audit(tx, caller, flow, "flow.access_granted", {}, audit_json(*row));
    return *std::move(row);
}

Result<Acl> change_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                          std::string_view acl_id, Level level) {
    SCAI_TRY(const auto flow, open_flow(tx, caller, flow_id, Level::admin, Lock::update));
    const auto before = store::acl(tx, flow, acl_id);
    if (!before)
        return no_such_row();
    if (before->level == level)
        return *before;
    store::update_acl(tx, flow, acl_id, level, caller.subject);
    auto after = store::acl(tx, flow, acl_id);
    if (!after)
        throw std::logic_error("an access row vanished under the lock of its flow");
    store::audit(tx, caller, flow, "flow.access_changed", audit_json(*before), audit_json(*after));
    return *std::move(after);
}

scai::Status revoke_access(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                           std::string_view acl_id) {
    SCAI_TRY(const auto flow, open_flow(tx, caller, flow_id, Level::admin, Lock::update));
    const auto row = store::acl(tx, flow, acl_id);
    if (!row)
        return no_such_row();
    store::delete_acl(tx, flow, acl_id);
    store::audit(tx, caller, flow, "flow.access_revoked", audit_json(*row), Value());
    return scai::Done{};
}

} // namespace scaiflow::flows
