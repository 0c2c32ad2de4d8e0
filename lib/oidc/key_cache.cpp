// Keys in memory, behind them the row all processes share, behind that the provider.
// Two locks: `state` is held for pointer copies only; `flight` is held by the one thread that talks to the
// store or the provider. Threads whose key is in memory take neither store nor network into account.
// SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace scai::oidc {

namespace {

constexpr std::size_t max_document = 1U << 20U;
constexpr std::chrono::milliseconds fetch_timeout{5000};
constexpr std::chrono::seconds row_pause{2};    ///< between looks at the shared row for an unknown kid
constexpr std::chrono::seconds outage_pause{5}; ///< between attempts while there are no keys at all
constexpr std::chrono::seconds clock_jump{60};  ///< keys from further in the future count as old
constexpr std::chrono::milliseconds poll{20};

Error no_keys() {
    Error error;
    error.kind = ErrorKind::unavailable;
    error.code = "jwks_unavailable";
    error.message = "the signing keys of the identity provider cannot be read";
    error.retry_after_seconds = 5;
    return error;
}

} // namespace

struct KeyCache::Impl {
    struct Snapshot {
        jose::KeySet keys;
        UtcTime fetched_at;
    };
    using SnapshotPtr = std::shared_ptr<const Snapshot>; // shared with the requests that are judging by it

    /// A mutex with a time-out. Not std::timed_mutex: ThreadSanitizer of g++ 12 does not know its clock wait.
    class Flight {
    public:
        bool try_lock() {
            const std::lock_guard lock(mutex_);
            return !std::exchange(taken_, true);
        }
        bool try_lock_for(std::chrono::milliseconds patience) {
            std::unique_lock lock(mutex_);
            if (!free_.wait_for(lock, patience, [this] { return !taken_; }))
                return false;
            taken_ = true;
            return true;
        }
        void unlock() {
            {
                const std::lock_guard lock(mutex_);
                taken_ = false;
            }
            free_.notify_one();
        }

    private:
        std::mutex mutex_;
        std::condition_variable free_;
        bool taken_ = false;
    };

    /// [from, until), so that a clock that was stepped back opens it again.
    struct Pause {
        UtcTime from{}, until{};
        bool holds(UtcTime now) const { return now >= from && now < until; }
    };

    Provider& provider;
    http::Client& client;
    KeyStore& store;
    const Clock& clock;
    const KeyPolicy policy;
    /// Judges claims while the shared store is down: a dead store must not make known keys unusable.
    std::unique_ptr<KeyStore> local = make_memory_key_store();

    Flight flight;

    std::mutex state; // everything below
    SnapshotPtr current;
    Pause next_row;       ///< unknown kids: the row was looked at just now
    Pause next_claim;     ///< unknown kids: no process may fetch before this
    Pause next_refresh;   ///< by age
    Pause outage;         ///< no keys, and the attempt just failed
    UtcTime waited_for{}; ///< the other process's attempt that was already waited for

    Impl(Provider& p, http::Client& c, KeyStore& s, const Clock& k, KeyPolicy y)
        : provider(p), client(c), store(s), clock(k), policy(y) {}

    SnapshotPtr snapshot() {
        const std::lock_guard lock(state);
        return current;
    }

    template<class Member>
    bool pausing(Member member, UtcTime now) {
        const std::lock_guard lock(state);
        return (this->*member).holds(now);
    }

    template<class Member>
    void pause(Member member, UtcTime now, UtcTime until) {
        const std::lock_guard lock(state);
        this->*member = {now, until};
    }

    bool usable(const SnapshotPtr& held, UtcTime now) const {
        return held && now - held->fetched_at <= policy.stale_limit;
    }

    bool due(const Snapshot& held, UtcTime now) const {
        const auto age = now - held.fetched_at;
        return age >= policy.max_age || age < -clock_jump;
    }

    bool adopt(const std::string& document, UtcTime fetched_at) {
        const auto parsed = json::parse(document);
        if (!parsed)
            return false;
        auto keys = jose::KeySet::parse(*parsed);
        if (!keys || keys->usable() == 0) // one bad answer must not lock everybody out: fail to the old set
            return false;
        auto fresh = std::make_shared<const Snapshot>(Snapshot{std::move(*keys), fetched_at});
        const std::lock_guard lock(state);
        current = std::move(fresh);
        return true;
    }

    std::optional<KeyStore::Row> load(const std::string& url) {
        try {
            return store.load(url);
        } catch (const std::exception&) {
            return std::nullopt;
        }
    }

    bool claim(const std::string& url, UtcTime now, std::chrono::seconds cooldown) {
        try {
            return store.claim(url, now, cooldown);
        } catch (const std::exception&) {
            return local->claim(url, now, cooldown);
        }
    }

    /// Takes the shared row when it is newer than what is in memory.
    bool adopt_row(const std::string& url) {
        const auto row = load(url);
        if (!row || row->document.empty())
            return false;
        const SnapshotPtr held = snapshot();
        return (!held || row->fetched_at > held->fetched_at) && adopt(row->document, row->fetched_at);
    }

