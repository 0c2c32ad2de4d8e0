// SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"

#include <csignal>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>

namespace scai::job {

namespace {

// job_runs of every product has the same columns; the schema's name cannot be a parameter. One text per
// product and statement would be a cache key that dies with the string, so these statements set the search
// path instead.
constexpr auto close_killed = R"(
UPDATE job_runs
   SET finished_at = now(), outcome = 'killed', error = 'the process ended without closing its run'
 WHERE job = :p1 AND finished_at IS NULL)";

constexpr auto insert_run = R"(
INSERT INTO job_runs (id, job, trigger, host, pid) VALUES (:p1, :p2, :p3, :p4, :p5::integer))";

constexpr auto finish_run = R"(
UPDATE job_runs
   SET finished_at = now(), outcome = :p2, exit_code = :p3::integer, counters = :p4::jsonb, error = nullif(:p5, '')
 WHERE id = :p1)";

constexpr auto find_holder = R"(
SELECT 'pid ' || pid || ' on host ' || host || ' since ' || to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' (' || id || ')'
  FROM job_runs
 WHERE job = :p1 AND finished_at IS NULL
 ORDER BY started_at DESC
 LIMIT 1)";

// Signals: a process-wide flag, because a signal has no other address.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> stop_requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);
std::mutex signal_mutex;
int signal_users = 0;
struct sigaction old_term, old_int;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

/// SIGTERM and SIGINT ask the running jobs to stop; a second one ends the process the usual way. A program
/// that blocks them (a handler process with its own signal thread) is left alone.
class SignalWatch {
public:
    SignalWatch() {
        sigset_t blocked;
        pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
        if (sigismember(&blocked, SIGTERM) == 1)
            return;
        active_ = true;
        const std::lock_guard lock(signal_mutex);
        if (signal_users++ > 0)
            return;
        stop_requested = false;
        struct sigaction action {};
        action.sa_handler = [](int) { stop_requested = true; };
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        sigaction(SIGTERM, &action, &old_term);
        sigaction(SIGINT, &action, &old_int);
    }
    ~SignalWatch() {
        if (!active_)
            return;
        const std::lock_guard lock(signal_mutex);
        if (--signal_users > 0)
            return;
        sigaction(SIGTERM, &old_term, nullptr);
        sigaction(SIGINT, &old_int, nullptr);
    }
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    bool stop() const { return active_ && stop_requested; }

private:
    bool active_ = false;
};

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0)
        return "unknown";
    return name.data();
}

class RunningJob final : public Run {
public:
    RunningJob(std::string id, std::chrono::seconds deadline, db::AdvisoryLock& lock)
        : id_(std::move(id)), end_(std::chrono::steady_clock::now() + deadline), lock_(lock) {}

    const std::string& id() const override { return id_; }

    bool must_stop() override {
        const auto now = std::chrono::steady_clock::now();
        if (stopped_ || signals_.stop() || now >= end_)
            return stopped_ = true;
        if (now >= next_check_) { // asked in every loop; the lock is worth a round trip a second
            next_check_ = now + std::chrono::seconds(1);
            stopped_ = !lock_.still_held();
        }
        return stopped_;
    }

private:
    const std::string id_;
    const std::chrono::steady_clock::time_point end_;
    std::chrono::steady_clock::time_point next_check_ =
        std::chrono::steady_clock::now() + std::chrono::seconds(1);
    db::AdvisoryLock& lock_;
    SignalWatch signals_;
    bool stopped_ = false;
};

/// A transaction whose unqualified names are the product's tables.
template<class Work>
auto in_schema(db::Pool& pool, const Spec& spec, Work work) {
    return db::in_tx(pool, db::Scope::none(), [&](db::Tx& tx) {
        tx.script("SET LOCAL search_path TO " + spec.product);
        return work(tx);
    });
}

Outcome guarded(Run& run, const std::function<Outcome(Run&)>& work) {
    Outcome outcome;
    try {
        return work(run);
    } catch (const db::Error& error) {
        outcome.exit_code = error.connection_lost() || dynamic_cast<const db::Unavailable*>(&error) ||
                                    dynamic_cast<const db::InDoubt*>(&error)
                                ? exit_unavailable
                                : exit_software;
        outcome.error = error.what(); // SQLSTATE and statement name only
    } catch (const std::exception& error) {
        outcome.exit_code = exit_software;
        outcome.error = error.what();
    }
    outcome.outcome = outcome.exit_code == exit_unavailable ? "unavailable" : "failed";
    return outcome;
}

std::string new_run_id(const Clock& clock) {
    // Time first, so that ids sort as the runs did.
    std::array<char, 17> seconds;
    std::snprintf(seconds.data(), seconds.size(), "%010llx",
                  static_cast<unsigned long long>(unix_seconds(clock.now())));
    return std::string("run_") + seconds.data() + crypto::random_id(10);
}

} // namespace

std::variant<Outcome, Locked> run(db::Pool& pool, const Spec& spec, const Clock& clock,
                                  std::string_view trigger, const std::function<Outcome(Run&)>& work) {
    const std::string id = new_run_id(clock);
    std::unique_ptr<db::AdvisoryLock> lock;
    try {
        lock =
            db::AdvisoryLock::try_acquire(pool.settings(), db::lock_key(spec.product + "/job/" + spec.name));
        if (!lock) {
            const auto holder = in_schema(
                pool, spec, [&](db::Tx& tx) { return tx.maybe<std::string>(find_holder, spec.name); });
            return Locked{holder.value_or("another process")};
        }
        in_schema(pool, spec, [&](db::Tx& tx) {
            tx.run(close_killed, spec.name); // the lock is ours, so whoever left these open is gone
            tx.run(insert_run, id, spec.name, trigger, host_name(), static_cast<std::int64_t>(getpid()));
        });
    } catch (const db::Error& error) {
        return Outcome{error.connection_lost() || dynamic_cast<const db::Unavailable*>(&error)
                           ? exit_unavailable
                           : exit_software,
                       "unavailable", json::Value::object(), error.what()};
    }

    RunningJob running(id, spec.deadline, *lock);
    Outcome outcome = guarded(running, work);
    try {
        in_schema(pool, spec, [&](db::Tx& tx) {
            tx.run(finish_run, id, outcome.outcome, outcome.exit_code, outcome.counters.dump(),
                   outcome.error);
        });
    } catch (const db::Error& error) {
        // The next run closes the row as killed; what was done is done.
        log::warn("run_not_closed", {{"job", spec.name}, {"run", id}, {"sqlstate", error.sqlstate()}});
    }
    return outcome;
}

} // namespace scai::job
