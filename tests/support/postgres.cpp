// SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres.hpp"
#include "tests/support/files.hpp"

#include "lib/db/migrate.hpp"

#include <libpq-fe.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace test {

namespace {

namespace fs = std::filesystem;

constexpr auto server_settings = R"(
listen_addresses = ''
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
shared_buffers = 64MB
max_wal_size = 1GB
log_min_messages = warning
log_min_error_statement = panic
timezone = 'Europe/Amsterdam'
)"; // NB: not UTC on purpose: sessions must say what they want

std::string newest_bin() {
    std::vector<std::string> found;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql"))
        if (fs::exists(version.path() / "bin/initdb"))
            found.push_back((version.path() / "bin").string());
    if (found.empty())
        throw std::runtime_error("PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb");
    return *std::max_element(found.begin(), found.end());
}

/// The server refuses root: as root it runs as user postgres.
std::string as_server_user() {
    return geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --init-groups " : "";
}

void run(const std::string& command, const fs::path& log) {
    if (std::system((as_server_user() + command + " >>" + log.string() + " 2>&1 </dev/null").c_str()) != 0)
        throw std::runtime_error("failed: " + command + "\n" + slurp(log));
}

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

Connection connect(const std::string& url) {
    Connection connection(PQconnectdb(url.c_str()), PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    return connection;
}

Result execute(PGconn* connection, const std::string& sql) {
    Result result(PQexec(connection, sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQerrorMessage(connection) + sql);
    return result;
}

void maintenance(const std::string& sql) {
    const auto connection = connect(postgres().url("postgres"));
    execute(connection.get(), sql);
}

std::string next_name() {
    static int number = 0;
    return "test_" + std::to_string(++number);
}

std::string sql_folder() {
    const char* folder = std::getenv("SCAI_SQL_DIR");
    return folder && *folder ? folder : "sql";
}

} // namespace

Postgres::Postgres() : bin_(newest_bin()) {
    const char* wanted = std::getenv("TMPDIR");
    std::string base = wanted && *wanted ? wanted : "/tmp";
    if (base.size() > 70) // a unix socket's path holds 107 bytes
        base = "/tmp";
    folder_ = base + "/scai-pg-XXXXXX";
    if (!mkdtemp(folder_.data()))
        throw std::runtime_error("cannot make a folder below " + base);
    if (geteuid() == 0) {
        const passwd* user = getpwnam("postgres");
        if (!user || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("there is no user postgres to run the server as");
    }
    fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);

    // The guardian waits for the end of this pipe, which comes when this process is gone in whatever way.
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe");
    const std::string script = "trap '' INT TERM HUP; read -r _; " + as_server_user() + bin_ +
                               "/pg_ctl stop -D " + folder_ + "/data -m immediate >/dev/null 2>&1; rm -rf " +
                               folder_;
    guardian_pid_ = fork();
    if (guardian_pid_ == 0) {
        setsid();
        dup2(ends[0], 0);
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execl("/bin/sh", "sh", "-c", script.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[0]);
    guardian_pipe_ = ends[1];

    run(bin_ + "/initdb -D " + folder_ + "/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync",
        folder_ + "/log");
    std::ofstream(folder_ + "/data/postgresql.conf", std::ios::app)
        << server_settings << "unix_socket_directories = '" << folder_ << "'\n";
    start();
}

Postgres::~Postgres() {
    close(guardian_pipe_);
    waitpid(guardian_pid_, nullptr, 0);
}

std::string Postgres::url(const std::string& database) const {
    return "postgresql:///" + database + "?host=" + folder_ + "&user=postgres";
}

void Postgres::stop(bool immediate) {
    run(bin_ + "/pg_ctl stop -w -D " + folder_ + "/data -m " + (immediate ? "immediate" : "fast"),
        folder_ + "/log");
    running_ = false;
}

void Postgres::start() {
    run(bin_ + "/pg_ctl start -w -D " + folder_ + "/data -l " + folder_ + "/server.log", folder_ + "/log");
    running_ = true;
}

void Postgres::restart(bool immediate) {
    stop(immediate);
    start();
}

Postgres& postgres() {
    static Postgres server;
    return server;
}

Database::Database(std::string name) : url(postgres().url(name)), name_(std::move(name)) {}

Database::Database(Database&& other) noexcept : url(std::move(other.url)), name_(std::move(other.name_)) {
    other.name_.clear();
}

Database::~Database() {
    if (name_.empty())
        return;
    try {
        maintenance("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) { // a stopped server: the folder goes with the process
    }
}

scai::db::PoolSettings Database::settings(const std::string& role, int size) const {
    scai::db::PoolSettings out;
    out.url = url;
    out.role = role;
    out.size = size;
    out.application = "tests";
    return out;
}

void Database::sql(const std::string& statements) const {
    const auto connection = connect(url);
    execute(connection.get(), statements);
}

std::string Database::value(const std::string& statement) const {
    const auto connection = connect(url);
    const auto result = execute(connection.get(), statement);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::vector<std::vector<std::string>> Database::rows(const std::string& statement) const {
    const auto connection = connect(url);
    const auto result = execute(connection.get(), statement);
    std::vector<std::vector<std::string>> out;
    for (int r = 0; r < PQntuples(result.get()); ++r) {
        auto& row = out.emplace_back();
        for (int c = 0; c < PQnfields(result.get()); ++c)
            row.emplace_back(PQgetisnull(result.get(), r, c) ? "NULL" : PQgetvalue(result.get(), r, c));
    }
    return out;
}

Database empty_database() {
    const std::string name = next_name();
    maintenance("CREATE DATABASE " + name + " TEMPLATE template0");
    return Database(name);
}

Database migrated_database(const std::vector<std::string>& schemas) {
    static std::map<std::vector<std::string>, std::string> templates;
    auto& made = templates[schemas];
    if (made.empty()) {
        const std::string name = next_name() + "_template";
        maintenance("CREATE DATABASE " + name + " TEMPLATE template0");
        for (const std::string& schema : schemas) {
            const std::string folder = sql_folder() + "/" + schema;
            scai::db::migrate({.url = postgres().url(name)}, schema,
                              scai::db::read_migrations(folder + "/migrations"), slurp(folder + "/roles.sql"),
                              -1);
        }
        made = name;
    }
    const std::string name = next_name();
    maintenance("CREATE DATABASE " + name + " TEMPLATE " + made);
    return Database(name);
}

Database migrated_database(const std::string& schema) {
    return migrated_database(std::vector<std::string>{schema});
}

} // namespace test
