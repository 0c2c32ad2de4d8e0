// ScaiGrid's event feed as Server-Sent Events. ScaiGrid is polled (contract scaigrid.md 5.1: its feed is
// pages, no stream); all who watch the same Core with the same credential share one poll, and all polls share
// one thread. A place in the feed is the cursor of a page and a number of events into it, so that nobody who
// comes back misses one or gets one twice, as long as ScaiGrid's pages hold still. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client.hpp"
#include "lib/scaiflow/grid/client.hpp"
#include "lib/scaiflow/grid/credentials.hpp"
#include "lib/web/stream.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scaiflow::grid {

struct FeedPlace {
    std::string cursor;   ///< of the page; "" = the beginning
    std::size_t skip = 0; ///< events of it that are known
    bool operator==(const FeedPlace&) const = default;
};

/// The id of an event on the wire: where to go on behind it. Visible ASCII.
std::string id_of(const FeedPlace& place);
std::optional<FeedPlace> place_of(std::string_view id);

struct FeedEvent {
    std::string text; ///< "id: ...\ndata: ...\n\n"
    FeedPlace after;
};

struct FeedPage {
    std::vector<FeedEvent> events;
    FeedPlace next;    ///< place behind all of them
    bool more = false; ///< there is a next page already
};
inline constexpr int feed_page_size = 500;
/// Of an answer to a read of the feed at `place`.
scai::Result<FeedPage> read_page(std::string_view answer, const FeedPlace& place);
Call feed_call(const std::string& core_id, const FeedPlace& place, std::chrono::milliseconds timeout);

/// "event: <name>\ndata: {...}\n\n"
std::string notice(std::string_view name, const scai::json::Value& data);

struct FeedSettings {
    std::chrono::milliseconds poll{2000};
    std::chrono::milliseconds timeout{10000};
    std::chrono::seconds recheck{60}; ///< how often admitted() is asked
    int per_tenant = 200;
    int per_process = 10000;
};

class EventFeeds {
public:
    explicit EventFeeds(FeedSettings settings) : settings_(settings) {}
    ~EventFeeds();
    EventFeeds(const EventFeeds&) = delete;
    EventFeeds& operator=(const EventFeeds&) = delete;

    /// A place among the listeners, given back by the last owner. rate_limited when the tenant has too many,
    /// unavailable when the process has.
    scai::Result<std::shared_ptr<void>> enter(const std::string& tenant_id);

    struct Listener {
        std::shared_ptr<scai::web::StreamSink> sink;
        std::function<bool()> admitted = {}; ///< false ends the stream. May throw: then he stays.
        std::chrono::steady_clock::time_point next_check{};
    };
    struct Source {
        std::string tenant_id, core_id;
        std::shared_ptr<const Credential> credential;
        std::string identity; ///< identity_of(*credential)
        std::string owner() const { return tenant_id + "\n" + identity; }
        std::string key() const { return owner() + "\n" + core_id; } ///< who shares it may share a poll
    };
    /// Whether a listener at this place needs no page from ScaiGrid to begin with.
    bool knows(const Source& source, const FeedPlace& place) const;
    void listen(const Source& source, const FeedPlace& place, bool more, Listener listener);

    std::size_t feeds() const; ///< polls that go on

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Feed;
    using Feeds = std::unordered_multimap<std::string, std::shared_ptr<Feed>>;

    void run();
    bool pass(scai::http::Fleet& fleet);
    void start(scai::http::Fleet& fleet, const std::shared_ptr<Feed>& feed);
    void settle(const std::shared_ptr<Feed>& feed, scai::Result<Answer> answer);
    void take_page(const std::shared_ptr<Feed>& feed, const FeedPage& page);
    void fail(Feed& feed, const scai::Error& error, std::optional<int> retry_after);
    void merge(const std::shared_ptr<Feed>& feed);
    void check_listeners();
    std::chrono::milliseconds interval(const Feed& feed) const;
    static void tell(Feed& feed, const std::string& text);
    static void end(Feed& feed, const scai::Error& error);

    const FeedSettings settings_;
    struct Counts {
        std::mutex mutex;
        std::map<std::string, int> of_tenant;
        int all = 0;
    };
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();

    mutable std::mutex mutex_;
    Feeds feeds_;
    std::unordered_map<std::string, int> in_flight_; ///< by base URL
    std::unordered_map<std::string, int> of_owner_;  ///< feeds
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace scaiflow::grid
