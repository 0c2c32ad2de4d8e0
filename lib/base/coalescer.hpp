// Coalescer: the lookups of many threads in few calls. Who asks while a call of his lane runs waits for the
// next one, which asks for all who came meanwhile: what an answer says was read after it was asked for.
// Nobody waits for more than the end of the call before his own. Thread-safe. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scai {

template<class Value>
class Coalescer {
public:
    using Answers = std::unordered_map<std::string, Value>;
    /// One call for all `names` (a name may stand there twice); what is not among the answers does not exist.
    using Load = std::function<Answers(const std::string& lane, const std::vector<std::string>& names)>;

    explicit Coalescer(Load load) : load_(std::move(load)) {}

    /// What the call throws, each who waited for it gets.
    std::optional<Value> find(const std::string& lane, const std::string& name) {
        std::unique_lock lock(mutex_);
        const auto [found, is_free] = lanes_.try_emplace(lane);
        if (is_free) {
            const auto batch = std::make_shared<Batch>();
            batch->names.push_back(name);
            run(lane, *batch, lock);
            return batch->answer(name);
        }
        const bool leads = found->second == nullptr;
        if (leads)
            found->second = std::make_shared<Batch>();
        const auto batch = found->second;
        batch->names.push_back(name);
        if (leads) {
            batch->turn.wait(lock, [&] { return batch->begun; });
            run(lane, *batch, lock);
        } else {
            batch->end.wait(lock, [&] { return batch->done; });
        }
        return batch->answer(name);
    }

    /// How many wait for the lane's next call.
    std::size_t waiting(const std::string& lane) {
        const std::lock_guard lock(mutex_);
        const auto found = lanes_.find(lane);
        return found == lanes_.end() || !found->second ? 0 : found->second->names.size();
    }

private:
    struct Batch {
        std::vector<std::string> names;
        bool begun = false, done = false;
        std::condition_variable turn, end;
        Answers answers; ///< as it stays once it is done
        std::exception_ptr failure;

        std::optional<Value> answer(const std::string& name) const {
            if (failure)
                std::rethrow_exception(failure);
            const auto found = answers.find(name);
            return found == answers.end() ? std::nullopt : std::optional<Value>(found->second);
        }
    };

    /// Locked before and after, but not while it calls.
    void run(const std::string& lane, Batch& batch, std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        try {
            batch.answers = load_(lane, batch.names);
        } catch (...) {
            batch.failure = std::current_exception();
        }
        lock.lock();
        batch.done = true;
        batch.end.notify_all();
        const auto found = lanes_.find(lane);
        if (const auto next = std::exchange(found->second, nullptr)) {
            next->begun = true;
            next->turn.notify_one();
        } else {
            lanes_.erase(found);
        }
    }

    const Load load_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Batch>> lanes_; ///< those with a call; the batch waits
};

} // namespace scai
