// One connection. Nothing of SOCI's what() or the server's message leaves this file: both can hold bound
// values and whole rows. SPDX-License-Identifier: Apache-2.0
#include "lib/db/session.hpp"

#include "lib/base/strings.hpp"
#include "lib/log/parts.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <poll.h>

#include <array>
#include <charconv>

namespace scai::db {

namespace {

struct ConninfoDeleter {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

/// The server-side name of the statement that sets the scope.
constexpr const char* set_scope = "scai_scope";

bool succeeded(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

std::string sqlstate_of(const PGresult* result) {
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    return state ? state : "";
}

std::int64_t affected_rows(const PGresult* result) {
    const std::string_view text =
        PQcmdTuples(const_cast<PGresult*>(result)); // libpq does not write through it
    std::int64_t rows = 0;
    std::from_chars(text.data(), text.data() + text.size(), rows);
    return rows;
}

std::string identifier(PGconn* connection, const std::string& name) {
    const std::unique_ptr<char, void (*)(void*)> quoted(
        PQescapeIdentifier(connection, name.data(), name.size()), PQfreemem);
    return quoted ? quoted.get() : "none";
}

/// Hands every row over; its strings are the receiver's to keep.
std::int64_t deliver(const PGresult& result, const std::string& sql, std::size_t columns,
                     const std::function<void(Cells&)>& row) {
    const int rows = PQntuples(&result);
    if (columns == 0)
        return rows;
    if (static_cast<std::size_t>(PQnfields(&result)) != columns)
        throw std::logic_error("wrong number of columns asked for: " + statement_name(sql));
    Cells cells(columns);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < static_cast<int>(columns); ++c) {
            Cell& cell = cells[static_cast<std::size_t>(c)];
            if (PQgetisnull(&result, r, c))
                cell.reset();
            else
                cell.emplace(PQgetvalue(&result, r, c), static_cast<std::size_t>(PQgetlength(&result, r, c)));
        }
        row(cells);
    }
    return rows;
}

} // namespace

void throw_error(const std::string& sqlstate, const std::string& statement) {
    Error error(sqlstate, statement);
    if (error.connection_lost())
        throw Unavailable(sqlstate, statement);
    throw error;
}

std::string statement_name(std::string_view sql) {
    while (!sql.empty() && (sql.front() == ' ' || sql.front() == '\n' || sql.front() == '\t'))
        sql.remove_prefix(1);
    return std::string(sql.substr(0, std::min(sql.find('\n'), std::size_t{80})));
}

std::string connection_text(const PoolSettings& settings) {
    char* problem = nullptr;
    std::unique_ptr<PQconninfoOption, ConninfoDeleter> parsed(
        PQconninfoParse(settings.url.c_str(), &problem));
    PQfreemem(problem); // it quotes the URL, password included
    if (!parsed)
        throw std::runtime_error("the database URL is not a libpq URL or keyword=value text");
    // NB: SOCI takes a connection text apart at its blanks and quotes; a URL with everything percent-encoded
    // passes.
    std::string out = "postgresql:///?client_encoding=UTF8";
    const auto add = [&out](std::string_view keyword, std::string_view value) {
        out += "&" + std::string(keyword) + "=" + percent_encode(value);
    };
    std::string own_options;
    bool has_keepalive = false;
    for (const PQconninfoOption* option = parsed.get(); option->keyword; ++option) {
        const std::string_view keyword = option->keyword;
        if (!option->val || keyword == "application_name" || keyword == "client_encoding")
            continue;
        if (keyword == "options") {
            own_options = option->val;
            continue;
        }
        has_keepalive = has_keepalive || keyword.starts_with("keepalives") || keyword == "tcp_user_timeout";
        if (keyword == "connect_timeout" && settings.connect_timeout.count() > 0)
            continue;
        add(keyword, option->val);
    }
    if (!has_keepalive) { // a host that vanished is noticed within a minute
        add("keepalives_idle", "20");
        add("keepalives_interval", "10");
        add("keepalives_count", "3");
        add("tcp_user_timeout", "60000");
    }
    if (settings.connect_timeout.count() > 0)
        add("connect_timeout", std::to_string(settings.connect_timeout.count()));
    add("application_name", settings.application);
    add("options", "-c timezone=UTC -c statement_timeout=" +
                       std::to_string(settings.statement_timeout.count()) + " " + own_options);
    return out;
}

/// A statement prepared on this connection.
struct Session::Prepared {
    Prepared(soci::session& session, const char* text, std::size_t count)
        : sql(text), parameters(count), statement(session) {
        statement.alloc();
        statement.prepare(sql);
        const auto& backend = *static_cast<soci::postgresql_statement_backend*>(statement.get_backend());
        name = backend.statementName_;
        for (const std::string& placeholder : backend.names_) { // "p2" is the second parameter
            const auto number = parse_int(std::string_view(placeholder).substr(1));
            if (!placeholder.starts_with('p') || !number || *number < 1 ||
                *number > static_cast<std::int64_t>(parameters))
                throw std::logic_error("cannot bind :" + placeholder + " of " + statement_name(sql));
            order.push_back(static_cast<std::size_t>(*number - 1));
        }
    }
    std::string sql;
    std::size_t parameters;
    soci::statement statement;      ///< deallocates it
    std::string name;               ///< of the server
    std::vector<std::size_t> order; ///< which parameter $1, $2 ... is
};

Session::Session(const PoolSettings& settings) : settings_(settings) {}

Session::~Session() {
    disconnect();
}

PGconn* Session::handle() const noexcept {
    return soci_ ? static_cast<soci::postgresql_session_backend*>(soci_->get_backend())->conn_ : nullptr;
}

bool Session::alive() const noexcept {
    PGconn* connection = handle();
    return connection && PQstatus(connection) == CONNECTION_OK;
}

void Session::disconnect() noexcept {
    statements_.clear();
    soci_.reset();
    scope_.reset();
    copying = false;
}

void Session::ensure_connected() {
    constexpr std::chrono::seconds fresh{1};
    if (alive()) {
        if (std::chrono::steady_clock::now() - heard_ < fresh)
            return; // should it have died since, the statement will say so
        // An idle connection has nothing to say; readable means a notice, or that the server went away.
        pollfd probe{PQsocket(handle()), POLLIN, 0};
        if (poll(&probe, 1, 0) <= 0)
            return;
        if (PQconsumeInput(handle()) == 1 && alive())
            return;
    }
    disconnect();
    const log::Timed timed("db", "connect");
    try {
        soci_ = std::make_unique<soci::session>(soci::postgresql, connection_text(settings_));
    } catch (const soci::soci_error& e) {
        soci_.reset();
        throw Unavailable("08001", "connect");
    }
    PQsetNoticeProcessor(
        handle(), [](void*, const char*) {}, nullptr);
    scope_ = ""; // never set is as good as none
    try {
        execute(std::string("PREPARE ") + set_scope + "(text) AS SELECT set_config('scai.tenant', $1, false)",
                "prepare");
        if (!settings_.role.empty())
            execute("SET ROLE " + identifier(handle(), settings_.role), "set role " + settings_.role);
    } catch (const Error& error) {
        disconnect();
        throw Unavailable(error.sqlstate(), "set role " + settings_.role);
    }
}

const Session::Prepared& Session::prepared(const char* sql, std::size_t parameters) {
    auto& slot = statements_[sql];
    // NB: the address is the key, so a text that is no constant would find a stranger's statement: compare.
    if (slot && slot->sql == sql && slot->parameters == parameters)
        return *slot;
    slot.reset();
    try {
        slot = std::make_unique<Prepared>(*soci_, sql, parameters);
    } catch (const soci::postgresql_soci_error& error) {
        throw_error(alive() ? error.sqlstate() : "", statement_name(sql));
    } catch (const soci::soci_error& error) {
        if (!alive() || error.get_error_category() == soci::soci_error::connection_error)
            throw Unavailable("08006", statement_name(sql));
        throw std::logic_error("cannot prepare: " + statement_name(sql));
    }
    return *slot;
}

ResultPtr Session::run(const Prepared& statement, const char* const* values) {
    return ResultPtr(PQexecPrepared(handle(), statement.name.c_str(),
                                    static_cast<int>(statement.order.size()), values, nullptr, nullptr, 0));
}

/// Both statements are on their way before the first answer is read. The server takes them for one
/// transaction: when the second one fails the scope is what it was before.
ResultPtr Session::run_scoped(const Prepared& statement, const char* const* values, const Scope& scope) {
    PGconn* connection = handle();
    const char* tenant = scope.value().c_str();
    scope_.reset();
    const bool sent =
        PQenterPipelineMode(connection) == 1 &&
        PQsendQueryPrepared(connection, set_scope, 1, &tenant, nullptr, nullptr, 0) == 1 &&
        PQsendQueryPrepared(connection, statement.name.c_str(), static_cast<int>(statement.order.size()),
                            values, nullptr, nullptr, 0) == 1 &&
        PQpipelineSync(connection) == 1;
    if (!sent)
        throw Unavailable("", statement_name(statement.sql));
    std::array<ResultPtr, 2> results; // each is followed by a null
    for (ResultPtr& result : results) {
        result.reset(PQgetResult(connection));
        const ResultPtr end(PQgetResult(connection));
    }
    const ResultPtr sync(PQgetResult(connection));
    ResultPtr& answer = PQresultStatus(results[0].get()) == PGRES_TUPLES_OK ? results[1] : results[0];
    if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(connection) != 1)
        throw Unavailable("", statement_name(statement.sql)); // nobody knows what comes next on it
    if (succeeded(answer.get()))
        scope_ = scope.value();
    return std::move(answer);
}

