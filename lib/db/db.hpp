// Database: pool, sessions, transactions over SOCI + libpq. SOCI's types never leave lib/db/*.cpp.
//   db::Pool pool({.url = ..., .role = "scaiflow_admin", .application = "scaiflow-admin"});
//   auto user = pool.read(db::Scope::tenant(t)).maybe<std::string, bool>(find_user, id); // one round trip
//   db::in_tx(pool, db::Scope::tenant(t), [&](db::Tx& tx) { tx.run(insert_user, id); }); // retried
//
// Statements are named constants (static storage: the address is the cache key) with parameters :p1, :p2 ...
// in the order of the arguments, each used once or more. Parameters travel as text: cast in SQL
// (:p1::bigint). Columns come back as text: cast in SQL what is not text/integer/boolean (times as to_char or
// epoch microseconds, bytea by encode()). Each statement is prepared once per session and kept.
// NB: SOCI reads a statement before PostgreSQL does: no comments (an apostrophe in one throws), no array
// slices (a[1:2] looks like a parameter), no := (write =>). Casts, quoted text and dollar quotes are fine.
//
// Column and parameter types: std::string, std::int64_t, int, bool, double, std::optional<those>; parameters
// also string_view, const char*, nullptr, std::vector<std::string> and std::vector<std::int64_t> (become
// array literals: :p1::text[]). A text parameter with an embedded NUL throws std::invalid_argument (refused
// at the edge already).
//
// Errors: db::Error (exception). The server's message text is never kept: it can hold whole rows. Unavailable
// is also what a statement throws whose connection died: nothing of its Tx has happened.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace scai::db {

class Error : public std::runtime_error {
public:
    /// `statement` is the first line of the SQL constant or the operation ("connect", "commit").
    Error(std::string sqlstate, const std::string& statement);
    const std::string& sqlstate() const { return sqlstate_; }
    bool connection_lost() const; ///< class 08, 57P01..03, or no SQLSTATE at all
    bool retryable() const;       ///< 40001, 40P01
private:
    std::string sqlstate_;
};
/// No session could be had: server down, pool exhausted. Maps to 503.
class Unavailable : public Error {
public:
    using Error::Error;
};
/// The connection broke during COMMIT: it may or may not have happened. Maps to 503; never retried.
class InDoubt : public Error {
public:
    using Error::Error;
};

struct PoolSettings {
    std::string url; ///< libpq URL or conninfo, several hosts allowed
    int size = 8;
    std::string role = {}; ///< SET ROLE at connect; "" = stay
    std::string application = "scai";
    std::chrono::milliseconds lease_timeout{2000};
    std::chrono::milliseconds statement_timeout{10000}; ///< 0 = none (jobs)
    std::chrono::seconds connect_timeout{3};
};

