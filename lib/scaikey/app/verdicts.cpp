// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/verdicts.hpp"

#include "lib/crypto/crypto.hpp"

#include <utility>

namespace scaikey {

using scai::web::Principal;

namespace {
constexpr std::size_t most_entries = 1000; ///< tokens in use within two seconds
} // namespace

std::shared_ptr<const Principal> Verdicts::find(std::string_view token, std::int64_t now) {
    const auto key = scai::crypto::sha256(token);
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.expires_at <= now ||
        std::chrono::steady_clock::now() - found->second.judged_at >= lifetime)
        return nullptr;
    return found->second.principal;
}

std::uint64_t Verdicts::mark() {
    const std::lock_guard lock(mutex_);
    return clears_;
}

void Verdicts::keep(std::string_view token, std::shared_ptr<const Principal> principal,
                    std::int64_t expires_at, std::uint64_t mark) {
    auto key = scai::crypto::sha256(token);
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (mark != clears_) // judged by what has changed since
        return;
    if (entries_.size() >= most_entries)
        entries_.clear();
    entries_.insert_or_assign(std::move(key), Entry{std::move(principal), expires_at, now});
}

void Verdicts::clear() {
    const std::lock_guard lock(mutex_);
    ++clears_;
    entries_.clear();
}

std::vector<scai::web::ErasedRoute> with_fresh_verdicts(std::vector<scai::web::ErasedRoute> routes,
                                                        Verdicts& verdicts) {
    struct Forget { // also when the handler throws: part of its work may be committed
        explicit Forget(Verdicts& the_verdicts) : verdicts(the_verdicts) {}
        ~Forget() { verdicts.clear(); }
        Forget(const Forget&) = delete;
        Forget& operator=(const Forget&) = delete;
        Verdicts& verdicts;
    };
    for (auto& route : routes) {
        // A GET that needs a token only reads; an open one may be a sign-out.
        if (route.method == "GET" && route.access.kind() != scai::web::Access::Kind::open)
            continue;
        route.handler = [&verdicts, inner = std::move(route.handler)](const scai::web::Request& request) {
            const Forget after(verdicts);
            return inner(request);
        };
    }
    return routes;
}

} // namespace scaikey
