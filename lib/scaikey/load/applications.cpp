// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/applications.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/applications/applications.hpp"
#include "lib/scaikey/load/staging.hpp"

namespace scaikey::load {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* insert_sql = R"(
INSERT INTO scaikey.applications (id, client_id, name, application_type, scope, tenant_id, client_secret_hash,
                                  redirect_uris, post_logout_redirect_uris, allowed_origins, allowed_scopes,
                                  token_lifetime, assign_all_users)
SELECT :p1, :p2, :p3, :p4, CASE WHEN :p5 = '' THEN 'GLOBAL' ELSE 'TENANT' END,
       (SELECT t.id FROM scaikey.tenants t WHERE t.slug = :p5 AND t.deleted_at IS NULL), :p6, :p7::text[], :p8::text[],
       :p9::text[], :p10::text[], :p11::integer, :p12::boolean
 WHERE NOT EXISTS (SELECT FROM scaikey.applications a WHERE a.id = :p1)
    ON CONFLICT (client_id) DO NOTHING)";

constexpr const char* assign_sql = R"(
WITH place AS (
    SELECT a.id AS application_id, t.id AS tenant_id, coalesce(g.id, u.id) AS principal_id,
           CASE WHEN g.id IS NOT NULL THEN 'group' ELSE 'user' END AS principal_type
      FROM scaikey.applications a
      JOIN scaikey.tenants t ON t.slug = :p2 AND t.deleted_at IS NULL
      LEFT JOIN scaikey.groups g ON g.tenant_id = t.id AND g.name = :p3 AND g.deleted_at IS NULL
      LEFT JOIN scaikey.users u ON u.tenant_id = t.id AND lower(u.email) = lower(:p4) AND u.deleted_at IS NULL
     WHERE a.client_id = :p1 AND coalesce(g.id, u.id) IS NOT NULL),
added AS (
    INSERT INTO scaikey.app_assignments (tenant_id, application_id, principal_id, principal_type)
    SELECT p.tenant_id, p.application_id, p.principal_id, p.principal_type
      FROM place p
        ON CONFLICT DO NOTHING
 RETURNING 1)
SELECT (SELECT count(*) FROM place), (SELECT count(*) FROM added))";

constexpr const char* find_sql = R"(
SELECT a.id
  FROM scaikey.applications a
 WHERE a.deleted_at IS NULL AND (a.id = :p1 OR a.client_id = :p1 OR a.name = :p1)
 ORDER BY a.id
 LIMIT 2)";

constexpr const char* assign_groups_sql = R"(
INSERT INTO scaikey.app_assignments (tenant_id, application_id, principal_id, principal_type)
SELECT g.tenant_id, a.id, g.id, 'group'
  FROM scaikey.applications a
  JOIN scaikey.groups g ON g.deleted_at IS NULL
  JOIN scaikey.tenants t ON t.id = g.tenant_id AND t.deleted_at IS NULL
 WHERE a.id = :p1 AND (a.scope = 'GLOBAL' OR a.tenant_id = t.id OR a.partner_id = t.partner_id)
 ORDER BY g.tenant_id, g.id
    ON CONFLICT DO NOTHING)";

Status one_application(Tx& tx, const Value& row, const std::string& where, std::int64_t& added,
                       std::int64_t& assigned) {
    scai::json::Fields fields(row, where);
    const auto client_id = fields.text("client_id", {.max = 200});
    const auto id = fields.optional_text("id", {.max = 64}).value_or("app_" + scai::crypto::random_id(20));
    const auto secret = fields.optional_text("client_secret", {.min = 8, .max = 200});
    const auto name = fields.text("name", {.max = 200});
    const auto type = fields.text("application_type", {.one_of = {"WEB", "SERVICE", "SPA", "NATIVE"}});
    const auto tenant = fields.optional_text("tenant", {.max = 63}).value_or("");
    const auto lifetime = fields.optional_integer("token_lifetime", {.min = 60, .max = 86400}).value_or(3600);
    const bool all_users = fields.optional_boolean("assign_all_users").value_or(false);
    const auto redirects = fields.optional_text_list("redirect_uris");
    const auto after_logout = fields.optional_text_list("post_logout_redirect_uris");
    const auto origins = fields.optional_text_list("allowed_origins");
    const auto scopes = fields.optional_text_list("allowed_scopes");
    const bool confidential = type == "WEB" || type == "SERVICE";
    if (!type.empty() && confidential != secret.has_value())
        fields.reject("client_secret",
                      confidential ? "is required for WEB and SERVICE" : "goes with WEB and SERVICE only");
    if (const auto error = fields.error())
        return refused_at(error->fields.front().path, error->fields.front().message);
    const auto hash = secret ? std::optional(applications::secret_hash(*secret)) : std::nullopt;
    added += tx.run(insert_sql, id, client_id, name, type, tenant, hash, redirects, after_logout, origins,
                    scopes, lifetime, all_users);
    const Value assign = row.get("assign");
    for (std::size_t i = 0; i < assign.size(); ++i) {
        const Value each = assign.at(i);
        const auto [found, new_ones] = tx.one<std::int64_t, std::int64_t>(
            assign_sql, client_id, each.member("tenant"), each.member("group"), each.member("user"));
        if (found == 0)
            return refused_at(where + ".assign[" + std::to_string(i) + "]",
                              "names no group or user of that tenant");
        assigned += new_ones;
    }
    return Done{};
}

} // namespace

Status load_applications(Tx& tx, const Value& document, Value& counters) {
    const Value rows = document.get("applications");
    if (!rows.present())
        return Done{};
    if (!rows.is_array())
        return refused_at("applications", "must be an array");
    std::int64_t added = 0;
    std::int64_t assigned = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string where = "applications[" + std::to_string(i) + "]";
        if (!rows.at(i).is_object())
            return refused_at(where, "must be an object");
        SCAI_TRY([[maybe_unused]] auto done, one_application(tx, rows.at(i), where, added, assigned));
    }
    counters.set("applications", Value::object({{"added", added}, {"updated", 0}}));
    counters.set("assignments", Value::object({{"added", assigned}, {"updated", 0}}));
    return Done{};
}

Status assign_groups(Tx& tx, const std::string& application, Value& counters) {
    const auto found = tx.all<std::string>(find_sql, application);
    if (found.size() != 1)
        return refused_at("--assign", found.empty() ? "there is no such application"
                                                    : "the name fits several applications");
    counters.set("assigned_groups", tx.run(assign_groups_sql, found.front()));
    return Done{};
}

} // namespace scaikey::load
