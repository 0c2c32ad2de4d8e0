// The blocking client. Handles are lent out of a pool: as many as there are calls at the same time, each with
// the connections it has kept. SPDX-License-Identifier: Apache-2.0
#include "lib/http/transfer.hpp"

#include <mutex>
#include <thread>

namespace scai::http {

struct CurlClient::Impl {
    using Handles = std::vector<std::unique_ptr<Transfer>>;
    std::mutex mutex;
    /// Handles keep connections. Those of public_only requests are apart: over a connection that another
    /// request made, an address would be reached that nobody looked at.
    Handles usual, confined;

    std::unique_ptr<Transfer> take(bool public_only) {
        {
            const std::lock_guard lock(mutex);
            Handles& idle = public_only ? confined : usual;
            if (!idle.empty()) {
                auto transfer = std::move(idle.back());
                idle.pop_back();
                return transfer;
            }
        }
        return std::make_unique<Transfer>();
    }

    void give_back(std::unique_ptr<Transfer> transfer, bool public_only) {
        transfer->forget();
        const std::lock_guard lock(mutex);
        (public_only ? confined : usual).push_back(std::move(transfer));
    }
};

namespace {

Result<Response> attempt(Transfer& transfer, const Request& request) {
    if (auto error = transfer.prepare(request, request.url))
        return *error;
    auto outcome = transfer.finish(curl_easy_perform(transfer.handle()));
    if (!outcome || !request.follow_same_origin)
        return outcome;
    const std::string target = transfer.same_origin_target();
    if (target.empty())
        return outcome;
    if (auto error = transfer.prepare(request, target))
        return *error;
    outcome = transfer.finish(curl_easy_perform(transfer.handle()));
    if (outcome)
        outcome->redirected_to = target;
    return outcome;
}

} // namespace

CurlClient::CurlClient() : impl_(std::make_unique<Impl>()) {
    init_curl_once();
}

CurlClient::~CurlClient() = default;

Result<Response> CurlClient::send(const Request& request) {
    auto transfer = impl_->take(request.public_only);
    for (int tried = 1;; ++tried) {
        auto outcome = attempt(*transfer, request);
        if (outcome)
            outcome->attempts = tried;
        if (tried > request.retries || !worth_retrying(outcome)) {
            impl_->give_back(std::move(transfer), request.public_only);
            return outcome;
        }
        const std::string after = outcome ? outcome->header("Retry-After") : std::string();
        std::this_thread::sleep_for(retry_delay(tried, after, jitter()));
    }
}

} // namespace scai::http
