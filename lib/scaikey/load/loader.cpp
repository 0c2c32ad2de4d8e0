// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/loader.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/load/applications.hpp"
#include "lib/scaikey/load/generate.hpp"
#include "lib/scaikey/load/staging.hpp"

#include <algorithm>
#include <tuple>

namespace scaikey::load {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

// Each merge returns how many rows were added and how many changed. A row whose id belongs to another object,
// or to one that was deleted by hand, is left alone: a demo loaded again does not bring back what somebody
// removed.

constexpr const char* merge_partners_sql = R"(
WITH wanted AS (
    SELECT DISTINCT ON (l.slug) l.id, l.slug, l.name, l.status, l.contact_email
      FROM load_partners l
     ORDER BY l.slug, l.ord DESC),
merged AS (
    INSERT INTO scaikey.partners AS p (id, slug, name, status, contact_email)
    SELECT coalesce(w.id, 'prt_' || left(replace(gen_random_uuid()::text, '-', ''), 20)), w.slug, w.name,
           coalesce(w.status, 'ACTIVE'), w.contact_email
      FROM wanted w
     WHERE NOT EXISTS (SELECT FROM scaikey.partners x
                        WHERE x.id = w.id AND (x.deleted_at IS NOT NULL OR x.slug <> w.slug))
        ON CONFLICT (slug) WHERE deleted_at IS NULL DO UPDATE
       SET name = excluded.name, status = excluded.status, contact_email = excluded.contact_email,
           updated_at = clock_timestamp()
     WHERE (p.name, p.status, p.contact_email) IS DISTINCT FROM (excluded.name, excluded.status, excluded.contact_email)
 RETURNING (p.xmax = 0) AS added)
SELECT count(*) FILTER (WHERE m.added), count(*) FILTER (WHERE NOT m.added)
  FROM merged m)";

constexpr const char* merge_tenants_sql = R"(
WITH wanted AS (
    SELECT DISTINCT ON (l.slug) l.id, l.slug, l.name, l.status, l.contact_email, p.id AS partner_id
      FROM load_tenants l
      LEFT JOIN scaikey.partners p ON p.slug = l.partner AND p.deleted_at IS NULL
     ORDER BY l.slug, l.ord DESC),
merged AS (
    INSERT INTO scaikey.tenants AS t (id, slug, name, status, contact_email, partner_id)
    SELECT coalesce(w.id, 'tnt_' || left(replace(gen_random_uuid()::text, '-', ''), 20)), w.slug, w.name,
           coalesce(w.status, 'ACTIVE'), w.contact_email, w.partner_id
      FROM wanted w
     WHERE NOT EXISTS (SELECT FROM scaikey.tenants x
                        WHERE x.id = w.id AND (x.deleted_at IS NOT NULL OR x.slug <> w.slug))
        ON CONFLICT (slug) WHERE deleted_at IS NULL DO UPDATE
       SET name = excluded.name, status = excluded.status, contact_email = excluded.contact_email,
           partner_id = excluded.partner_id, updated_at = clock_timestamp()
     WHERE (t.name, t.status, t.contact_email, t.partner_id)
           IS DISTINCT FROM (excluded.name, excluded.status, excluded.contact_email, excluded.partner_id)
 RETURNING (t.xmax = 0) AS added)
SELECT count(*) FILTER (WHERE m.added), count(*) FILTER (WHERE NOT m.added)
  FROM merged m)";

// A password counts for new users only: one changed meanwhile stays.
constexpr const char* merge_users_sql = R"(
WITH wanted AS (
    SELECT DISTINCT ON (t.id, lower(l.email)) l.id, t.id AS tenant_id, l.email, l.first_name, l.last_name,
           coalesce(l.display_name, nullif(concat_ws(' ', l.first_name, l.last_name), ''), l.email) AS display_name,
           coalesce(l.status, 'ACTIVE') AS status, l.admin_role, l.title, l.department, l.password_hash
      FROM load_users l
      JOIN scaikey.tenants t ON t.slug = l.tenant AND t.deleted_at IS NULL
     ORDER BY t.id, lower(l.email), l.ord DESC),
