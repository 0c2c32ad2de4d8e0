// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/feed.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/raw.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/grid/lookups.hpp"
#include "lib/scaiflow/grid/proxy.hpp"
#include "lib/web/parse.hpp"

#include <algorithm>
#include <deque>

namespace scaiflow::grid {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;
using std::chrono::milliseconds;

namespace {

using Instant = std::chrono::steady_clock::time_point;

constexpr int parallel_polls = 64;
/// Of one ScaiGrid: when it hangs, the polls of others go on.
constexpr int polls_per_upstream = 8;
constexpr std::size_t most_remembered = 500;
constexpr std::size_t most_remembered_bytes = 512U << 10U;
constexpr std::size_t checks_per_pass = 100;
constexpr milliseconds longest_interval{60000};
constexpr milliseconds longest_backoff{30000};
constexpr milliseconds idle_wait{1000};
/// Pages shorter than this are the end of the feed, whatever their cursor says: it may lead to what comes.
constexpr std::size_t usual_page = 50;

Instant now() {
    return std::chrono::steady_clock::now();
}

} // namespace

std::string id_of(const FeedPlace& place) {
    return std::to_string(place.skip) + "." + scai::percent_encode(place.cursor);
}

std::optional<FeedPlace> place_of(std::string_view id) {
    const auto dot = id.find('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto skip = scai::parse_int(id.substr(0, dot));
    const auto cursor = scai::percent_decode(id.substr(dot + 1), false);
    if (!skip || *skip < 0 || !cursor || !scai::valid_utf8(*cursor))
        return std::nullopt;
    return FeedPlace{*cursor, static_cast<std::size_t>(*skip)};
}

std::string notice(std::string_view name, const Value& data) {
    return "event: " + std::string(name) + "\ndata: " + data.dump() + "\n\n";
}

Call feed_call(const std::string& core_id, const FeedPlace& place, milliseconds timeout) {
    FeedQuery query;
    query.core_id = core_id;
    query.cursor = place.cursor;
    query.limit = feed_page_size;
    return {.path = std::string(events_path), .query = query.text(), .timeout = timeout, .keep_text = true};
}

Result<FeedPage> read_page(std::string_view answer, const FeedPlace& place) {
    SCAI_TRY(const auto text, list_text(answer, "events"));
    const auto data = scai::json::raw_member(text, "data").value_or("{}");
    const auto cursor = scai::json::parse(
        "[" + std::string(scai::json::raw_member(data, "next_cursor").value_or("null")) + "]");
    std::string next;
    if (cursor)
        next =
            cursor->at(0).is_integer() ? std::to_string(*cursor->at(0).integer()) : cursor->at(0).text_or("");
    FeedPage page;
    std::size_t number = 0;
    scai::json::each_raw_item(*scai::json::raw_member(data, "events"), [&](std::string_view item) {
        if (++number <= place.skip)
            return;
        FeedPlace after{place.cursor, number};
        std::string event = "id: " + id_of(after) + "\ndata: ";
        event.append(scai::json::compact(item)).append("\n\n");
        page.events.push_back({std::move(event), std::move(after)});
    });
    page.next = {place.cursor, std::max(number, place.skip)};
    if (!next.empty() && next != place.cursor) {
        page.next = {next, 0};
        page.more = number >= usual_page;
        if (!page.events.empty()) { // the last one leads to the next page
            FeedEvent& last = page.events.back();
            const auto end_of_id = last.text.find('\n');
            last.text.replace(0, end_of_id, "id: " + id_of(page.next));
            last.after = page.next;
        }
    }
    return page;
}

// --- feeds -------------------------------------------------------------------------------------------------

struct EventFeeds::Feed {
    Source source;
    std::string key;
    FeedPlace at;
    FeedPlace behind; ///< place before everything in `recent`
    std::deque<std::pair<FeedPlace, std::shared_ptr<const std::string>>> recent;
    std::size_t recent_bytes = 0;
    std::vector<Listener> listeners;
    Instant due{};
    bool in_flight = false;
    int failures = 0;
    bool reported = false; ///< listeners know that ScaiGrid does not answer

    void remember(const FeedEvent& event) {
        recent.emplace_back(event.after, std::make_shared<const std::string>(event.text));
        recent_bytes += event.text.size();
        while (recent.size() > most_remembered || recent_bytes > most_remembered_bytes) {
            behind = recent.front().first;
            recent_bytes -= recent.front().second->size();
            recent.pop_front();
        }
    }
    /// What came after a place; nothing when the place is not remembered.
    std::optional<std::vector<std::shared_ptr<const std::string>>> since(const FeedPlace& place) const {
        std::vector<std::shared_ptr<const std::string>> out;
        if (place == at)
            return out;
        for (auto event = recent.rbegin(); event != recent.rend(); ++event) {
            if (event->first == place) {
                std::reverse(out.begin(), out.end());
                return out;
            }
            out.push_back(event->second);
        }
        if (place != behind)
            return std::nullopt;
        std::reverse(out.begin(), out.end());
        return out;
    }
};

EventFeeds::~EventFeeds() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable())
        thread_.join();
}

