// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/damaged.hpp"
#include "lib/scaivault/seal/keys.hpp"
#include "lib/scaivault/seal/rules.hpp"
#include "lib/scaivault/seal/store.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace scaivault::seal {

using scai::Result;
using scai::SecretText;

struct Keyring::Impl {
    Impl(scai::db::Pool& pool_in, Kms& kms_in, const scai::Clock& clock, std::chrono::seconds max_age)
        : pool(pool_in), kms(kms_in), keys(pool_in, kms_in, clock, max_age),
          sweeper([this, pause = std::clamp(max_age / 10, std::chrono::seconds(1),
                                            std::chrono::seconds(60))] { sweep(pause); }) {}
    ~Impl() {
        {
            const std::scoped_lock lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        sweeper.join();
    }

    /// A process nobody calls must let go of its keys too.
    void sweep(std::chrono::seconds pause) {
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, pause, [this] { return stopping; }))
            keys.cache().sweep();
    }

    scai::db::Pool& pool;
    Kms& kms;
    Keys keys;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread sweeper; ///< last: it uses all the others
};

Keyring::Keyring(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock, std::chrono::seconds max_age)
    : impl_(std::make_unique<Impl>(pool, kms, clock, max_age)) {}

Keyring::~Keyring() = default;

Result<Sealed> Keyring::seal(const Place& place, std::string_view plaintext) {
    SCAI_TRY(const KeyHandle key, impl_->keys.active_tenant(place.tenant_id, place.partner_id));
    const KeyBytes data_key;
    return Sealed{
        .key_id = key->id,
        .wrapped_key = wrap_data_key(place.tenant_id, key->id, key->bytes, data_key.reveal()),
        .ciphertext =
            scai::crypto::seal(data_key.reveal(), plaintext,
                               version_binding(place.tenant_id, place.secret_id, place.path, place.version)),
    };
}

Result<SecretText> Keyring::open(const Place& place, const Sealed& sealed) {
    SCAI_TRY(const KeyHandle key, impl_->keys.by_id(sealed.key_id));
    if (key->kind != "tenant" || key->owner_id != place.tenant_id)
        throw Damaged("a ciphertext names the key of another owner");
    const auto data_key = unwrap_data_key(place.tenant_id, key->id, key->bytes, sealed.wrapped_key);
    if (!data_key)
        throw Damaged("a data key does not open under the key it names");
    auto plain =
        scai::crypto::open(data_key->reveal(), sealed.ciphertext,
                           version_binding(place.tenant_id, place.secret_id, place.path, place.version));
    if (!plain)
        throw Damaged("a ciphertext does not open where it is stored");
    return std::move(*plain);
}

KeyringStatus Keyring::status() {
    KeyringStatus out{.kms_reachable = static_cast<bool>(impl_->kms.check()),
                      .key_status = "unavailable",
                      .last_rotation = std::nullopt,
                      .cached_keys = static_cast<std::int64_t>(impl_->keys.cache().size())};
    try {
        auto reader = impl_->pool.read(scai::db::Scope::none());
        const auto summary = store::summary(reader);
        if (summary.root_since)
            out.last_rotation = scai::UtcTime{std::chrono::microseconds{*summary.root_since}};
        const bool foreign =
            !summary.active_provider.empty() && summary.active_provider != impl_->kms.provider();
        if (out.kms_reachable && !foreign)
            out.key_status = summary.rotating ? "rotating" : "active";
    } catch (const scai::db::Error&) { // no database: nothing can be said of the keys
    }
    return out;
}

void Keyring::forget() {
    impl_->keys.forget();
}

} // namespace scaivault::seal