merged AS (
    INSERT INTO scaikey.users AS u (id, tenant_id, email, first_name, last_name, display_name, status, admin_role, title,
                                    department, password_hash, password_changed_at)
    SELECT coalesce(w.id, 'usr_' || left(replace(gen_random_uuid()::text, '-', ''), 20)) AS id, w.tenant_id, w.email,
           w.first_name, w.last_name, w.display_name, w.status, w.admin_role, w.title, w.department, w.password_hash,
           CASE WHEN w.password_hash IS NOT NULL THEN now() END
      FROM wanted w
     WHERE NOT EXISTS (SELECT FROM scaikey.users x
                        WHERE x.id = w.id
                          AND (x.deleted_at IS NOT NULL OR x.tenant_id <> w.tenant_id OR lower(x.email) <> lower(w.email)))
     ORDER BY 1
        ON CONFLICT (lower(email), tenant_id) WHERE deleted_at IS NULL DO UPDATE
       SET email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name,
           display_name = excluded.display_name, status = excluded.status, admin_role = excluded.admin_role,
           title = excluded.title, department = excluded.department, updated_at = clock_timestamp()
     WHERE (u.email, u.first_name, u.last_name, u.display_name, u.status, u.admin_role, u.title, u.department)
           IS DISTINCT FROM (excluded.email, excluded.first_name, excluded.last_name, excluded.display_name,
                             excluded.status, excluded.admin_role, excluded.title, excluded.department)
 RETURNING (u.xmax = 0) AS added)
SELECT count(*) FILTER (WHERE m.added), count(*) FILTER (WHERE NOT m.added)
  FROM merged m)";

constexpr const char* merge_groups_sql = R"(
WITH wanted AS (
    SELECT DISTINCT ON (t.id, l.name) l.id, t.id AS tenant_id, l.name, l.description,
           coalesce(l.group_type, 'SECURITY') AS group_type
      FROM load_groups l
      JOIN scaikey.tenants t ON t.slug = l.tenant AND t.deleted_at IS NULL
     ORDER BY t.id, l.name, l.ord DESC),
merged AS (
    INSERT INTO scaikey.groups AS g (id, tenant_id, name, description, group_type)
    SELECT coalesce(w.id, 'grp_' || left(replace(gen_random_uuid()::text, '-', ''), 20)) AS id, w.tenant_id, w.name,
           w.description, w.group_type
      FROM wanted w
     WHERE NOT EXISTS (SELECT FROM scaikey.groups x
                        WHERE x.id = w.id
                          AND (x.deleted_at IS NOT NULL OR x.tenant_id <> w.tenant_id OR x.name <> w.name))
     ORDER BY 1
        ON CONFLICT (tenant_id, name) WHERE deleted_at IS NULL DO UPDATE
       SET description = excluded.description, group_type = excluded.group_type, updated_at = clock_timestamp()
     WHERE (g.description, g.group_type) IS DISTINCT FROM (excluded.description, excluded.group_type)
 RETURNING (g.xmax = 0) AS added)
SELECT count(*) FILTER (WHERE m.added), count(*) FILTER (WHERE NOT m.added)
  FROM merged m)";

constexpr const char* merge_memberships_sql = R"(
WITH wanted AS (
    SELECT DISTINCT g.tenant_id, g.id AS group_id, coalesce(u.id, n.id) AS member_id,
           CASE WHEN u.id IS NOT NULL THEN 'user' ELSE 'group' END AS member_type
      FROM load_memberships l
      JOIN scaikey.tenants t ON t.slug = l.tenant AND t.deleted_at IS NULL
      JOIN scaikey.groups g ON g.tenant_id = t.id AND g.name = l."group" AND g.deleted_at IS NULL
      LEFT JOIN scaikey.users u ON lower(u.email) = lower(l."user") AND u.tenant_id = t.id AND u.deleted_at IS NULL
      LEFT JOIN scaikey.groups n ON n.tenant_id = t.id AND n.name = l.member_group AND n.deleted_at IS NULL),
merged AS (
    INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type)
    SELECT w.tenant_id, w.group_id, w.member_id, w.member_type
      FROM wanted w
     WHERE w.member_id IS NOT NULL
     ORDER BY w.tenant_id, w.group_id, w.member_id
        ON CONFLICT (tenant_id, group_id, member_id) DO NOTHING
 RETURNING 1)
SELECT (SELECT count(*) FROM merged), 0::bigint)";

// What points nowhere. The first one is named; the load is refused as a whole.
constexpr const char* dangling_tenants_sql = R"(
SELECT 'tenant ' || l.slug || ' names the unknown partner ' || l.partner
  FROM load_tenants l
 WHERE l.partner IS NOT NULL
   AND NOT EXISTS (SELECT FROM scaikey.partners p WHERE p.slug = l.partner AND p.deleted_at IS NULL)
 ORDER BY l.ord
 LIMIT 1)";
constexpr const char* dangling_rows_sql = R"(
SELECT r.what || ' names the unknown tenant ' || r.tenant
  FROM (SELECT 'user ' || l.email AS what, l.tenant, l.ord FROM load_users l
        UNION ALL
        SELECT 'group ' || l.name, l.tenant, l.ord FROM load_groups l
        UNION ALL
        SELECT 'membership in ' || l."group", l.tenant, l.ord FROM load_memberships l) r
 WHERE NOT EXISTS (SELECT FROM scaikey.tenants t WHERE t.slug = r.tenant AND t.deleted_at IS NULL)
 ORDER BY r.ord
 LIMIT 1)";
