// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/service.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "lib/scaiflow/catalog/rules.hpp"
#include "lib/scaiflow/catalog/store.hpp"
#include "lib/scaiflow/flows/store.hpp"

#include <stdexcept>

namespace scaiflow::catalog {

using flows::Caller;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Executor;
using scai::db::Tx;
using scai::json::Value;

namespace {

Error no_such_package() {
    return Error{.kind = ErrorKind::not_found, .code = "not_found", .message = "no such package"};
}

Error author_only(std::string message, std::string fix = "") {
    return Error{.kind = ErrorKind::forbidden,
                 .code = "forbidden",
                 .message = std::move(message),
                 .fix = std::move(fix),
                 .extra = {{"required", "author"}}};
}

Error name_the_tenant(std::string message, const std::vector<Listing>& found) {
    std::vector<std::string> tenants;
    for (const auto& listing : found)
        tenants.push_back(listing.tenant_id);
    return Error{.kind = ErrorKind::conflict,
                 .code = "ambiguous_package",
                 .message = std::move(message),
                 .fix = "add ?tenant_id=",
                 .extra = {{"tenants", scai::join(tenants, ",")}}};
}

/// The package, locked, of somebody who may change it.
Result<Listing> open_to_change(Tx& tx, const Caller& caller, const Ref& ref) {
    auto found = store::find_for_update(tx, caller, ref);
    if (found.empty())
        return no_such_package();
    auto& first = found.front();
    if (!ref.tenant_id && first.tenant_id != caller.tenant_id)
        return name_the_tenant("the package belongs to another tenant", found);
    if (!first.manageable)
        return author_only("only the author or an administrator may change this package");
    return std::move(first);
}

scai::Status check_groups(Executor& reader, const std::string& tenant_id, const Visibility& visibility) {
    std::vector<scai::FieldError> fields;
    for (const auto index : store::unknown_groups(reader, tenant_id, visibility.group_ids))
        fields.push_back({.path = "body.visibility_group_ids[" + std::to_string(index) + "]",
                          .message = "no such group in the mirror of this tenant"});
    if (fields.empty())
        return scai::Done{};
    return Error{.kind = ErrorKind::unprocessable, .message = "unknown groups", .fields = std::move(fields)};
}

struct Origin {
    std::string tenant_id;
    Value content;
};

Result<Origin> origin_of(Executor& reader, const Caller& caller, const Draft& draft) {
    if (!draft.flow_id) {
        if (caller.tenant_id.empty())
            return Error{.kind = ErrorKind::forbidden,
                         .code = "forbidden",
                         .message = "the token names no tenant the package could belong to",
                         .extra = {{"required", "tenant"}}};
        return Origin{caller.tenant_id, draft.content};
    }
    SCAI_TRY(const auto head, flows::open_flow(reader, caller, *draft.flow_id, flows::Level::deploy));
    auto content = scai::json::parse(flows::store::content(reader, head));
    if (!content)
        throw std::logic_error("a stored flow that is no JSON");
    return Origin{head.tenant_id, std::move(*content)};
}

bool may_publish(const Caller& caller, const std::string& tenant_id, const std::string& author) {
    return caller.super_admin() || (caller.tenant_id == tenant_id &&
                                    (caller.admin_role == "tenant_admin" || caller.subject == author));
}

Value summary(const std::string& version, const std::string& sha256) {
    return Value::object({{"version", version}, {"sha256", sha256}});
}

Value summary(const std::string& visibility, const std::vector<std::string>& group_ids) {
    return Value::object({{"visibility", visibility}, {"visibility_group_ids", Value::array_of(group_ids)}});
}

} // namespace

Result<Listing> open_package(Executor& reader, const Caller& caller, const Ref& ref) {
    auto found = store::find(reader, caller, ref);
    if (found.empty())
        return no_such_package();
    if (found.size() > 1 && found.front().tenant_id != caller.tenant_id)
        return name_the_tenant("several tenants have a package with this id", found);
    return std::move(found.front());
}

Result<Stored> open_version(Executor& reader, const Caller& caller, const Ref& ref,
                            const std::optional<std::string>& version) {
    SCAI_TRY(const auto listing, open_package(reader, caller, ref));
    auto stored = store::package(reader, listing, version.value_or(listing.version));
    if (!stored)
        return Error{.kind = ErrorKind::not_found,
                     .code = "not_found",
                     .message = "the package has no such version",
                     .fix = "GET /v1/catalog/" + ref.package_id + "/versions lists them"};
    return std::move(*stored);
}

Result<Value> install(Executor& reader, const Caller& caller, const Ref& ref,
                      const std::optional<std::string>& version) {
    SCAI_TRY(const auto stored, open_version(reader, caller, ref, version));
    const auto package = read_package(stored.bytes);
    if (!package)
        throw std::logic_error("a stored package that cannot be read: " + package.error().message);
    return fresh_copy(*package);
}

Result<Published> publish(Tx& tx, const Caller& caller, const Draft& draft) {
    SCAI_TRY(const auto origin, origin_of(tx, caller, draft));
    auto prepared = prepare(origin.content);
    Published out;
    out.diagnostics = std::move(prepared.diagnostics);
    if (!prepared.contents)
        return out;
    if (draft.visibility) {
        SCAI_TRY([[maybe_unused]] const auto known, check_groups(tx, origin.tenant_id, *draft.visibility));
    }
    const auto author = store::claim(tx, caller, origin.tenant_id, draft);
    if (!may_publish(caller, origin.tenant_id, author))
        return author_only("the package id belongs to somebody else; only its author or an administrator may "
                           "publish under it",
                           "choose another package_id");
    const auto taken = store::taken(tx, origin.tenant_id, draft.package_id, version_line(draft.version));
    const auto version = free_version(draft.version, taken);
    const auto bytes = pack(*prepared.contents, {.package_id = draft.package_id,
                                                 .name = draft.name,
                                                 .version = version,
                                                 .description = draft.description,
                                                 .author_id = author,
                                                 .readme = draft.readme});
    const auto sha256 = scai::crypto::to_hex(scai::crypto::sha256(bytes));
    store::insert_version(tx, caller, origin.tenant_id, draft, version, bytes, sha256);
    store::point_at(tx, origin.tenant_id, draft, version);
    store::audit(tx, caller, origin.tenant_id, "catalog.published", draft.package_id, {},
                 summary(version, sha256));
    out.listing = open_package(tx, caller, {draft.package_id, origin.tenant_id}).value();
    return out;
}

Result<Listing> change_visibility(Tx& tx, const Caller& caller, const Ref& ref,
                                  const Visibility& visibility) {
    SCAI_TRY(const auto listing, open_to_change(tx, caller, ref));
    SCAI_TRY([[maybe_unused]] const auto known, check_groups(tx, listing.tenant_id, visibility));
    store::set_visibility(tx, listing, visibility);
    store::audit(tx, caller, listing.tenant_id, "catalog.visibility_changed", listing.package_id,
                 summary(listing.visibility, listing.group_ids),
                 summary(visibility.name, visibility.group_ids));
    return open_package(tx, caller, {listing.package_id, listing.tenant_id});
}

scai::Status delete_package(Tx& tx, const Caller& caller, const Ref& ref) {
    SCAI_TRY(const auto listing, open_to_change(tx, caller, ref));
    store::mark_deleted(tx, listing);
    store::audit(tx, caller, listing.tenant_id, "catalog.deleted", listing.package_id,
                 Value::object({{"version", listing.version}}), {});
    return scai::Done{};
}

} // namespace scaiflow::catalog
