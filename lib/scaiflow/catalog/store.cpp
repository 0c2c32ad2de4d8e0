// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/store.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/db/sql.hpp"
#include "lib/scaiflow/catalog/store_rows.hpp"

namespace scaiflow::catalog::store {

using scai::UtcTime;
using scai::db::Executor;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr char from_packages[] = " FROM scaiflow.catalog_packages c";

constexpr char and_visible[] = R"(
   AND c.deleted_at IS NULL
   AND (:p3::text = 'super_admin'
        OR c.tenant_id = :p1::text
           AND (:p3::text = 'tenant_admin' OR c.author_id = :p2::text OR c.visibility = 'tenant'
                OR EXISTS (SELECT FROM scaiflow.memberships m
                            WHERE m.tenant_id = c.tenant_id AND m.group_id = ANY (c.visibility_group_ids)
                              AND m.user_id = :p4::text AND m.deleted_at IS NULL))))";

constexpr char by_id[] = " WHERE c.package_id = :p5::text AND (:p6::text IS NULL OR c.tenant_id = :p6::text)";
constexpr char own_first[] = " ORDER BY c.tenant_id <> :p1::text, c.tenant_id LIMIT 10";
constexpr char for_update[] = " FOR UPDATE OF c";
constexpr auto find_packages = scai::db::joined<head_columns, from_packages, by_id, and_visible, own_first>;
constexpr auto lock_packages =
    scai::db::joined<head_columns, from_packages, by_id, and_visible, own_first, for_update>;

constexpr auto select_detail = R"(
SELECT v.readme, v.sha256, octet_length(v.package)::bigint,
       (SELECT count(*) FROM scaiflow.catalog_versions o WHERE o.tenant_id = v.tenant_id AND o.package_id = v.package_id)
  FROM scaiflow.catalog_versions v
 WHERE v.tenant_id = :p1 AND v.package_id = :p2 AND v.version = :p3)";

constexpr auto page_of_versions = R"(
SELECT v.number, v.version, v.name, v.description, (extract(epoch FROM v.created_at) * 1000000)::bigint, v.created_by,
       v.sha256, octet_length(v.package)::bigint
  FROM scaiflow.catalog_versions v
 WHERE v.tenant_id = :p1 AND v.package_id = :p2 AND (:p3::bigint IS NULL OR v.number < :p3::bigint)
 ORDER BY v.number DESC LIMIT :p4::bigint)";

constexpr auto count_versions = R"(
SELECT count(*) FROM scaiflow.catalog_versions WHERE tenant_id = :p1 AND package_id = :p2)";

constexpr auto select_package = R"(
SELECT version, sha256, encode(package, 'base64')
  FROM scaiflow.catalog_versions WHERE tenant_id = :p1 AND package_id = :p2 AND version = :p3)";

constexpr auto insert_package = R"(
INSERT INTO scaiflow.catalog_packages (tenant_id, package_id, name, description, version, author_id, author_email)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7)
    ON CONFLICT (tenant_id, package_id) DO NOTHING)";

constexpr auto lock_package = R"(
SELECT author_id FROM scaiflow.catalog_packages WHERE tenant_id = :p1 AND package_id = :p2 FOR UPDATE)";

constexpr auto select_taken = R"(
SELECT version FROM scaiflow.catalog_versions
 WHERE tenant_id = :p1 AND package_id = :p2 AND starts_with(version, :p3))";

constexpr auto add_version = R"(
INSERT INTO scaiflow.catalog_versions (tenant_id, package_id, number, version, name, description, readme, flow_id,
                                       package, sha256, created_by)
SELECT :p1, :p2, coalesce(max(v.number), 0) + 1, :p3, :p4, :p5, :p6, :p7, decode(:p8, 'base64'), :p9, :p10
  FROM scaiflow.catalog_versions v WHERE v.tenant_id = :p1 AND v.package_id = :p2)";

constexpr auto show_version = R"(
UPDATE scaiflow.catalog_packages
   SET name = :p3, description = :p4, version = :p5, visibility = coalesce(:p6, visibility),
       visibility_group_ids = coalesce(:p7::text[], visibility_group_ids), updated_at = clock_timestamp(),
       deleted_at = NULL
 WHERE tenant_id = :p1 AND package_id = :p2)";

constexpr auto update_visibility = R"(
UPDATE scaiflow.catalog_packages
   SET visibility = :p3, visibility_group_ids = :p4::text[], updated_at = clock_timestamp()
 WHERE tenant_id = :p1 AND package_id = :p2)";

constexpr auto delete_package = R"(
UPDATE scaiflow.catalog_packages SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE tenant_id = :p1 AND package_id = :p2)";

constexpr auto select_unknown_groups = R"(
SELECT w.n
  FROM unnest(:p2::text[]) WITH ORDINALITY AS w(id, n)
 WHERE NOT EXISTS (SELECT FROM scaiflow.groups g WHERE g.tenant_id = :p1 AND g.id = w.id AND g.deleted_at IS NULL)
 ORDER BY w.n)";