std::int64_t Session::query(const char* sql, const Cells& params, std::size_t columns,
                            const std::function<void(Cells&)>& row, const Scope* scope) {
    if (copying)
        throw std::logic_error("a COPY is running on this transaction");
    for (const Cell& param : params)
        if (param && param->find('\0') != std::string::npos)
            throw std::invalid_argument("text with NUL cannot be stored");
    const log::Timed timed("db", log::recording() ? statement_name(sql) : std::string());
    const Prepared& statement = prepared(sql, params.size());
    std::vector<const char*> values;
    values.reserve(statement.order.size());
    for (const std::size_t index : statement.order)
        values.push_back(params[index] ? params[index]->c_str() : nullptr);
    const ResultPtr result = scope != nullptr && !has_scope(*scope)
                                 ? run_scoped(statement, values.data(), *scope)
                                 : run(statement, values.data());
    if (!succeeded(result.get()))
        throw_error(alive() ? sqlstate_of(result.get()) : "", statement_name(sql));
    heard_ = std::chrono::steady_clock::now();
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK)
        return affected_rows(result.get());
    return deliver(*result, statement.sql, columns, row);
}

std::string Session::execute(const std::string& sql, const std::string& name) {
    if (copying)
        throw std::logic_error("a COPY is running on this transaction");
    const log::Timed timed("db", name);
    const ResultPtr result(PQexec(handle(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
            disconnect(); // nobody feeds it
        throw_error(alive() ? sqlstate_of(result.get()) : "", name);
    }
    return PQcmdStatus(result.get());
}

std::string Session::quote(std::string_view text) const {
    if (text.find('\0') != std::string_view::npos)
        throw std::invalid_argument("text with NUL cannot be stored");
    const std::unique_ptr<char, void (*)(void*)> literal(PQescapeLiteral(handle(), text.data(), text.size()),
                                                         PQfreemem);
    if (!literal)
        throw std::invalid_argument("text is not valid UTF-8");
    return literal.get();
}

void Session::forget(const char* sql) {
    statements_.erase(sql);
}

void Session::clean() noexcept {
    if (!soci_)
        return;
    try {
        if (copying || !alive() || PQtransactionStatus(handle()) == PQTRANS_ACTIVE)
            disconnect();
        else if (PQtransactionStatus(handle()) != PQTRANS_IDLE)
            execute("ROLLBACK", "rollback");
    } catch (const std::exception&) {
        disconnect();
    }
}

} // namespace scai::db
