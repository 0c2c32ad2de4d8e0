// Pool, read leases, transactions, advisory lock. SPDX-License-Identifier: Apache-2.0
#include "lib/db/copy.hpp"
#include "lib/db/session.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace scai::db {

namespace {

constexpr int max_replays = 3;

constexpr std::string_view plan_does_not_fit = "0A000"; ///< the table changed
constexpr std::string_view no_such_statement = "26000"; ///< the server forgot it, and others perhaps

bool stale_plan(const Error& error) {
    return error.sqlstate() == plan_does_not_fit || error.sqlstate() == no_such_statement;
}

class Transaction final : public Tx {
public:
    explicit Transaction(Session& session) : session_(session) {}

    void begin(const Scope& scope) {
        session_.execute(
            "BEGIN; SELECT set_config('scai.tenant', " + session_.quote(scope.value()) + ", true)", "begin");
        begun_ = true;
    }
    bool begun() const { return begun_; }

    void commit() {
        if (session_.copying)
            throw std::logic_error("COPY was not finished before the commit");
        std::string tag;
        try {
            tag = session_.execute("COMMIT", "commit");
        } catch (const Error& error) {
            if (error.connection_lost())
                throw InDoubt(error.sqlstate(), "commit");
            throw;
        }
        // An error that the work swallowed leaves a transaction that COMMIT can only roll back.
        if (tag == "ROLLBACK")
            throw Error("25P02", "commit");
    }

    void script(const std::string& sql) override { session_.execute(sql, statement_name(sql)); }
    std::unique_ptr<Copy> copy_in(const std::string& target) override { return begin_copy(session_, target); }

protected:
    std::int64_t query(const char* sql, Cells params, std::size_t columns,
                       const std::function<void(Cells&)>& row) override {
        try {
            return session_.query(sql, params, columns, row);
        } catch (const Error& error) {
            if (stale_plan(error))
                session_.forget(sql);
            throw;
        }
    }

private:
    Session& session_;
    bool begun_ = false;
};

} // namespace

struct Pool::Impl {
    explicit Impl(PoolSettings wanted) : settings(std::move(wanted)) {
        connection_text(settings); // a malformed URL is found at start, not by the first request
        for (int i = 0; i < settings.size; ++i) {
            sessions.push_back(std::make_unique<Session>(settings));
            idle.push_back(sessions.back().get());
        }
    }

    /// The most recently used session first: the others may sleep. Rather one that has the scope already.
    Session& take(const Scope* scope = nullptr) {
        std::unique_lock lock(mutex);
        if (!returned.wait_for(lock, settings.lease_timeout, [this] { return !idle.empty(); }))
            throw Unavailable("53300", "lease a database session");
        auto found = idle.rbegin();
        if (scope != nullptr)
            found = std::find_if(idle.rbegin(), idle.rend(),
                                 [&](const Session* session) { return session->has_scope(*scope); });
        if (found == idle.rend())
            found = idle.rbegin();
        Session* session = *found;
        idle.erase(std::next(found).base());
        return *session;
    }
    void give_back(Session& session) noexcept {
        session.clean();
        {
            const std::lock_guard lock(mutex);
            idle.push_back(&session); // capacity is there since the constructor
        }
        returned.notify_one();
    }

    const PoolSettings settings;
    mutable std::mutex mutex;
    std::condition_variable returned;
    std::vector<std::unique_ptr<Session>> sessions;
    std::vector<Session*> idle;
};