/// Which rows row-level security lets through: sets scai.tenant for the transaction.
class Scope {
public:
    static Scope tenant(std::string_view id) { return Scope(std::string(id)); }
    /// Deliberately across tenants: sweeps, super_admin views. Sets scai.tenant to '*'.
    static Scope all_tenants() { return Scope("*"); }
    /// Tables without tenant only; tenant tables show nothing.
    static Scope none() { return Scope(""); }
    const std::string& value() const { return value_; }

private:
    explicit Scope(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

using Cell = std::optional<std::string>;
using Cells = std::vector<Cell>;

namespace detail {
Cell encode(std::string_view value);
Cell encode(std::int64_t value);
Cell encode(double value);
Cell encode(const std::vector<std::string>& values);
Cell encode(const std::vector<std::int64_t>& values);
inline Cell encode(const std::string& value) {
    return encode(std::string_view(value));
}
inline Cell encode(const char* value) {
    return encode(std::string_view(value));
}
inline Cell encode(int value) {
    return encode(std::int64_t{value});
}
inline Cell encode(bool value) {
    return Cell(value ? "true" : "false");
}
inline Cell encode(std::nullptr_t) {
    return std::nullopt;
}
template<class T>
Cell encode(const std::optional<T>& value) {
    return value ? encode(*value) : Cell{};
}
void decode(Cell& cell, std::string& out);
void decode(Cell& cell, std::int64_t& out);
void decode(Cell& cell, int& out);
void decode(Cell& cell, bool& out);
void decode(Cell& cell, double& out);
template<class T>
void decode(Cell& cell, std::optional<T>& out) {
    if (!cell) {
        out.reset();
        return;
    }
    out.emplace();
    decode(cell, *out);
}
template<class... Columns>
std::tuple<Columns...> row(Cells& cells) {
    std::tuple<Columns...> out;
    std::size_t i = 0;
    std::apply([&](auto&... column) { (decode(cells[i++], column), ...); }, out);
    return out;
}
template<class... Columns>
struct RowType {
    using type = std::tuple<Columns...>;
};
template<class Column>
struct RowType<Column> {
    using type = Column;
};
} // namespace detail

/// One column gives the plain type, several give a tuple.
template<class... Columns>
using Row = typename detail::RowType<Columns...>::type;

/// What can run statements. NULL into a non-optional column throws.
class Executor {
public:
    virtual ~Executor() = default;

    /// Exactly one row, else std::logic_error.
    template<class... Columns, class... Args>
    Row<Columns...> one(const char* sql, const Args&... args) {
        auto row = maybe<Columns...>(sql, args...);
        if (!row)
            throw std::logic_error("no row where one was promised");
        return std::move(*row);
    }
    /// None or the first row.
    template<class... Columns, class... Args>
    std::optional<Row<Columns...>> maybe(const char* sql, const Args&... args) {
        std::optional<Row<Columns...>> out;
        query(sql, {detail::encode(args)...}, sizeof...(Columns), [&](Cells& cells) {
            if (!out)
                out = convert<Columns...>(cells);
        });
        return out;
    }
    template<class... Columns, class... Args>
    std::vector<Row<Columns...>> all(const char* sql, const Args&... args) {
        std::vector<Row<Columns...>> out;
        query(sql, {detail::encode(args)...}, sizeof...(Columns),
              [&](Cells& cells) { out.push_back(convert<Columns...>(cells)); });
        return out;
    }

protected:
    virtual std::int64_t query(const char* sql, Cells params, std::size_t columns,
                               const std::function<void(Cells&)>& row) = 0;

private:
    template<class... Columns>
    static Row<Columns...> convert(Cells& cells) {
        if constexpr (sizeof...(Columns) == 1) {
            return std::get<0>(detail::row<Columns...>(cells));
        } else {
            return detail::row<Columns...>(cells);
        }
    }
};

class Session; // lib/db/session.hpp, private to lib/db

/// Read-only use. From pool.read(): one statement per call, each its own implicit transaction.
class Reader : public Executor {};

/// Writes. Rolls back unless in_tx commits it.
class Tx : public Reader {
public:
    /// Rows affected (INSERT/UPDATE/DELETE) or returned.
    template<class... Args>
    std::int64_t run(const char* sql, const Args&... args) {
        return query(sql, {detail::encode(args)...}, 0, [](Cells&) {});
    }
    /// A statement whose text is made at run time from constants (identifiers of our own, never input). Not
    /// prepared.
    virtual void script(const std::string& sql) = 0;

    /// COPY <target> FROM STDIN in text format. `target` is "schema.table (a, b, c)" or a temp table.
    class Copy {
    public:
        virtual ~Copy() = default;
        virtual void row(const Cells& cells) = 0; ///< escapes; NUL throws
        virtual std::int64_t finish() = 0;        ///< rows copied; not finished = aborted by the destructor
    };
    virtual std::unique_ptr<Copy> copy_in(const std::string& target) = 0;
};

/// A leased read session scoped to a tenant; gives the session back when it goes. The RLS variable is set
/// before the statement; it costs no round trip when the session's last scope was the same.
class ReadLease : public Reader {
public:
    ReadLease(ReadLease&&) noexcept;
    ~ReadLease() override;

protected:
    std::int64_t query(const char* sql, Cells params, std::size_t columns,
                       const std::function<void(Cells&)>& row) override;

private:
    friend class Pool;
    struct Impl;
    explicit ReadLease(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

struct PoolStatus {
    int size, in_use;
};

/// Thread-safe. Sessions connect lazily; a session whose server died is reconnected once on lease.
class Pool {
public:
    explicit Pool(PoolSettings settings);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    ReadLease read(const Scope& scope);
    PoolStatus status() const;
    const PoolSettings& settings() const;

    /// Runs `work` in a transaction: BEGIN, scope, work, COMMIT. Replays the whole on 40001/40P01 up to three
    /// times and once when the connection was found dead before the first statement. Never after COMMIT was
    /// sent (InDoubt). `work` must change program state only through its return value and do nothing outside
    /// the database.
    void transact(const Scope& scope, const std::function<void(Tx&)>& work);

private:
    friend class ReadLease;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

template<class Work>
auto in_tx(Pool& pool, const Scope& scope, Work work) -> std::invoke_result_t<Work, Tx&> {
    using Value = std::invoke_result_t<Work, Tx&>;
    if constexpr (std::is_void_v<Value>) {
        pool.transact(scope, [&](Tx& tx) { work(tx); });
    } else {
        std::optional<Value> out;
        pool.transact(scope, [&](Tx& tx) { out.emplace(work(tx)); });
        return std::move(*out);
    }
}

/// Session-level advisory lock on a connection of its own: dies with the process, held over transactions.
class AdvisoryLock {
public:
    /// nullptr when somebody else holds it.
    static std::unique_ptr<AdvisoryLock> try_acquire(const PoolSettings& settings, std::int64_t key);
    bool still_held(); ///< false when the connection died: the holder must stop
    ~AdvisoryLock();

private:
    struct Impl;
    explicit AdvisoryLock(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Stable key of a lock name.
std::int64_t lock_key(std::string_view name);

} // namespace scai::db
