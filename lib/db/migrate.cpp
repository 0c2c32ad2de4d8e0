// Migrations over a private session: one transaction each, serialised by an advisory lock.
// SPDX-License-Identifier: Apache-2.0
#include "lib/db/migrate.hpp"

#include "lib/base/strings.hpp"
#include "lib/db/session.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace scai::db {

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in || !text)
        throw std::runtime_error("cannot read " + path.string());
    return text.str();
}

/// Text of a migration, stable over line ends. FNV-1a is enough: it guards against accidents.
std::string checksum(const std::string& text) {
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '\r'; });
    std::ostringstream out;
    out << std::hex << static_cast<std::uint64_t>(lock_key(plain));
    return out.str();
}

struct Applied {
    std::string name, checksum;
};

class Migrator {
public:
    Migrator(const PoolSettings& settings, std::string schema)
        : settings_(without_limit(settings)), session_(settings_), schema_(std::move(schema)) {
        for (char c : schema_)
            if (!std::islower(static_cast<unsigned char>(c)) && c != '_')
                throw std::logic_error("schema name");
        session_.ensure_connected();
    }

    /// Waits for another migration instead of failing: after it there is usually nothing left to do.
    void lock() {
        session_.execute("SELECT pg_advisory_lock(" + std::to_string(lock_key("migrate " + schema_)) + ")",
                         "migration lock");
    }

    void run_roles(const std::string& sql) {
        if (!sql.empty())
            session_.execute("BEGIN;" + sql + "\n;COMMIT", "roles.sql of " + schema_);
    }

    std::map<int, Applied> applied() {
        std::map<int, Applied> out;
        if (!exists())
            return out;
        const std::string sql =
            "SELECT number, name, checksum FROM " + schema_ + ".schema_migrations ORDER BY number";
        session_.query(sql.c_str(), {}, 3, [&](Cells& cells) {
            out[static_cast<int>(parse_int(cells[0].value_or("")).value_or(0))] = {cells[1].value_or(""),
                                                                                   cells[2].value_or("")};
        });
        return out;
    }

    void up(const Migration& migration) {
        const std::string number = std::to_string(migration.number);
        step(migration.name, prepare_schema() + migration.up + "\n;INSERT INTO " + schema_ +
                                 ".schema_migrations (number, name, checksum) VALUES (" + number + ", " +
                                 session_.quote(migration.name) + ", " +
                                 session_.quote(checksum(migration.up)) + ")");
    }

    /// A down migration may drop the schema with its bookkeeping (0001 does).
    void down(const Migration& migration) {
        step("down " + migration.name, migration.down + "\n;DO $$ BEGIN IF to_regclass('" + schema_ +
                                           ".schema_migrations') IS NOT NULL THEN DELETE FROM " + schema_ +
                                           ".schema_migrations WHERE number = " +
                                           std::to_string(migration.number) + "; END IF; END $$");
    }

private:
    static PoolSettings without_limit(PoolSettings settings) {
        settings.statement_timeout = std::chrono::milliseconds{0};
        return settings;
    }

    bool exists() {
        bool out = false;
        session_.query("SELECT to_regclass(:p1) IS NOT NULL", {schema_ + ".schema_migrations"}, 1,
                       [&](Cells& cells) { out = cells[0] == "t"; });
        return out;
    }

    std::string prepare_schema() const {
        const std::string owner = schema_ + "_owner";
        return "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '" + schema_ +
               "') THEN CREATE SCHEMA " + schema_ + "; IF EXISTS (SELECT FROM pg_roles WHERE rolname = '" +
               owner + "') THEN EXECUTE 'ALTER SCHEMA " + schema_ + " OWNER TO " + owner +
               "'; END IF; END IF; IF EXISTS (SELECT FROM pg_roles WHERE rolname = '" + owner +
               "') THEN SET LOCAL ROLE " + owner + "; END IF; CREATE TABLE IF NOT EXISTS " + schema_ +
               ".schema_migrations (number integer CONSTRAINT schema_migrations_pkey PRIMARY KEY, name text "
               "NOT NULL, "
               "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()); GRANT SELECT ON " +
               schema_ + ".schema_migrations TO PUBLIC; END $$;";
    }

    void step(const std::string& name, const std::string& sql) {
        try {
            session_.execute("BEGIN;" + sql + "\n;COMMIT", "migration " + name);
        } catch (const Error&) {
            session_.clean();
            throw;
        }
    }

    const PoolSettings settings_;
    Session session_;
    const std::string schema_;
};

} // namespace