constexpr auto insert_audit = R"(
INSERT INTO scaiflow.audit_log (tenant_id, actor, action, object_type, object_id, before, after, cause)
VALUES (:p1, :p2, :p3, 'catalog_package', :p4, :p5::jsonb, :p6::jsonb, :p7::jsonb))";

UtcTime time_of(std::int64_t micros) {
    return UtcTime(std::chrono::microseconds(micros));
}

std::optional<std::string> text_or_null(const Value& value) {
    return value.present() ? std::optional(value.dump()) : std::nullopt;
}

} // namespace

std::vector<Listing> find(Executor& reader, const Caller& caller, const Ref& ref) {
    return listings(reader, find_packages, caller, ref.package_id, ref.tenant_id);
}

std::vector<Listing> find_for_update(Tx& tx, const Caller& caller, const Ref& ref) {
    return listings(tx, lock_packages, caller, ref.package_id, ref.tenant_id);
}

Detail detail(Executor& reader, Listing listing) {
    auto [readme, sha256, size, count] =
        reader.one<std::optional<std::string>, std::string, std::int64_t, std::int64_t>(
            select_detail, listing.tenant_id, listing.package_id, listing.version);
    return {std::move(listing), std::move(readme), count, std::move(sha256), size};
}

VersionPage versions(Executor& reader, const Listing& listing, const std::optional<std::int64_t>& before,
                     std::int64_t limit) {
    VersionPage page;
    for (auto& [number, version, name, description, created_at, created_by, sha256, size] :
         reader.all<std::int64_t, std::string, std::string, std::string, std::int64_t, std::string,
                    std::string, std::int64_t>(page_of_versions, listing.tenant_id, listing.package_id,
                                               before, limit + 1))
        page.versions.push_back({number, std::move(version), std::move(name), std::move(description),
                                 time_of(created_at), std::move(created_by), std::move(sha256), size});
    if (static_cast<std::int64_t>(page.versions.size()) > limit) {
        page.versions.pop_back();
        page.next = page.versions.back().number;
    }
    page.total = reader.one<std::int64_t>(count_versions, listing.tenant_id, listing.package_id);
    return page;
}

std::optional<Stored> package(Executor& reader, const Listing& listing, const std::string& version) {
    auto row = reader.maybe<std::string, std::string, std::string>(select_package, listing.tenant_id,
                                                                   listing.package_id, version);
    if (!row)
        return std::nullopt;
    auto& [text, sha256, encoded] = *row;
    std::erase(encoded, '\n'); // the server breaks lines
    auto bytes = scai::crypto::from_base64(encoded);
    if (!bytes)
        throw std::logic_error("bytes that the database spells wrong");
    return Stored{std::move(text), std::move(sha256), std::move(*bytes)};
}

std::string claim(Tx& tx, const Caller& caller, const std::string& tenant_id, const Draft& draft) {
    tx.run(insert_package, tenant_id, draft.package_id, draft.name, draft.description, draft.version,
           caller.subject, caller.email);
    return tx.one<std::string>(lock_package, tenant_id, draft.package_id);
}

std::vector<std::string> taken(Executor& reader, const std::string& tenant_id, const std::string& package_id,
                               const std::string& prefix) {
    return reader.all<std::string>(select_taken, tenant_id, package_id, prefix);
}

void insert_version(Tx& tx, const Caller& caller, const std::string& tenant_id, const Draft& draft,
                    const std::string& version, const std::string& bytes, const std::string& sha256) {
    tx.run(add_version, tenant_id, draft.package_id, version, draft.name, draft.description, draft.readme,
           draft.flow_id, scai::crypto::base64(bytes), sha256, caller.subject);
}

void point_at(Tx& tx, const std::string& tenant_id, const Draft& draft, const std::string& version) {
    std::optional<std::string> visibility;
    std::optional<std::vector<std::string>> groups;
    if (draft.visibility) {
        visibility = draft.visibility->name;
        groups = draft.visibility->group_ids;
    }
    tx.run(show_version, tenant_id, draft.package_id, draft.name, draft.description, version, visibility,
           groups);
}

void set_visibility(Tx& tx, const Listing& listing, const Visibility& visibility) {
    tx.run(update_visibility, listing.tenant_id, listing.package_id, visibility.name, visibility.group_ids);
}

void mark_deleted(Tx& tx, const Listing& listing) {
    tx.run(delete_package, listing.tenant_id, listing.package_id);
}

std::vector<std::size_t> unknown_groups(Executor& reader, const std::string& tenant_id,
                                        const std::vector<std::string>& group_ids) {
    std::vector<std::size_t> out;
    for (const auto n : reader.all<std::int64_t>(select_unknown_groups, tenant_id, group_ids))
        out.push_back(static_cast<std::size_t>(n - 1));
    return out;
}

void audit(Tx& tx, const Caller& caller, const std::string& tenant_id, const char* action,
           const std::string& package_id, const Value& before, const Value& after) {
    tx.run(insert_audit, tenant_id, caller.subject, action, package_id, text_or_null(before),
           text_or_null(after), Value::object({{"request_id", caller.request_id}}).dump());
}

} // namespace scaiflow::catalog::store