struct ReadLease::Impl {
    Impl(Pool::Impl& from, Scope wanted) : pool(from), scope(std::move(wanted)), session(from.take(&scope)) {}
    ~Impl() { pool.give_back(session); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Pool::Impl& pool;
    Scope scope;
    Session& session;
};

ReadLease::ReadLease(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReadLease::ReadLease(ReadLease&&) noexcept = default;
ReadLease::~ReadLease() = default;

std::int64_t ReadLease::query(const char* sql, Cells params, std::size_t columns,
                              const std::function<void(Cells&)>& row) {
    Session& session = impl_->session;
    for (bool second = false;; second = true) {
        bool delivered = false;
        try {
            session.ensure_connected();
            const auto hand_over = [&](Cells& cells) {
                delivered = true;
                row(cells);
            };
            return session.query(sql, params, columns, hand_over, &impl_->scope);
        } catch (const Error& error) {
            if (second || delivered || !(error.connection_lost() || stale_plan(error)))
                throw;
            if (error.sqlstate() == plan_does_not_fit)
                session.forget(sql);
            else if (session.handle() == nullptr)
                throw; // the reconnect itself failed
            else
                session.disconnect();
        }
    }
}

Pool::Pool(PoolSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Pool::~Pool() = default;

const PoolSettings& Pool::settings() const {
    return impl_->settings;
}

PoolStatus Pool::status() const {
    const std::lock_guard lock(impl_->mutex);
    return {impl_->settings.size, impl_->settings.size - static_cast<int>(impl_->idle.size())};
}

ReadLease Pool::read(const Scope& scope) {
    return ReadLease(std::make_unique<ReadLease::Impl>(*impl_, scope));
}

void Pool::transact(const Scope& scope, const std::function<void(Tx&)>& work) {
    struct Lease {
        explicit Lease(Impl& from) : pool(from), session(from.take()) {}
        ~Lease() { pool.give_back(session); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Impl& pool;
        Session& session;
    } lease(*impl_);

    int replays = 0;
    bool reconnected = false;
    for (;;) {
        lease.session.ensure_connected();
        Transaction tx(lease.session);
        try {
            tx.begin(scope);
            work(tx);
            tx.commit();
            return;
        } catch (const InDoubt&) {
            throw;
        } catch (const Error& error) {
            if (error.connection_lost())
                lease.session.disconnect(); // whatever libpq still thinks of it
            else
                lease.session.clean();
            const bool dead_at_begin = !tx.begun() && error.connection_lost() && !reconnected;
            reconnected = reconnected || dead_at_begin;
            if (!dead_at_begin && !((error.retryable() || stale_plan(error)) && replays++ < max_replays))
                throw;
            if (error.retryable()) // let the other one finish
                std::this_thread::sleep_for(std::chrono::milliseconds(2 << replays));
        }
    }
}

struct AdvisoryLock::Impl {
    explicit Impl(PoolSettings wanted) : settings(std::move(wanted)), session(settings) {}
    const PoolSettings settings;
    Session session;
};

AdvisoryLock::AdvisoryLock(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
// Said, not left to the end of the connection: the server notices that a little later, and until then the
// next holder would be refused.
AdvisoryLock::~AdvisoryLock() {
    try {
        if (impl_ && impl_->session.alive())
            impl_->session.execute("SELECT pg_advisory_unlock_all()", "unlock");
    } catch (const Error&) { // the connection is gone, and the lock with it
    }
}

std::unique_ptr<AdvisoryLock> AdvisoryLock::try_acquire(const PoolSettings& settings, std::int64_t key) {
    auto impl = std::make_unique<Impl>(settings);
    impl->session.ensure_connected();
    bool held = false;
    impl->session.query("SELECT pg_try_advisory_lock(:p1::bigint)", {std::to_string(key)}, 1,
                        [&](Cells& cells) { held = cells[0] == "t"; });
    if (!held)
        return nullptr;
    return std::unique_ptr<AdvisoryLock>(new AdvisoryLock(std::move(impl)));
}

bool AdvisoryLock::still_held() {
    // Any answer at all: the lock lives exactly as long as this connection.
    try {
        if (impl_->session.alive()) {
            impl_->session.execute("SELECT 1", "lock check");
            return true;
        }
    } catch (const Error&) { // not held, then
    }
    return false;
}

} // namespace scai::db