std::vector<Migration> read_migrations(const std::string& folder) {
    std::vector<Migration> out;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
        const std::string file = entry.path().filename().string();
        if (!file.ends_with(".sql") || file.ends_with(".down.sql"))
            continue;
        Migration migration;
        migration.name = file.substr(0, file.size() - 4);
        const auto number = file.size() > 5 && file[4] == '_' ? parse_int(file.substr(0, 4)) : std::nullopt;
        if (!number)
            throw std::runtime_error("migration " + file + " is not named NNNN_name.sql");
        migration.number = static_cast<int>(*number);
        migration.up = read_file(entry.path());
        migration.down = read_file(std::filesystem::path(folder) / (migration.name + ".down.sql"));
        out.push_back(std::move(migration));
    }
    if (problem)
        throw std::runtime_error("cannot read folder " + folder);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < out.size(); ++i)
        if (out[i].number != static_cast<int>(i) + 1)
            throw std::runtime_error("migrations in " + folder + " have a gap or a duplicate at " +
                                     out[i].name);
    return out;
}

std::string sql_folder(const std::string& wanted, const std::string& product) {
    namespace fs = std::filesystem;
    std::vector<fs::path> candidates;
    const char* variable = std::getenv("SCAI_SQL_DIR"); // NOLINT(concurrency-mt-unsafe): read at start
    if (!wanted.empty())
        candidates.emplace_back(wanted);
    else if (variable && *variable)
        candidates.emplace_back(variable);
    else {
        std::error_code problem;
        const fs::path program = fs::read_symlink("/proc/self/exe", problem).parent_path();
        candidates = {program / "../../sql", program / "../../../sql", // build/bin, build/san-*/bin
                      program / "../share/scai/sql", program / "../../share/scai/sql"}; // bin, libexec/scai
    }
    std::string tried;
    for (const fs::path& candidate : candidates) {
        std::error_code problem;
        if (fs::is_directory(candidate / product / "migrations", problem))
            return candidate.lexically_normal().string();
        tried += (tried.empty() ? "" : ", ") + candidate.lexically_normal().string();
    }
    throw std::runtime_error("no folder with " + product + "/migrations: tried " + tried +
                             " (name it with --sql-dir or SCAI_SQL_DIR)");
}

std::string read_roles(const std::string& sql_folder, const std::string& product) {
    const auto path = std::filesystem::path(sql_folder) / product / "roles.sql";
    std::error_code problem;
    return std::filesystem::exists(path, problem) ? read_file(path) : "";
}

MigrateResult migrate(const PoolSettings& settings, const std::string& schema,
                      const std::vector<Migration>& migrations, const std::string& roles_sql, int target) {
    const int newest = static_cast<int>(migrations.size());
    if (target > newest)
        throw std::runtime_error("there is no migration " + std::to_string(target) + ", the newest is " +
                                 std::to_string(newest));
    const int wanted = target < 0 ? newest : target;
    Migrator migrator(settings, schema);
    migrator.lock();
    migrator.run_roles(roles_sql);
    const auto applied = migrator.applied();
    const int before = applied.empty() ? 0 : applied.rbegin()->first;
    if (before > newest)
        throw std::runtime_error("the database is at migration " + std::to_string(before) +
                                 ", this program knows only " + std::to_string(newest) +
                                 ": use the newer program");
    for (const auto& [number, row] : applied) {
        const Migration& known = migrations.at(static_cast<std::size_t>(number - 1));
        if (known.name != row.name || checksum(known.up) != row.checksum)
            throw std::runtime_error(
                "migration " + known.name +
                " differs from the one that was applied: applied migrations are never edited");
    }
    MigrateResult out{before, wanted, {}};
    for (int number = before + 1; number <= wanted; ++number) {
        const Migration& migration = migrations[static_cast<std::size_t>(number - 1)];
        migrator.up(migration);
        out.applied.push_back(migration.name);
    }
    for (int number = before; number > wanted; --number) {
        const Migration& migration = migrations[static_cast<std::size_t>(number - 1)];
        migrator.down(migration);
        out.applied.push_back("down " + migration.name);
    }
    return out;
}

int schema_version(Pool& pool, const std::string& schema) {
    static constexpr auto has_table = "SELECT to_regclass(:p1 || '.schema_migrations') IS NOT NULL";
    auto reader = pool.read(Scope::none());
    if (!reader.one<bool>(has_table, schema))
        return 0;
    // A table name cannot be a parameter. Sessions compare the text, so a text that is no constant is safe
    // here.
    const std::string newest = "SELECT coalesce(max(number), 0) FROM " + schema + ".schema_migrations";
    return reader.one<int>(newest.c_str());
}

} // namespace scai::db