    bool fetch(const std::string& url) {
        http::Request request;
        request.url = url;
        request.timeout = std::min(provider.settings().timeout, fetch_timeout);
        request.connect_timeout = std::min(request.connect_timeout, request.timeout);
        request.max_body = max_document;
        request.follow_same_origin = true;
        const UtcTime asked_at = clock.now(); // the answer is at least as new as this
        const auto response = client.send(request);
        if (!response || response->status != 200 || !adopt(response->body, asked_at))
            return false;
        try {
            store.save(url, response->body, asked_at);
        } catch (const std::exception&) {
            // The others will fetch for themselves.
        }
        return true;
    }

    /// Another process has the right to fetch: wait for its row, once per attempt and not for ever.
    void wait_for_row(const std::string& url, const std::string& claimed) {
        const auto attempt = load(claimed);
        if (!attempt)
            return;
        const SnapshotPtr held = snapshot();
        const bool finished = held && held->fetched_at > attempt->attempted_at;
        {
            const std::lock_guard lock(state);
            if (finished || waited_for == attempt->attempted_at)
                return;
            waited_for = attempt->attempted_at;
        }
        const auto deadline = std::chrono::steady_clock::now() + policy.patience;
        while (!adopt_row(url) && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(poll);
    }

    /// Nobody waits for an attempt of this process: its result is in memory already.
    bool claim_own(const std::string& url, UtcTime now, std::chrono::seconds cooldown) {
        if (!claim(url, now, cooldown))
            return false;
        const std::lock_guard lock(state);
        waited_for = now;
        return true;
    }

    static std::string age_lane(const std::string& url) { return url + "#age"; }

    /// No usable set: the row, then the provider.
    void obtain(UtcTime now) {
        std::unique_lock lock(flight, std::defer_lock);
        if (pausing(&Impl::outage, now) || !lock.try_lock_for(policy.patience) || usable(snapshot(), now) ||
            pausing(&Impl::outage, now))
            return;
        const std::string url = provider.endpoints().jwks;
        if (url.empty() || (adopt_row(url) && usable(snapshot(), now)))
            return;
        const bool mine = claim_own(age_lane(url), now, outage_pause);
        if (mine)
            fetch(url);
        else
            wait_for_row(url, age_lane(url));
        if (!usable(snapshot(), now))
            pause(&Impl::outage, now, now + (mine ? outage_pause : std::chrono::seconds(1)));
    }

    /// The set is old but good: one thread asks, the others go on with what there is.
    void refresh(UtcTime now) {
        std::unique_lock lock(flight, std::try_to_lock);
        if (!lock || pausing(&Impl::next_refresh, now))
            return;
        pause(&Impl::next_refresh, now, now + policy.cooldown);
        const std::string url = provider.endpoints().jwks;
        adopt_row(url);
        if (due(*snapshot(), now) && claim_own(age_lane(url), now, policy.cooldown))
            fetch(url);
    }

    /// Unknown kid: perhaps the provider has rotated its keys.
    void look_for(const jose::Header& header, UtcTime now) {
        const auto settled = [&] {
            return snapshot()->keys.has_key(header.kid, header.algorithm) ||
                   (pausing(&Impl::next_row, now) && pausing(&Impl::next_claim, now));
        };
        std::unique_lock lock(flight, std::defer_lock);
        if (settled() || !lock.try_lock_for(policy.patience) || settled())
            return;
        const std::string url = provider.endpoints().jwks;
        if (adopt_row(url) && snapshot()->keys.has_key(header.kid, header.algorithm))
            return;
        UtcTime attempted_at = now;
        if (claim_own(url, now, policy.cooldown)) {
            fetch(url);
        } else {
            if (const auto attempt = load(url))
                attempted_at = attempt->attempted_at;
            wait_for_row(url, url);
        }
        // Only now: who comes while this is going on must wait at `flight` for the outcome.
        pause(&Impl::next_row, now, now + row_pause);
        pause(&Impl::next_claim, now, attempted_at + policy.cooldown);
    }
};

KeyCache::KeyCache(Provider& provider, http::Client& client, KeyStore& store, const Clock& clock,
                   KeyPolicy policy)
    : impl_(std::make_unique<Impl>(provider, client, store, clock, policy)) {}

KeyCache::~KeyCache() = default;

Result<std::shared_ptr<const jose::KeySet>> KeyCache::keys_for(const jose::Header& header) {
    const UtcTime now = impl_->clock.now();
    auto held = impl_->snapshot();
    if (!impl_->usable(held, now)) {
        impl_->obtain(now);
        held = impl_->snapshot();
        if (!impl_->usable(held, now))
            return no_keys();
    }
    if (!held->keys.has_key(header.kid, header.algorithm))
        impl_->look_for(header, now);
    else if (impl_->due(*held, now))
        impl_->refresh(now);
    held = impl_->snapshot();
    return std::shared_ptr<const jose::KeySet>(held, &held->keys);
}

} // namespace scai::oidc
