// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/staging.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/changes.hpp"
#include "lib/scaikey/load/csv.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>

namespace scaikey::load {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* staging_sql = R"(
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
CREATE TEMP TABLE load_partners (ord bigint, id text, slug text, name text, status text, contact_email text) ON COMMIT DROP;
CREATE TEMP TABLE load_tenants (ord bigint, id text, slug text, name text, partner text, status text,
                                contact_email text) ON COMMIT DROP;
CREATE TEMP TABLE load_users (ord bigint, id text, tenant text, email text, first_name text, last_name text,
                              display_name text, status text, admin_role text, title text, department text,
                              password_hash text) ON COMMIT DROP;
CREATE TEMP TABLE load_groups (ord bigint, id text, tenant text, name text, description text,
                               group_type text) ON COMMIT DROP;
CREATE TEMP TABLE load_memberships (ord bigint, tenant text, "group" text, "user" text, member_group text) ON COMMIT DROP;
)";

std::size_t column(const Table& table, std::string_view name) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    return static_cast<std::size_t>(found - table.columns.begin());
}

bool has_column(const Table& table, std::string_view name) {
    return column(table, name) < table.columns.size();
}

/// One row into the COPY: required values there, e-mail well formed, password hashed, empty text as NULL.
Status put(scai::db::Tx::Copy& copy, const Table& table, std::int64_t ord, const std::string& where,
           std::vector<std::string>& values, PasswordHashes& passwords) {
    for (const auto& required : table.required)
        if (values[column(table, required)].empty())
            return refused_at(where, std::string(required) + " is required");
    if (has_column(table, "email") && !valid_email(values[column(table, "email")]))
        return refused_at(where, "email is no e-mail address");
    if (table.name != "users" && table.name != "groups" && has_column(table, "slug") &&
        !valid_slug(values[column(table, "slug")]))
        return refused_at(where, "slug must have lower-case letters, digits and inner hyphens only");
    if (table.name == "memberships" &&
        values[column(table, "user")].empty() == values[column(table, "member_group")].empty())
        return refused_at(where, "exactly one of user and member_group is required");
    if (has_column(table, "password")) { // columns ..., password, password_hash: one hash goes on
        const auto at = column(table, "password");
        if (!values[at].empty())
            values[at + 1] = passwords.of(values[at]);
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
    }
    scai::db::Cells cells{std::to_string(ord)};
    for (auto& value : values)
        cells.push_back(value.empty() ? std::nullopt : scai::db::Cell(std::move(value)));
    copy.row(cells);
    return Done{};
}

} // namespace

Status refused_at(const std::string& where, const std::string& what) {
    return refusal(scai::ErrorKind::unprocessable, where + ": " + what);
}

const Table& partners_table() {
    static const Table table{"partners",
                             "load_partners (ord, id, slug, name, status, contact_email)",
                             {"id", "slug", "name", "status", "contact_email"},
                             {"slug", "name"}};
    return table;
}
const Table& tenants_table() {
    static const Table table{"tenants",
                             "load_tenants (ord, id, slug, name, partner, status, contact_email)",
                             {"id", "slug", "name", "partner", "status", "contact_email"},
                             {"slug", "name"}};
    return table;
}
const Table& users_table() {
    static const Table table{
        "users",
        "load_users (ord, id, tenant, email, first_name, last_name, display_name, status, admin_role, title, "
        "department, password_hash)",
        {"id", "tenant", "email", "first_name", "last_name", "display_name", "status", "admin_role", "title",
         "department", "password", "password_hash"},
        {"tenant", "email"}};
    return table;
}
const Table& groups_table() {
    static const Table table{"groups",
                             "load_groups (ord, id, tenant, name, description, group_type)",
                             {"id", "tenant", "name", "description", "group_type"},
                             {"tenant", "name"}};
    return table;
}
const Table& memberships_table() {
    static const Table table{"memberships",
                             R"(load_memberships (ord, tenant, "group", "user", member_group))",
                             {"tenant", "group", "user", "member_group"},
                             {"tenant", "group"}};
    return table;
}

const std::string& PasswordHashes::of(const std::string& password) {
    auto& hash = hashes_[password];
    if (hash.empty())
        hash = scai::crypto::hash_password(password);
    return hash;
}

void create_staging(Tx& tx) {
    tx.script(staging_sql);
}

Status stage_csv(Tx& tx, const Table& table, const std::string& file, PasswordHashes& passwords) {
    if (file.empty())
        return Done{};
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return refused_at(file, "cannot be read");
    SCAI_TRY(auto reader, CsvReader::open(in, file, table.columns, table.required));
    auto copy = tx.copy_in(std::string(table.copy_into));
    std::vector<std::string> values;
    for (std::int64_t ord = 0;; ++ord) {
        SCAI_TRY(const bool any, reader.next(values));
        if (!any)
            break;
        SCAI_TRY([[maybe_unused]] auto done,
                 put(*copy, table, ord, file + " line " + std::to_string(reader.line()), values, passwords));
    }
    copy->finish();
    return Done{};
}

Status stage_json(Tx& tx, const Table& table, const Value& document, PasswordHashes& passwords) {
    const Value rows = document.get(table.name);
    if (!rows.present())
        return Done{};
    if (!rows.is_array())
        return refused_at(std::string(table.name), "must be an array");
    auto copy = tx.copy_in(std::string(table.copy_into));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string where = std::string(table.name) + "[" + std::to_string(i) + "]";
        if (!rows.at(i).is_object())
            return refused_at(where, "must be an object");
        std::vector<std::string> values(table.columns.size());
        std::string problem;
        rows.at(i).each_member([&](std::string_view key, const Value& value) {
            if (!has_column(table, key))
                problem = "unknown member \"" + std::string(key) + "\"";
            else if (!value.is_null() && !value.is_string())
                problem = std::string(key) + " must be a string";
            else
                values[column(table, key)] = value.text_or("");
        });
        if (!problem.empty())
            return refused_at(where, problem);
        SCAI_TRY([[maybe_unused]] auto done,
                 put(*copy, table, static_cast<std::int64_t>(i), where, values, passwords));
    }
    copy->finish();
    return Done{};
}

Result<Value> read_document(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        return refusal(scai::ErrorKind::unprocessable, file + ": cannot be read");
    auto document = scai::json::parse(text.str());
    if (!document)
        return refusal(
            scai::ErrorKind::unprocessable,
            file + ": " + document.error().message +
                (file.ends_with(".csv") ? "; CSV goes to --users, --groups or --memberships" : ""));
    if (!document->is_object())
        return refusal(scai::ErrorKind::unprocessable, file + ": a JSON object is required");
    return std::move(*document);
}

} // namespace scaikey::load
