// SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/oidc/refusal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace scai::oidc {

namespace {

constexpr std::chrono::seconds verdict_age{60};

} // namespace

struct Verifier::Impl {
    /// Good verdicts by SHA-256 of the token. Bounded without bookkeeping: two generations a shard; when the
    /// young one is full it becomes the old one and the old one goes.
    class Verdicts {
    public:
        using Value = std::shared_ptr<const Claims>; // shared with the requests that are being answered

        Value find(const std::string& digest, UtcTime now) {
            Shard& shard = shard_of(digest);
            const std::lock_guard lock(shard.mutex);
            for (auto* generation : {&shard.young, &shard.old}) {
                const auto found = generation->find(digest);
                if (found == generation->end())
                    continue;
                const Entry& entry = found->second;
                // From a later time than now: the clock was stepped back, so its age is not known.
                return now >= entry.from && now < entry.until ? entry.claims : nullptr;
            }
            return nullptr;
        }

        void keep(const std::string& digest, Value claims, UtcTime now) {
            const UtcTime until = std::min<UtcTime>(now + verdict_age, claims->expires_at);
            if (until <= now) // accepted by the leeway only
                return;
            Shard& shard = shard_of(digest);
            const std::lock_guard lock(shard.mutex);
            if (shard.young.size() >= generation_size) {
                shard.old = std::move(shard.young);
                shard.young.clear();
            }
            shard.young.insert_or_assign(digest, Entry{std::move(claims), now, until});
        }

    private:
        static constexpr std::size_t shards = 16;
        static constexpr std::size_t generation_size = 640; ///< at most 16 * 2 * 640 = 20,480 verdicts

        struct Entry {
            Value claims;
            UtcTime from, until;
        };
        struct FirstBytes { // the digest is its own hash
            std::size_t operator()(const std::string& digest) const {
                std::size_t hash = 0;
                std::memcpy(&hash, digest.data() + 1, sizeof hash);
                return hash;
            }
        };
        using Generation = std::unordered_map<std::string, Entry, FirstBytes>;
        struct alignas(64) Shard {
            std::mutex mutex;
            Generation young, old;
        };

        Shard& shard_of(const std::string& digest) {
            return shards_[static_cast<unsigned char>(digest[0]) % shards];
        }

        std::array<Shard, shards> shards_;
    };

    Provider& provider;
    KeyCache& keys;
    const Clock& clock;
    const Expectations expectations;
    Verdicts verdicts;

    Impl(Provider& p, KeyCache& c, const Clock& k, Expectations e)
        : provider(p), keys(c), clock(k), expectations(std::move(e)) {}
};

Verifier::Verifier(Provider& provider, KeyCache& keys, const Clock& clock, Expectations expectations)
    : impl_(std::make_unique<Impl>(provider, keys, clock, std::move(expectations))) {}

Verifier::~Verifier() = default;

Result<std::shared_ptr<const Claims>> Verifier::verify(std::string_view token) {
    const UtcTime now = impl_->clock.now();
    const std::string digest = crypto::sha256(token);
    if (auto known = impl_->verdicts.find(digest, now))
        return known;
    const auto parsed = jose::parse(token);
    if (!parsed)
        return refused(parsed.error().message);
    SCAI_TRY(const auto keys, impl_->keys.keys_for(parsed->header));
    if (!keys->has_key(parsed->header.kid, parsed->header.algorithm))
        return refused("unknown signing key");
    if (!keys->verify(*parsed))
        return refused("Signature verification failed");
    const std::vector<std::string> issuers{impl_->provider.settings().base_url,
                                           impl_->provider.endpoints().issuer};
    SCAI_TRY(Claims claims, check_claims(parsed->claims, issuers, impl_->expectations, now));
    auto verdict = std::make_shared<const Claims>(std::move(claims));
    impl_->verdicts.keep(digest, verdict, now);
    return verdict;
}

} // namespace scai::oidc
