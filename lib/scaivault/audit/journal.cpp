// Group commit by leader and followers: the first of a batch leads it; when no more than a few commits are
// under way it commits at once, else when one of them ends, and what arrives until then comes along. Nobody
// waits for company. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/journal.hpp"

#include "lib/log/parts.hpp"
#include "lib/scaivault/audit/observed.hpp"
#include "lib/scaivault/audit/store.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <limits>
#include <linux/futex.h>
#include <mutex>
#include <span>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace scaivault::audit {

namespace {

namespace db = scai::db;

constexpr std::size_t max_batch = 512;
/// A second commit may begin while the first is under way. Without waiting for a disk: 25,000 rows a second
/// instead of 7,600 with two threads, 18,000 instead of 17,600 with eight; with fsync 14,600 with eight.
constexpr int max_leaders = 2;

/// One statement is one transaction and one round trip; BEGIN, INSERT, COMMIT are three and halve the rate.
/// NB: a read lease repeats a statement whose connection broke before its answer. Had the server committed
/// it, the rows are there twice, with the same ids: better than an answer withheld for a row that says it was
/// given.
void commit(db::Pool& pool, std::span<const Row* const> rows, std::span<const Observed> events) {
    if (!events.empty()) {
        db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) {
            insert_rows(tx, rows);
            insert_observed(tx, events);
        });
        return;
    }
    auto executor = pool.read(db::Scope::all_tenants());
    insert_rows(executor, rows);
}

} // namespace

struct Journal::Impl {
    /// Raised once, for whoever waits. A condition variable would wake every one of them into the same mutex,
    /// and std::atomic::wait yields the processor several times before it sleeps.
    class Flag {
    public:
        void wait() {
            while (raised_.load(std::memory_order_acquire) == 0)
                futex(FUTEX_WAIT_PRIVATE, 0);
        }
        void raise() {
            raised_.store(1, std::memory_order_release);
            futex(FUTEX_WAKE_PRIVATE, std::numeric_limits<int>::max());
        }

    private:
        void futex(int operation, int value) {
            static_assert(sizeof raised_ == sizeof(int) && std::atomic<int>::is_always_lock_free);
            ::syscall(SYS_futex, &raised_, operation, value, nullptr, nullptr, 0);
        }
        std::atomic<int> raised_{0};
    };

    /// Requests that share a commit. Shared: whoever is woken last still reads it.
    struct Batch {
        struct Part {
            std::vector<Row> rows;
            std::vector<Observed> events; ///< of them, that somebody asks for
            std::exception_ptr failure;
        };
        std::deque<Part> parts; ///< one a request; a deque: a request keeps the place of its own
        std::size_t rows = 0;
        Flag turn; ///< for the leader
        Flag done; ///< for the others
    };

    explicit Impl(db::Pool& from) : pool(from), observers(from) {}

    void append(std::span<const Entry> entries) {
        const scai::log::Timed timed("audit", "commit"); // others' rows may share it
        observers.refresh();
        Batch::Part part{.rows = {entries.begin(), entries.end()},
                         .events = observers.wanted(entries),
                         .failure = nullptr};
        std::shared_ptr<Batch> batch;
        Batch::Part* mine = nullptr;
        bool leads = false, now = false;
        {
            const std::lock_guard lock(mutex);
            if (waiting.empty() || waiting.back()->rows >= max_batch) {
                waiting.push_back(std::make_shared<Batch>());
                leads = true;
                now = leaders < max_leaders;
            }
            batch = waiting.back();
            batch->rows += part.rows.size();
            mine = &batch->parts.emplace_back(std::move(part));
            if (now) {
                ++leaders;
                waiting.pop_back();
            }
        }
        if (!leads) {
            batch->done.wait();
        } else {
            if (!now)
                wait_for_turn(*batch);
            write(batch->parts);
            batch->done.raise();
            hand_on();
        }
        if (mine->failure)
            std::rethrow_exception(mine->failure);
    }

    /// Until it is the batch's turn requests join it.
    void wait_for_turn(Batch& batch) {
        batch.turn.wait();
        const std::lock_guard lock(mutex);
        std::erase_if(waiting, [&](const auto& other) { return other.get() == &batch; });
        called -= 1;
    }

    /// The lead goes to the batch that waits longest and was not called yet.
    void hand_on() {
        std::shared_ptr<Batch> next;
        {
            const std::lock_guard lock(mutex);
            if (called < waiting.size())
                next = waiting[called++];
            else
                --leaders;
        }
        if (next)
            next->turn.raise();
    }

    /// A failure is that of every request in it. Only when the server refused the statement for a row of it
    /// (never seen: see Row) each is tried alone, so that one cannot fail the others.
    template<class Parts>
    void write(Parts& parts) const {
        try {
            std::vector<const Row*> rows;
            std::vector<Observed> events;
            for (const auto& part : parts) {
                for (const Row& row : part.rows)
                    rows.push_back(&row);
                events.insert(events.end(), part.events.begin(), part.events.end());
            }
            commit(pool, rows, events);
        } catch (const db::Error& error) {
            if (parts.size() == 1 || error.connection_lost() || error.sqlstate().starts_with("53") ||
                error.sqlstate().starts_with("57")) {
                fail(parts);
                return;
            }
            for (auto& part : parts) {
                std::span<Batch::Part> alone(&part, 1);
                write(alone);
            }
        } catch (...) {
            fail(parts);
        }
    }
    template<class Parts>
    static void fail(Parts& parts) {
        for (auto& part : parts)
            part.failure = std::current_exception();
    }

    db::Pool& pool;
    Observers observers;
    std::mutex mutex;
    std::deque<std::shared_ptr<Batch>> waiting; ///< the last one takes in more
    std::size_t called = 0; ///< how many of them, from the front, have the lead and are about to take it
    int leaders = 0;
};

Journal::Journal(db::Pool& pool) : impl_(std::make_unique<Impl>(pool)) {}
Journal::~Journal() = default;

void Journal::append(Entry entry) {
    impl_->append(std::span(&entry, 1));
}

void Journal::append(std::vector<Entry> entries) {
    if (!entries.empty())
        impl_->append(entries);
}

void write(db::Tx& tx, const Entry& entry) {
    const Row row(entry);
    const Row* const rows[] = {&row};
    insert_rows(tx, rows);
}

} // namespace scaivault::audit