Result<std::shared_ptr<void>> EventFeeds::enter(const std::string& tenant_id) {
    const std::lock_guard lock(counts_->mutex);
    if (counts_->all >= settings_.per_process)
        return Error{.kind = ErrorKind::unavailable,
                     .code = "too_many_streams",
                     .message = "this server holds as many event streams as it may",
                     .fix = "try again shortly, or poll GET /v1/scaicore/events",
                     .retry_after_seconds = 10};
    int& of_tenant = counts_->of_tenant[tenant_id];
    if (of_tenant >= settings_.per_tenant)
        return Error{.kind = ErrorKind::rate_limited,
                     .code = "too_many_streams",
                     .message = "the tenant has " + std::to_string(of_tenant) + " event streams open already",
                     .fix = "close one, or poll GET /v1/scaicore/events",
                     .retry_after_seconds = 10};
    ++of_tenant;
    ++counts_->all;
    return std::shared_ptr<void>(nullptr, [counts = counts_, tenant_id](void*) {
        const std::lock_guard leaving(counts->mutex);
        --counts->all;
        if (--counts->of_tenant[tenant_id] == 0)
            counts->of_tenant.erase(tenant_id);
    });
}

bool EventFeeds::knows(const Source& source, const FeedPlace& place) const {
    const auto key = source.key();
    const std::lock_guard lock(mutex_);
    const auto [first, last] = feeds_.equal_range(key);
    return std::any_of(first, last,
                       [&](const auto& entry) { return entry.second->since(place).has_value(); });
}

void EventFeeds::listen(const Source& source, const FeedPlace& place, bool more, Listener listener) {
    listener.next_check = now() + settings_.recheck;
    const auto key = source.key();
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable() && !stopping_)
        thread_ = std::thread([this] { run(); });
    const auto [first, last] = feeds_.equal_range(key);
    for (auto entry = first; entry != last; ++entry)
        if (const auto missed = entry->second->since(place)) {
            for (const auto& text : *missed)
                listener.sink->send(text);
            entry->second->listeners.push_back(std::move(listener));
            return;
        }
    auto feed = std::make_shared<Feed>();
    feed->source = source;
    feed->key = key;
    feed->at = feed->behind = place;
    feed->due = more ? now() : now() + settings_.poll;
    feed->listeners.push_back(std::move(listener));
    ++of_owner_[source.owner()];
    feeds_.emplace(key, std::move(feed));
    changed_.notify_all();
}

std::size_t EventFeeds::feeds() const {
    const std::lock_guard lock(mutex_);
    return feeds_.size();
}

void EventFeeds::run() {
    const auto fleet = scai::http::make_curl_fleet(parallel_polls);
    fleet->watch([&] { return !pass(*fleet); });
    while (pass(*fleet)) {
        fleet->run();
        std::unique_lock lock(mutex_);
        auto wake = now() + idle_wait;
        for (const auto& [key, feed] : feeds_)
            wake = std::min(wake, feed->due);
        if (!stopping_)
            changed_.wait_until(lock, wake);
    }
}

/// Starts what is due; also while other polls are on their way. False when it is time to stop.
bool EventFeeds::pass(scai::http::Fleet& fleet) {
    check_listeners();
    const std::lock_guard lock(mutex_);
    if (stopping_)
        return false;
    const auto at = now();
    for (auto entry = feeds_.begin(); entry != feeds_.end();) {
        const auto feed = entry->second;
        if (feed->in_flight || at < feed->due) {
            ++entry;
            continue;
        }
        std::erase_if(feed->listeners, [](const Listener& listener) { return !listener.sink->open(); });
        if (feed->listeners.empty()) {
            if (--of_owner_[feed->source.owner()] == 0)
                of_owner_.erase(feed->source.owner());
            entry = feeds_.erase(entry);
            continue;
        }
        const auto busy = in_flight_.find(feed->source.credential->base_url);
        if (busy == in_flight_.end() || busy->second < polls_per_upstream)
            start(fleet, feed);
        ++entry;
    }
    return true;
}

void EventFeeds::start(scai::http::Fleet& fleet, const std::shared_ptr<Feed>& feed) {
    feed->in_flight = true;
    ++in_flight_[feed->source.credential->base_url];
    auto request = request_of(*feed->source.credential, scai::web::make_request_id(),
                              feed_call(feed->source.core_id, feed->at, settings_.timeout));
    fleet.add(std::move(request), [this, feed](Result<scai::http::Response> outcome) {
        settle(feed, answer_of(std::move(outcome), true));
    });
}

