// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/introspection.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

namespace scaivault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::UtcTime;
using scai::json::Value;

namespace {

using Shared = std::shared_ptr<const Credential>; // shared with the requests that are being answered

constexpr std::chrono::seconds believed{60};
constexpr std::chrono::seconds disbelieved{5}; ///< a wrong token is not asked about again and again
constexpr std::size_t most_remembered = 4096;  ///< a generation; there are two
constexpr std::size_t longest_token = 512;

Error unavailable(const char* why) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "service_unavailable",
                 .message = std::string("the token cannot be checked: ") + why,
                 .retry_after_seconds = 5};
}

bool names_us(const Value& answer, const std::vector<std::string>& audiences) {
    const auto audience = answer.get("aud");
    if (!audience.present() || audience.is_null())
        return true; // RFC 7662 2.2: optional; ScaiKey has told it to us, whose credentials asked
    const auto ours = [&](const std::string& name) {
        return std::find(audiences.begin(), audiences.end(), name) != audiences.end();
    };
    bool found = audience.is_string() && ours(audience.text_or(""));
    audience.each_item([&](const Value& item) { found = found || ours(item.text_or("")); });
    return found;
}

} // namespace

struct Introspection::Impl {
    struct Entry {
        std::shared_ptr<const Result<Shared>> verdict; ///< null: somebody is asking
        UtcTime from{}, until{};
        bool was_good = false; ///< so that a later no is a revocation
        UtcTime expires_at{};
    };
    using Generation = std::unordered_map<std::string, Entry>;

    scai::http::Client& http;
    const scai::Clock& clock;
    scai::oidc::Provider& provider;
    const std::vector<std::string> audiences;
    std::mutex mutex;
    std::condition_variable answered;
    Generation young, old;

    Impl(scai::http::Client& h, const scai::Clock& c, scai::oidc::Provider& p, std::vector<std::string> a)
        : http(h), clock(c), provider(p), audiences(std::move(a)) {}

    /// Under the mutex.
    Entry* find(const std::string& digest) {
        if (const auto found = young.find(digest); found != young.end())
            return &found->second;
        const auto found = old.find(digest);
        if (found == old.end())
            return nullptr;
        if (!found->second.verdict)
            return &found->second; // being asked about: who asks puts it into the young one
        auto entry = std::move(found->second);
        old.erase(found);
        return &keep(digest, std::move(entry));
    }
    Entry& keep(const std::string& digest, Entry entry) {
        if (young.size() >= most_remembered) {
            old = std::move(young);
            young.clear();
        }
        old.erase(digest);
        return young.insert_or_assign(digest, std::move(entry)).first->second;
    }

    Result<Value> ask(std::string_view token) const {
        const auto& settings = provider.settings();
        if (!provider.configured())
            return unavailable("SCAIKEY_CLIENT_ID and SCAIKEY_CLIENT_SECRET are not set");
        const auto url = provider.endpoints().introspection;
        if (url.empty())
            return unavailable("ScaiKey names no introspection endpoint");
        scai::http::Request request;
        request.method = "POST";
        request.url = url;
        request.timeout = settings.timeout;
        request.max_body = 256U << 10U;
        request.retries = 1;
        request.headers = {
            {"Content-Type", "application/x-www-form-urlencoded"},
            {"Accept", "application/json"},
            {"Authorization", "Basic " + scai::crypto::base64(scai::percent_encode(settings.client_id) + ":" +
                                                              scai::percent_encode(settings.client_secret))}};
        request.body = "token_type_hint=access_token&token=" + scai::percent_encode(token);
        const auto response = http.send(request);
        if (!response)
            return unavailable("ScaiKey does not answer");
        if (response->status != 200) {
            scai::log::error("introspection_refused", {{"status", response->status}});
            return unavailable("ScaiKey refused the question");
        }
        auto answer = scai::json::parse(response->body);
        if (!answer || !answer->get("active").boolean())
            return unavailable("ScaiKey's answer makes no sense");
        return std::move(answer).value();
    }

    Result<Shared> judge(std::string_view token, const Entry& before, UtcTime now) const {
        SCAI_TRY(const auto answer, ask(token));
        if (!answer.get("active").boolean().value_or(false)) {
            if (!before.was_good)
                return unauthenticated("token_invalid", "ScaiKey does not know this token");
            return now >= before.expires_at ? unauthenticated("token_expired", "the token has expired")
                                            : unauthenticated("token_revoked", "the token was revoked");
        }
        if (!names_us(answer, audiences))
            return unauthenticated("token_invalid", "invalid token: Audience doesn't match");
        SCAI_TRY(auto credential, credential_of(answer));
        if (credential.expires_at == UtcTime{})
            credential.expires_at = now + believed; // a token without end is asked about again every minute
        if (now >= credential.expires_at)
            return unauthenticated("token_expired", "the token has expired");
        return std::make_shared<const Credential>(std::move(credential));
    }

    void settle(const std::string& digest, Entry before, const Result<Shared>& verdict, UtcTime now) {
        Entry entry = std::move(before);
        entry.from = now;
        entry.verdict = std::make_shared<const Result<Shared>>(verdict);
        if (verdict) {
            entry.was_good = true;
            entry.expires_at = (*verdict)->expires_at;
            entry.until = std::min<UtcTime>(now + believed, entry.expires_at);
        } else {
            // Not having been able to ask is no verdict; the next request asks again.
            entry.until = verdict.error().kind == ErrorKind::unauthenticated ? now + disbelieved : now;
        }
        const std::lock_guard lock(mutex);
        keep(digest, std::move(entry));
        answered.notify_all();
    }
};

Introspection::Introspection(scai::http::Client& http, const scai::Clock& clock,
                             scai::oidc::Provider& provider, std::vector<std::string> audiences)
    : impl_(std::make_unique<Impl>(http, clock, provider, std::move(audiences))) {}
Introspection::~Introspection() = default;

Result<Shared> Introspection::identify(std::string_view token) {
    if (token.size() > longest_token)
        return unauthenticated("token_invalid", "the token is too long");
    const auto digest = scai::crypto::sha256(token);
    const auto now = impl_->clock.now();
    Impl::Entry before;
    {
        std::unique_lock lock(impl_->mutex);
        auto* known = impl_->find(digest);
        if (known != nullptr && !known->verdict) {
            impl_->answered.wait(lock, [&] {
                known = impl_->find(digest);
                return known == nullptr || known->verdict;
            });
            if (known != nullptr)
                return *known->verdict; // the answer to the question that was under way
        }
        if (known != nullptr && now >= known->from && now < known->until)
            return *known->verdict;
        if (known != nullptr)
            before = *known;
        auto asking = before;
        asking.verdict.reset();
        impl_->keep(digest, std::move(asking));
    }
    try {
        auto verdict = impl_->judge(token, before, now);
        impl_->settle(digest, before, verdict, now);
        return verdict;
    } catch (...) {
        impl_->settle(digest, before, unavailable("unexpected failure"), now);
        throw;
    }
}

} // namespace scaivault
