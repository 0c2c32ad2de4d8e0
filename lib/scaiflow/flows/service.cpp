// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/store.hpp"

namespace scaiflow::flows {

using scai::Done;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::Status;
using scai::db::Executor;
using scai::db::Tx;
using scai::json::Value;

namespace {

Result<Detail> with_content(Tx& tx, Head head) {
    auto content = store::content(tx, head);
    return Detail{.head = std::move(head), .content = std::move(content)};
}

} // namespace

Status check_if_match(Executor& reader, const Head& head, std::string_view if_match) {
    if (if_match_holds(if_match, head.revision, head.version))
        return Done{};
    return Error{.kind = ErrorKind::precondition_failed,
                 .code = "version_conflict",
                 .message = "the flow has been changed since it was read",
                 .fix = "read it again, merge, and send the new ETag as If-Match",
                 .extra = {{"version", head.version},
                           {"revision", std::to_string(head.revision)},
                           {"updated_by", head.updated_by},
                           {"updated_by_name", store::user_name(reader, head.tenant_id, head.updated_by)},
                           {"updated_at", scai::to_iso8601(head.updated_at)}}};
}

Result<Detail> create(Tx& tx, const Caller& caller, const Draft& draft) {
    if (caller.tenant_id.empty())
        return Error{.kind = ErrorKind::forbidden,
                     .code = "forbidden",
                     .message = "the token names no tenant the flow could belong to",
                     .extra = {{"required", "tenant"}}};
    const auto id = "flow_" + scai::crypto::random_id(24);
    const auto version = first_version(draft.content.given_version);
    Detail out;
    out.content = stamped(draft.content, id, version);
    out.head = store::insert(tx, caller, id, draft, version, out.content);
    return out;
}

Result<Detail> change(Tx& tx, const Caller& caller, std::string_view flow_id, const Change& change,
                      std::string_view if_match) {
    SCAI_TRY(auto head, open_flow(tx, caller, flow_id, Level::edit, Lock::update));
    SCAI_TRY([[maybe_unused]] const auto holds, check_if_match(tx, head, if_match));
    const bool new_content =
        change.content && !store::same_content(tx, head, stamped(*change.content, head.id, head.version));
    const bool new_name = change.name && *change.name != head.name;
    const bool new_description = change.description && *change.description != head.description;
    if (!new_content && !new_name && !new_description)
        return with_content(tx, std::move(head));

    if (new_name)
        head.name = *change.name;
    if (new_description)
        head.description = *change.description;
    if (!new_content) {
        store::update(tx, head, caller.subject);
        return with_content(tx, std::move(head));
    }
    return write_version(tx, caller, std::move(head), *change.content);
}

Result<Detail> write_version(Tx& tx, const Caller& caller, Head head, const Content& content,
                             const std::optional<std::string>& restored_from) {
    head.version = next_version(head.version);
    ++head.number;
    Detail out;
    out.content = stamped(content, head.id, head.version);
    store::insert_version(tx, head, caller.subject, out.content, restored_from);
    store::update(tx, head, caller.subject);
    out.head = std::move(head);
    return out;
}

Status remove(Tx& tx, const Caller& caller, std::string_view flow_id, std::string_view if_match) {
    SCAI_TRY(auto head, open_flow(tx, caller, flow_id, Level::admin, Lock::update));
    SCAI_TRY([[maybe_unused]] const auto holds, check_if_match(tx, head, if_match));
    store::mark_deleted(tx, head, caller.subject);
    store::audit(tx, caller, head, "flow.deleted", Value::object({{"version", head.version}}), Value());
    return Done{};
}

Result<Detail> restore(Tx& tx, const Caller& caller, std::string_view flow_id) {
    SCAI_TRY(auto head, open_flow(tx, caller, flow_id, Level::admin, Lock::update, Deleted::found));
    if (!head.deleted)
        return Error{
            .kind = ErrorKind::conflict, .code = "not_deleted", .message = "the flow is not deleted"};
    store::undelete(tx, head, caller.subject);
    store::audit(tx, caller, head, "flow.restored", Value(), Value::object({{"version", head.version}}));
    return with_content(tx, std::move(head));
}

Result<Detail> transfer(Tx& tx, const Caller& caller, std::string_view flow_id, const std::string& owner_id) {
    SCAI_TRY(auto head, open_flow(tx, caller, flow_id, Level::admin, Lock::update));
    if (!store::live_user(tx, head.tenant_id, owner_id))
        return Error{.kind = ErrorKind::not_found,
                     .code = "not_found",
                     .message = "the tenant of the flow has no such user in the mirror",
                     .fix = "GET /v1/admin/users?tenant_id= lists them"};
    if (owner_id == head.owner_id)
        return with_content(tx, std::move(head));
    const auto before = Value::object({{"owner_id", head.owner_id}});
    head.owner_id = owner_id;
    store::update(tx, head, caller.subject);
    store::audit(tx, caller, head, "flow.owner_changed", before, Value::object({{"owner_id", owner_id}}));
    return with_content(tx, std::move(head));
}

} // namespace scaiflow::flows