constexpr const char* dangling_memberships_sql = R"(
SELECT 'membership ' || l.ord || ' (group ' || l."group" || ', member ' || coalesce(l."user", l.member_group)
       || ') names something that does not exist in tenant ' || l.tenant
  FROM load_memberships l
  JOIN scaikey.tenants t ON t.slug = l.tenant AND t.deleted_at IS NULL
  LEFT JOIN scaikey.groups g ON g.tenant_id = t.id AND g.name = l."group" AND g.deleted_at IS NULL
  LEFT JOIN scaikey.users u ON lower(u.email) = lower(l."user") AND u.tenant_id = t.id AND u.deleted_at IS NULL
  LEFT JOIN scaikey.groups n ON n.tenant_id = t.id AND n.name = l.member_group AND n.deleted_at IS NULL
 WHERE g.id IS NULL OR (u.id IS NULL AND n.id IS NULL) OR g.id = n.id
 ORDER BY l.ord
 LIMIT 1)";

constexpr const char* circle_sql = R"(
WITH RECURSIVE walk (start_id, at_id) AS (
    SELECT m.group_id, m.member_id
      FROM scaikey.group_members m
     WHERE m.member_type = 'group'
    UNION
    SELECT w.start_id, m.member_id
      FROM walk w
      JOIN scaikey.group_members m ON m.group_id = w.at_id AND m.member_type = 'group')
SELECT g.name
  FROM walk w
  JOIN scaikey.groups g ON g.id = w.start_id
 WHERE w.start_id = w.at_id
 ORDER BY g.id
 LIMIT 1)";
constexpr const char* any_nested_sql =
    "SELECT count(*) FROM load_memberships l WHERE l.member_group IS NOT NULL";

constexpr const char* bad_value_sql = R"(
SELECT r.what || ' has the unknown ' || r.field || ' ' || r.value
  FROM (SELECT 'user ' || l.email AS what, 'status' AS field, l.status AS value, ARRAY['ACTIVE', 'SUSPENDED'] AS known
          FROM load_users l
        UNION ALL
        SELECT 'user ' || l.email, 'admin_role', l.admin_role, ARRAY['super_admin', 'partner_admin', 'tenant_admin']
          FROM load_users l
        UNION ALL
        SELECT 'group ' || l.name, 'group_type', l.group_type, ARRAY['SECURITY', 'DISTRIBUTION_LIST'] FROM load_groups l
        UNION ALL
        SELECT 'tenant ' || l.slug, 'status', l.status, ARRAY['ACTIVE', 'SUSPENDED'] FROM load_tenants l
        UNION ALL
        SELECT 'partner ' || l.slug, 'status', l.status, ARRAY['ACTIVE', 'SUSPENDED'] FROM load_partners l) r
 WHERE r.value IS NOT NULL AND NOT r.value = ANY (r.known)
 LIMIT 1)";

/// The planner has to learn of 100,000 new rows before the first request, not at the next autovacuum.
constexpr const char* analyze_sql = "SET LOCAL ROLE scaikey_owner; ANALYZE scaikey.users, scaikey.groups, "
                                    "scaikey.group_members, scaikey.app_assignments, scaikey.tenants";

/// Leaves the transaction undone: an error in the input, or a dry run.
struct Undo {};

Status refuse_first(Tx& tx, const char* sql) {
    if (auto what = tx.maybe<std::string>(sql))
        return refusal(scai::ErrorKind::unprocessable, *what);
    return Done{};
}

void merge(Tx& tx, const char* sql, const char* name, Value& counters) {
    const auto [added, changed] = tx.one<std::int64_t, std::int64_t>(sql);
    counters.set(name, Value::object({{"added", added}, {"updated", changed}}));
}

Status stage(Tx& tx, const Sources& sources, const Value& document, PasswordHashes& passwords) {
    const std::pair<const Table*, const std::string*> parts[] = {
        {&partners_table(), &sources.partners_csv},
        {&tenants_table(), &sources.tenants_csv},
        {&users_table(), &sources.users_csv},
        {&groups_table(), &sources.groups_csv},
        {&memberships_table(), &sources.memberships_csv}};
    for (const auto& [table, file] : parts) {
        SCAI_TRY([[maybe_unused]] auto from_json, stage_json(tx, *table, document, passwords));
        SCAI_TRY([[maybe_unused]] auto from_csv, stage_csv(tx, *table, *file, passwords));
    }
    return refuse_first(tx, bad_value_sql);
}

