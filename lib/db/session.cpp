// One connection. Nothing of SOCI's what() or the server's message leaves this file: both can hold bound
// values and whole rows. SPDX-License-Identifier: Apache-2.0
#include "lib/db/session.hpp"

#include "lib/base/strings.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <poll.h>

#include <array>
#include <charconv>

namespace scai::db {

namespace {

struct ResultDeleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

struct ConninfoDeleter {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

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

/// A statement prepared on this connection with the holders its parameters are bound to. The holders never
/// move: SOCI keeps their addresses.
struct Session::Prepared {
    Prepared(soci::session& session, const char* text, std::size_t parameters)
        : sql(text), values(parameters), indicators(parameters, soci::i_ok), statement(session) {
        for (std::size_t i = 0; i < parameters; ++i)
            statement.exchange(soci::use(values[i], indicators[i], "p" + std::to_string(i + 1)));
        statement.alloc();
        statement.prepare(sql);
        statement.define_and_bind();
    }
    std::string sql;
    std::vector<std::string> values;
    std::vector<soci::indicator> indicators;
    soci::statement statement;
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
    scope_.clear();
    copying = false;
}

void Session::ensure_connected() {
    if (alive()) {
        // An idle connection has nothing to say; readable means a notice, or that the server went away.
        pollfd probe{PQsocket(handle()), POLLIN, 0};
        if (poll(&probe, 1, 0) <= 0)
            return;
        if (PQconsumeInput(handle()) == 1 && alive())
            return;
    }
    disconnect();
    try {
        soci_ = std::make_unique<soci::session>(soci::postgresql, connection_text(settings_));
    } catch (const soci::soci_error& e) {
        soci_.reset();
        throw Unavailable("08001", "connect");
    }
    PQsetNoticeProcessor(
        handle(), [](void*, const char*) {}, nullptr);
    if (settings_.role.empty())
        return;
    const std::unique_ptr<char, void (*)(void*)> role(
        PQescapeIdentifier(handle(), settings_.role.data(), settings_.role.size()), PQfreemem);
    try {
        execute(std::string("SET ROLE ") + (role ? role.get() : "none"), "set role " + settings_.role);
    } catch (const Error& error) {
        disconnect();
        throw Unavailable(error.sqlstate(), "set role " + settings_.role);
    }
}

Session::Prepared& Session::prepared(const char* sql, std::size_t parameters) {
    auto& slot = statements_[sql];
    // NB: the address is the key, so a text that is no constant would find a stranger's statement: compare.
    if (slot && slot->sql == sql && slot->values.size() == parameters)
        return *slot;
    slot.reset();
    slot = std::make_unique<Prepared>(*soci_, sql, parameters);
    return *slot;
}

std::int64_t Session::query(const char* sql, const Cells& params, std::size_t columns,
                            const std::function<void(Cells&)>& row) {
    if (copying)
        throw std::logic_error("a COPY is running on this transaction");
    for (const Cell& param : params)
        if (param && param->find('\0') != std::string::npos)
            throw std::invalid_argument("text with NUL cannot be stored");
    try {
        Prepared& statement = prepared(sql, params.size());
        for (std::size_t i = 0; i < params.size(); ++i) {
            statement.indicators[i] = params[i] ? soci::i_ok : soci::i_null;
            if (params[i])
                statement.values[i] = *params[i];
        }
        statement.statement.execute(true);
        return run(statement, columns, row);
    } catch (const soci::postgresql_soci_error& error) {
        std::string state = error.sqlstate();
        if (state == "08P01" && alive()) // parameters and placeholders do not match
            throw std::logic_error("cannot bind: " + statement_name(sql));
        if (!alive() && Error(state, "").connection_lost() == false)
            state.clear();
        throw_error(state, statement_name(sql));
    } catch (const soci::soci_error& error) {
        if (!alive() || error.get_error_category() == soci::soci_error::connection_error)
            throw Unavailable("08006", statement_name(sql));
        throw std::logic_error("cannot bind: " + statement_name(sql));
    }
}

std::int64_t Session::run(Prepared& statement, std::size_t columns, const std::function<void(Cells&)>& row) {
    auto* backend = static_cast<soci::postgresql_statement_backend*>(statement.statement.get_backend());
    // The rows are read from libpq's result, one copy less than SOCI's into elements; it lives until the next
    // use.
    const PGresult* result = backend->result_.get_result();
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return affected_rows(result);
    const int rows = PQntuples(result);
    if (columns > 0) {
        if (static_cast<std::size_t>(PQnfields(result)) != columns)
            throw std::logic_error("wrong number of columns asked for: " + statement_name(statement.sql));
        Cells cells(columns);
        for (int r = 0; r < rows; ++r) {
            for (int c = 0; c < static_cast<int>(columns); ++c) {
                Cell& cell = cells[static_cast<std::size_t>(c)];
                if (PQgetisnull(result, r, c))
                    cell.reset();
                else
                    cell.emplace(PQgetvalue(result, r, c),
                                 static_cast<std::size_t>(PQgetlength(result, r, c)));
            }
            row(cells);
        }
    }
    return rows;
}

std::string Session::execute(const std::string& sql, const std::string& name) {
    if (copying)
        throw std::logic_error("a COPY is running on this transaction");
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

void Session::set_scope(const Scope& scope) {
    if (scope.value() == scope_)
        return;
    execute("SELECT set_config('scai.tenant', " + quote(scope.value()) + ", false)", "set scope");
    scope_ = scope.value();
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
