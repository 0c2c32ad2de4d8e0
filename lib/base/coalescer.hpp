// Coalescer: the lookups of many threads in few calls. Who asks while a call of his lane runs waits for the
// next one, which asks for all who came meanwhile: what an answer says was read after it was asked for.
// Nobody waits for more than the end of the call before his own. Thread-safe. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scai {

template<class Question, class Answer>
class Coalescer {
public:
    using Questions = std::vector<Question>;
    using Answers = std::vector<Answer>;
    /// One call for all `questions`, of which two may be the same: as many answers, in their order.
    using Load = std::function<Answers(const std::string& lane, const Questions& questions)>;

    explicit Coalescer(Load load) : load_(std::move(load)) {}

    /// What the call throws, each who waited for it gets.
    Answer ask(const std::string& lane, Question question) {
        std::unique_lock lock(mutex_);
        // A lane or a batch is made known when nothing can throw any more: else others would wait for nobody.
        const auto found = lanes_.find(lane);
        if (found == lanes_.end()) {
            const auto batch = std::make_shared<Batch>();
            const auto mine = batch->add(std::move(question));
            lanes_.emplace(lane, nullptr);
            run(lane, *batch, lock);
            return batch->take(mine);
        }
        const bool leads = found->second == nullptr;
        const auto batch = leads ? std::make_shared<Batch>() : found->second;
        const auto mine = batch->add(std::move(question));
        if (leads)
            found->second = batch;
        if (leads) {
            batch->turn.wait(lock, [&] { return batch->begun; });
            run(lane, *batch, lock);
        } else {
            batch->end.wait(lock, [&] { return batch->done; });
        }
        return batch->take(mine);
    }

    /// How many wait for the lane's next call.
    std::size_t waiting(const std::string& lane) {
        const std::lock_guard lock(mutex_);
        const auto found = lanes_.find(lane);
        return found == lanes_.end() || !found->second ? 0 : found->second->questions.size();
    }

private:
    struct Batch {
        Questions questions;
        bool begun = false, done = false;
        std::condition_variable turn, end;
        Answers answers;
        std::exception_ptr failure;

        std::size_t add(Question question) {
            questions.push_back(std::move(question));
            return questions.size() - 1;
        }
        Answer take(std::size_t which) {
            if (failure)
                std::rethrow_exception(failure);
            return std::move(answers.at(which));
        }
    };

    /// Locked before and after, but not while it calls.
    void run(const std::string& lane, Batch& batch, std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        try {
            batch.answers = load_(lane, batch.questions);
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
