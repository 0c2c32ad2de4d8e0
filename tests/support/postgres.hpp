// A real PostgreSQL for tests: one scratch cluster per test process, started by the first use and stopped
// when the process ends, however it ends. A fresh migrated database costs 70 ms, so every case takes its own.
//
//   test::Database db = test::migrated_database("scaiflow");       // dropped at the end of the scope
//   db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1')");     // as superuser, row-level security off
//   scai::db::Pool pool(db.settings("scaiflow_admin"));            // as the process type would see it
//   BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.users") == "0");
//
// No TCP: the server listens on a unix socket in its scratch folder only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <string>
#include <vector>

namespace test {

class Postgres {
public:
    std::string url(const std::string& database) const; ///< "postgresql:///d?host=<folder>&user=postgres"
    const std::string& folder() const { return folder_; }
    /// Fault tests. `immediate` is a crash: no goodbye to the clients, recovery at the next start.
    void stop(bool immediate = false);
    void start();
    void restart(bool immediate = false);
    bool running() const { return running_; }

    Postgres();
    ~Postgres();
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

private:
    std::string folder_;
    std::string bin_;
    int guardian_pid_ = -1;
    int guardian_pipe_ = -1;
    bool running_ = false;
};

/// The cluster of this process. Throws std::runtime_error with the server's log when it cannot start.
Postgres& postgres();

class Database {
public:
    explicit Database(std::string name);
    Database(Database&& other) noexcept;
    Database& operator=(Database&&) = delete;
    ~Database();

    std::string url;
    const std::string& name() const { return name_; }
    /// Pool settings for a process type ("scaiflow_jobs"); "" stays superuser, whom row-level security
    /// ignores.
    scai::db::PoolSettings settings(const std::string& role = "", int size = 4) const;

    void sql(const std::string& statements) const; ///< as superuser; throws with the server's message
    std::string
    value(const std::string& statement) const; ///< first column of the first row; "" for NULL or no row
    std::vector<std::vector<std::string>> rows(const std::string& statement) const; ///< NULL as "NULL"

private:
    std::string name_;
};

/// A copy of the template that has sql/<schema> applied (sql folder: $SCAI_SQL_DIR or ./sql).
Database migrated_database(const std::string& schema);
/// Several products in one database, as on a real host: {"scaiflow", "scaikey"}.
Database migrated_database(const std::vector<std::string>& schemas);
Database empty_database();

} // namespace test