Status load_all(Tx& tx, const Sources& sources, const Value& document, PasswordHashes& passwords,
                Value& counters) {
    create_staging(tx);
    SCAI_TRY([[maybe_unused]] auto staged, stage(tx, sources, document, passwords));
    merge(tx, merge_partners_sql, "partners", counters);
    SCAI_TRY([[maybe_unused]] auto partners, refuse_first(tx, dangling_tenants_sql));
    merge(tx, merge_tenants_sql, "tenants", counters);
    SCAI_TRY([[maybe_unused]] auto tenants, refuse_first(tx, dangling_rows_sql));
    merge(tx, merge_users_sql, "users", counters);
    merge(tx, merge_groups_sql, "groups", counters);
    SCAI_TRY([[maybe_unused]] auto members, refuse_first(tx, dangling_memberships_sql));
    merge(tx, merge_memberships_sql, "memberships", counters);
    if (tx.one<std::int64_t>(any_nested_sql) > 0)
        if (auto name = tx.maybe<std::string>(circle_sql))
            return refusal(scai::ErrorKind::unprocessable, "group " + *name + " would contain itself");
    if (sources.generate)
        generate(tx, *sources.generate, passwords, counters);
    SCAI_TRY([[maybe_unused]] auto applications, load_applications(tx, document, counters));
    if (!sources.assign.empty())
        return assign_groups(tx, sources.assign, counters);
    return Done{};
}

/// A misspelt section would be lost without a word.
Status known_sections(const Value& document) {
    std::string unknown;
    document.each_member([&](std::string_view key, const Value&) {
        for (const char* name : {"partners", "tenants", "users", "groups", "memberships", "applications"})
            if (key == name)
                return;
        unknown = key;
    });
    if (!unknown.empty())
        return refusal(scai::ErrorKind::unprocessable, "unknown section \"" + unknown + "\"");
    return Done{};
}

bool empty(const Sources& sources) {
    const auto texts = {&sources.json_file, &sources.partners_csv, &sources.tenants_csv,
                        &sources.users_csv, &sources.groups_csv,   &sources.memberships_csv,
                        &sources.assign};
    return !sources.generate &&
           std::ranges::all_of(texts, [](const std::string* text) { return text->empty(); });
}

} // namespace

Result<Generate> parse_generate(std::string_view text) {
    Generate out;
    for (const auto& part : scai::split_list(text)) {
        const auto equals = part.find('=');
        const std::string key = part.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
        if (key == "prefix") {
            out.prefix = value;
            continue;
        }
        std::int64_t* target = key == "users"         ? &out.users
                               : key == "groups"      ? &out.groups
                               : key == "memberships" ? &out.memberships
                               : key == "tenants"     ? &out.tenants
                               : key == "nested"      ? &out.nested
                                                      : nullptr;
        const auto number = scai::parse_int(value);
        if (!target || !number || *number < 0 || *number > 100'000'000)
            return refusal(scai::ErrorKind::unprocessable,
                           "--generate: \"" + part +
                               "\" is none of users=N, groups=N, "
                               "memberships=N, tenants=N, nested=N, prefix=TEXT");
        *target = *number;
    }
    const auto each = [&](std::int64_t total) { return total / std::max<std::int64_t>(out.tenants, 1); };
    if (out.tenants < 1 ||
        (out.memberships > 0 && each(out.memberships + out.tenants - 1) > each(out.users) * each(out.groups)))
        return refusal(
            scai::ErrorKind::unprocessable,
            "--generate: at least one tenant, and no more memberships than users x groups in each");
    return out;
}

Result<Value> load(Pool& pool, const Sources& sources, bool dry_run) {
    if (empty(sources))
        return refusal(scai::ErrorKind::unprocessable,
                       "there is no file, no --generate and no --assign; --help lists them");
    Value document = Value::object();
    if (!sources.json_file.empty()) {
        SCAI_TRY(document, read_document(sources.json_file));
        SCAI_TRY([[maybe_unused]] auto known, known_sections(document));
    }
    PasswordHashes passwords;
    Value counters = Value::object();
    std::optional<scai::Error> wrong;
    try {
        scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) {
            counters = Value::object();
            if (auto done = load_all(tx, sources, document, passwords, counters); !done)
                wrong = std::move(done).error();
            if (wrong || dry_run)
                throw Undo{};
        });
        scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) { tx.script(analyze_sql); });
    } catch (const Undo&) {
        if (wrong)
            return std::move(*wrong);
    }
    counters.set("dry_run", dry_run);
    return counters;
}

} // namespace scaikey::load
