// Many transfers on one thread over the curl multi interface. A request that waits for its next attempt holds
// no slot, so a Retry-After delays nobody else. SPDX-License-Identifier: Apache-2.0
#include "lib/http/transfer.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace scai::http {

namespace {

using Instant = std::chrono::steady_clock::time_point;

struct Job {
    Request request;
    Fleet::Done done;
    int tried = 0;
    std::string target = {}; ///< where the redirect of this attempt pointed, "" before
    Instant not_before{};
};

class CurlFleet final : public Fleet {
public:
    explicit CurlFleet(int parallel) : parallel_(static_cast<std::size_t>(std::max(1, parallel))) {
        init_curl_once();
        multi_ = curl_multi_init();
        if (multi_ == nullptr)
            throw std::bad_alloc();
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(parallel_) + 2L);
    }
    CurlFleet(const CurlFleet&) = delete;
    CurlFleet& operator=(const CurlFleet&) = delete;
    ~CurlFleet() override {
        abort_all();
        idle_.clear(); // easy handles go before the multi handle that keeps their connections
        curl_multi_cleanup(multi_);
    }

    void add(Request request, Done done) override { queue_.push_back({std::move(request), std::move(done)}); }
    void stop() override { stopped_ = true; }
    std::uint64_t calls() const override { return calls_; }
    void watch(std::function<bool()> should_stop) override { should_stop_ = std::move(should_stop); }

    void run() override {
        stopped_ = false;
        next_look_ = std::chrono::steady_clock::now();
        while (!stopped_) {
            look();
            start_what_fits();
            if (stopped_ || (running_.empty() && queue_.empty() && waiting_.empty()))
                break;
            int still_running = 0;
            check(curl_multi_perform(multi_, &still_running));
            if (reap()) {
                // The slots that became free are at work again while what came is looked at.
                start_what_fits();
                check(curl_multi_perform(multi_, &still_running));
                hand_out();
                continue;
            }
            check(curl_multi_poll(multi_, nullptr, 0, wait_ms(), nullptr));
        }
        if (stopped_) {
            queue_.clear();
            waiting_.clear();
            abort_all();
        }
    }

private:
    struct Running {
        std::unique_ptr<Transfer> transfer;
        Job job;
    };

    struct Finished {
        Done done;
        Result<Response> outcome;
    };

    static void check(CURLMcode code) {
        if (code != CURLM_OK)
            throw std::runtime_error(std::string("curl multi: ") + curl_multi_strerror(code));
    }

    void look() {
        const Instant now = std::chrono::steady_clock::now();
        if (!should_stop_ || now < next_look_)
            return;
        next_look_ = now + std::chrono::milliseconds(250);
        if (should_stop_())
            stopped_ = true;
    }

    void start_what_fits() {
        const Instant now = std::chrono::steady_clock::now();
        while (!stopped_ && running_.size() < parallel_) {
            const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                          [&](const Job& job) { return job.not_before <= now; });
            if (due != waiting_.end()) {
                Job job = std::move(*due);
                waiting_.erase(due);
                start(std::move(job), {});
            } else if (!queue_.empty()) {
                Job job = std::move(queue_.front());
                queue_.pop_front();
                start(std::move(job), {});
            } else {
                return;
            }
        }
    }

    /// `target` is set when this continues an attempt behind a redirect.
    void start(Job job, const std::string& target) {
        std::unique_ptr<Transfer> transfer;
        if (idle_.empty()) {
            transfer = std::make_unique<Transfer>();
        } else {
            transfer = std::move(idle_.back());
            idle_.pop_back();
        }
        job.target = target;
        if (target.empty())
            ++job.tried;
        if (auto error = transfer->prepare(job.request, target.empty() ? job.request.url : target)) {
            idle_.push_back(std::move(transfer));
            job.done(*error);
            return;
        }
        CURL* handle = transfer->handle();
        check(curl_multi_add_handle(multi_, handle));
        running_.emplace(handle, Running{std::move(transfer), std::move(job)});
        ++calls_;
    }

    /// Takes every finished transfer off its slot; false when there was none.
    bool reap() {
        bool any = false;
        int left = 0;
        while (!stopped_) {
            const CURLMsg* message = curl_multi_info_read(multi_, &left);
            if (message == nullptr)
                break;
            if (message->msg != CURLMSG_DONE)
                continue;
            any = true;
            CURL* handle = message->easy_handle;
            const CURLcode code = message->data.result; // gone once the handle is removed
            check(curl_multi_remove_handle(multi_, handle));
            auto node = running_.extract(handle);
            settle(std::move(node.mapped()), code);
        }
        return any;
    }

    void settle(Running running, CURLcode code) {
        auto outcome = running.transfer->finish(code);
        std::string target;
        if (outcome && running.job.request.follow_same_origin && running.job.target.empty())
            target = running.transfer->same_origin_target();
        idle_.push_back(std::move(running.transfer));
        if (!target.empty()) {
            start(std::move(running.job), target);
            return;
        }
        if (running.job.tried <= running.job.request.retries && worth_retrying(outcome)) {
            const std::string after = outcome ? outcome->header("Retry-After") : std::string();
            running.job.not_before =
                std::chrono::steady_clock::now() + retry_delay(running.job.tried, after, jitter());
            waiting_.push_back(std::move(running.job));
            return;
        }
        if (outcome) {
            outcome->attempts = running.job.tried;
            outcome->redirected_to = std::move(running.job.target);
        }
        finished_.push_back({std::move(running.job.done), std::move(outcome)});
    }

    void hand_out() {
        for (auto all = std::exchange(finished_, {}); Finished & one : all) {
            if (stopped_)
                return;
            one.done(std::move(one.outcome));
        }
    }

    int wait_ms() const {
        auto wait = std::chrono::milliseconds(should_stop_ ? 250 : 1000);
        if (running_.size() < parallel_) {
            const Instant now = std::chrono::steady_clock::now();
            for (const Job& job : waiting_)
                wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(job.not_before - now));
        }
        return static_cast<int>(std::max<std::int64_t>(0, wait.count()));
    }

    void abort_all() {
        for (auto& [handle, running] : running_) {
            curl_multi_remove_handle(multi_, handle);
            idle_.push_back(std::move(running.transfer));
        }
        running_.clear();
    }

    const std::size_t parallel_;
    CURLM* multi_ = nullptr;
    std::deque<Job> queue_;
    std::vector<Job> waiting_; ///< for their next attempt
    std::unordered_map<CURL*, Running> running_;
    std::vector<Finished> finished_; ///< not handed out yet
    std::vector<std::unique_ptr<Transfer>> idle_;
    std::function<bool()> should_stop_;
    Instant next_look_{};
    bool stopped_ = false;
    std::uint64_t calls_ = 0;
};

} // namespace

std::unique_ptr<Fleet> make_curl_fleet(int parallel) {
    return std::make_unique<CurlFleet>(parallel);
}

} // namespace scai::http