milliseconds EventFeeds::interval(const Feed& feed) const {
    // Feeds of one credential share its rate limit (contract scaigrid.md 2.5).
    const auto same = of_owner_.find(feed.source.owner());
    return std::min(settings_.poll * (same == of_owner_.end() ? 1 : same->second), longest_interval);
}

void EventFeeds::settle(const std::shared_ptr<Feed>& feed, Result<Answer> answer) {
    const std::lock_guard lock(mutex_);
    feed->in_flight = false;
    const auto& upstream = feed->source.credential->base_url;
    if (--in_flight_[upstream] == 0)
        in_flight_.erase(upstream);
    if (!answer) {
        fail(*feed, answer.error(), std::nullopt);
        return;
    }
    if (!answer->ok()) {
        const auto error = refusal(*answer);
        const bool passing = answer->status >= 500 || answer->status == 429;
        if (passing)
            fail(*feed, error, error.retry_after_seconds);
        else
            end(*feed, error);
        return;
    }
    const auto page = read_page(answer->text, feed->at);
    if (!page) {
        fail(*feed, page.error(), std::nullopt);
        return;
    }
    take_page(feed, *page);
}

void EventFeeds::take_page(const std::shared_ptr<Feed>& feed, const FeedPage& page) {
    feed->failures = 0;
    std::string text;
    if (feed->reported)
        text = notice("upstream", Value::object({{"status", "ok"}}));
    feed->reported = false;
    for (const auto& event : page.events) {
        feed->remember(event);
        text += event.text;
    }
    if (page.events.empty() && page.next != feed->at && feed->recent.empty())
        feed->behind = page.next;
    feed->at = page.next;
    if (!text.empty())
        tell(*feed, text);
    feed->due = page.more ? now() : now() + interval(*feed);
    if (!page.more)
        merge(feed);
}

/// Who has caught up with another feed of the same kind goes on there.
void EventFeeds::merge(const std::shared_ptr<Feed>& feed) {
    const auto [first, last] = feeds_.equal_range(feed->key);
    for (auto entry = first; entry != last; ++entry) {
        const auto& other = entry->second;
        if (other == feed)
            continue;
        const auto missed = other->since(feed->at);
        if (!missed)
            continue;
        for (auto& listener : feed->listeners) {
            for (const auto& text : *missed)
                listener.sink->send(text);
            other->listeners.push_back(std::move(listener));
        }
        feed->listeners.clear(); // and with them it goes at its next turn
        feed->due = now();
        return;
    }
}

void EventFeeds::fail(Feed& feed, const Error& error, std::optional<int> retry_after) {
    ++feed.failures;
    const auto pause = retry_after ? milliseconds(std::chrono::seconds(*retry_after))
                                   : settings_.poll * (1L << std::min(feed.failures, 5));
    feed.due = now() + std::clamp(pause, settings_.poll, retry_after ? longest_interval : longest_backoff);
    if (feed.failures < 2 || feed.reported)
        return;
    feed.reported = true;
    tell(feed, notice("upstream", Value::object({{"status", "unavailable"}, {"error", error.code}})));
}

void EventFeeds::tell(Feed& feed, const std::string& text) {
    const auto shared = std::make_shared<const std::string>(text);
    for (const auto& listener : feed.listeners)
        listener.sink->send(shared);
}

void EventFeeds::end(Feed& feed, const Error& error) {
    const auto last = notice("end", Value::object({{"reason", error.code}, {"message", error.message}}));
    for (const auto& listener : feed.listeners)
        listener.sink->end(last, error.code);
    feed.listeners.clear();
}

void EventFeeds::check_listeners() {
    struct Due {
        std::shared_ptr<scai::web::StreamSink> sink;
        std::function<bool()> admitted;
    };
    std::vector<Due> due;
    {
        const std::lock_guard lock(mutex_);
        const auto at = now();
        for (const auto& [key, feed] : feeds_)
            for (auto& listener : feed->listeners) {
                if (due.size() == checks_per_pass || at < listener.next_check || !listener.admitted)
                    continue;
                listener.next_check = at + settings_.recheck;
                due.push_back({listener.sink, listener.admitted});
            }
    }
    for (const auto& one : due) {
        try {
            if (!one.sink->open() || one.admitted())
                continue;
        } catch (const std::exception&) { // the database does not answer: nobody is sent away for that
            return;
        }
        one.sink->end(
            notice("end", Value::object({{"reason", "access_ended"},
                                         {"message", "the sign-in or a permission is no longer valid"}})),
            "access_ended");
    }
}

} // namespace scaiflow::grid
