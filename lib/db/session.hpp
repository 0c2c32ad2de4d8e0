// Session: one database connection with its prepared statements. Private to lib/db.
// Statements are prepared by SOCI and run on the libpq handle below it, like BEGIN/COMMIT, COPY and session
// settings: one copy of every value less, and a change of scope costs no round trip.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <libpq-fe.h>
#include <soci/soci.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace scai::db {

/// Throws Unavailable when the connection is lost, Error otherwise. `statement` names what failed.
[[noreturn]] void throw_error(const std::string& sqlstate, const std::string& statement);

/// First line of an SQL constant that says something: what an error may show.
std::string statement_name(std::string_view sql);

/// A libpq URL: the values of settings.url, then ours where it has none.
std::string connection_text(const PoolSettings& settings);

struct ResultDeleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

class Session {
public:
    explicit Session(const PoolSettings& settings);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Connects when there is no living connection. Costs one poll(2) on one that was quiet for a second.
    /// Throws Unavailable.
    void ensure_connected();
    bool alive() const noexcept;
    void disconnect() noexcept;

    /// Runs a prepared statement; returns rows returned or affected. With columns > 0 the result must have
    /// as many. With `scope` the statement runs under that row-level security scope, which stays the
    /// session's: when it is another one already, setting it shares the statement's round trip.
    std::int64_t query(const char* sql, const Cells& params, std::size_t columns,
                       const std::function<void(Cells&)>& row, const Scope* scope = nullptr);
    /// Simple protocol, no parameters, several statements allowed. Returns the last command tag.
    std::string execute(const std::string& sql, const std::string& name);
    /// True when a statement under this scope needs no other setting first.
    bool has_scope(const Scope& scope) const noexcept { return scope_ == scope.value(); }
    /// Forgets one prepared statement (its plan no longer fits the tables).
    void forget(const char* sql);
    /// Gives back a session that is outside transactions: rolls back or disconnects.
    void clean() noexcept;

    PGconn* handle() const noexcept;
    std::string quote(std::string_view text) const; ///< as an SQL literal

    bool copying = false; ///< a COPY owns the connection

private:
    struct Prepared;
    const Prepared& prepared(const char* sql, std::size_t parameters);
    ResultPtr run(const Prepared& statement, const char* const* values);
    ResultPtr run_scoped(const Prepared& statement, const char* const* values, const Scope& scope);

    const PoolSettings& settings_;
    std::unique_ptr<soci::session> soci_;
    std::unordered_map<const char*, std::unique_ptr<Prepared>> statements_; ///< by address of the constant
    std::optional<std::string> scope_; ///< session-level scai.tenant; nothing when it is not known
    std::chrono::steady_clock::time_point heard_{}; ///< last answer of the server
};

} // namespace scai::db
