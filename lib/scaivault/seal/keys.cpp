// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/keys.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/damaged.hpp"
#include "lib/scaivault/seal/rules.hpp"
#include "lib/scaivault/seal/store.hpp"

namespace scaivault::seal {

namespace {

using scai::Result;
using scai::SecretText;

constexpr std::size_t cache_capacity = 4096;
/// How long another process's rotation may stay unseen; what is sealed meanwhile is wrapped anew later.
constexpr std::chrono::seconds active_for{30};
/// After a failure nobody waits for the KMS again for this long, so that an outage does not hold up the
/// threads that others' keys could serve.
constexpr std::chrono::seconds kms_pause{1};

[[noreturn]] void damaged(std::string_view id, const char* what) {
    throw Damaged("key " + std::string(id) + " " + what);
}

} // namespace

std::string new_key_id() {
    return "key_" + scai::crypto::random_id(20);
}

Keys::Keys(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock, std::chrono::seconds max_age)
    : pool_(pool), kms_(kms), clock_(clock), cache_(clock, max_age, cache_capacity) {}

Result<KeyHandle> Keys::by_id(std::string_view id) {
    if (KeyHandle key = cache_.find(id))
        return key;
    return once("id/" + std::string(id), [&] { return load(need(id)); });
}

Result<KeyHandle> Keys::active_tenant(std::string_view owner_id, std::string_view partner_id) {
    const std::string owner(owner_id), partner(partner_id);
    return active("tenant", owner, [&] { return draft_tenant_key(owner, partner); });
}

Result<KeyHandle> Keys::active_partner(std::string_view partner_id) {
    const std::string partner(partner_id);
    return active("partner", partner, [&] { return draft_partner_key(partner); });
}

void Keys::forget() {
    {
        const std::scoped_lock lock(mutex_);
        active_.clear();
    }
    cache_.forget();
}

Result<KeyHandle> Keys::active(const std::string& kind, const std::string& owner_id,
                               const std::function<Result<KeyRow>()>& draft) {
    const std::string name = kind + "/" + owner_id;
    std::string known;
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = active_.find(name);
            found != active_.end() && clock_.now() < found->second.looked_at + active_for)
            known = found->second.key_id;
    }
    if (!known.empty())
        return by_id(known);
    return once(name, [&]() -> Result<KeyHandle> {
        const auto looked_at = clock_.now();
        auto row = find_active(kind, owner_id);
        if (!row) {
            SCAI_TRY(const KeyRow fresh, draft());
            row = insert_or_find(fresh);
        }
        KeyHandle key = cache_.find(row->id);
        if (!key) {
            SCAI_TRY(key, load(*row));
        }
        const std::scoped_lock lock(mutex_);
        active_.insert_or_assign(name, Active{row->id, looked_at});
        return key;
    });
}

/// Several threads that miss the same key wait for the one that came first.
Result<KeyHandle> Keys::once(const std::string& name, const std::function<Result<KeyHandle>()>& work) {
    std::promise<Result<KeyHandle>> promise;
    Future future;
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        auto [flight, fresh] = in_flight_.try_emplace(name);
        if (fresh)
            flight->second = promise.get_future().share();
        future = flight->second;
        first = fresh;
    }
    if (!first)
        return future.get();
    try {
        promise.set_value(work());
    } catch (...) { // the border to the waiting threads: each of them throws it again
        promise.set_exception(std::current_exception());
    }
    {
        const std::scoped_lock lock(mutex_);
        in_flight_.erase(name);
    }
    return future.get();
}

std::optional<KeyRow> Keys::find_active(std::string_view kind, std::string_view owner_id) {
    auto reader = pool_.read(scai::db::Scope::none());
    return store::find_active(reader, kind, owner_id);
}

KeyRow Keys::need(std::string_view id) {
    auto reader = pool_.read(scai::db::Scope::none());
    auto row = store::find(reader, id);
    if (!row)
        damaged(id, "does not exist");
    if (row->state == "destroyed")
        damaged(id, "was destroyed");
    return std::move(*row);
}

Result<KeyHandle> Keys::load(const KeyRow& row) {
    if (row.kind == "tenant") {
        SCAI_TRY(const KeyHandle parent, by_id(row.parent_id));
        const auto key = unwrap_tenant_key(row, parent->bytes);
        if (!key)
            damaged(row.id, "does not open under its parent");
        return cache_.put(row.id, row.kind, row.owner_id, key->reveal());
    }
    if (row.kind != "partner")
        damaged(row.id, "is no key that wraps others here");
    const KeyRow root = need(row.parent_id);
    if (root.provider != kms_.provider())
        return kms_unavailable(kms_.provider(), "the root key " + root.id + " belongs to " + root.provider);
    SCAI_TRY([[maybe_unused]] auto allowed, kms_allowed());
    const auto key = noted(kms_.unwrap(root.reference, row.wrapped, partner_context(row)));
    if (!key && key.error().kind == scai::ErrorKind::unavailable)
        return key.error();
    if (!key)
        damaged(row.id, "does not open under its root key");
    return cache_.put(row.id, row.kind, row.owner_id, key->reveal());
}

Result<KeyRow> Keys::active_root() {
    if (auto row = find_active("root", ""))
        return std::move(*row);
    SCAI_TRY([[maybe_unused]] auto allowed, kms_allowed());
    SCAI_TRY(const std::string reference, noted(kms_.reference()));
    return insert_or_find({.id = new_key_id(),
                           .kind = "root",
                           .owner_id = "",
                           .parent_id = "",
                           .provider = kms_.provider(),
                           .reference = reference,
                           .wrapped = "",
                           .state = "active"});
}

Result<std::string> Keys::wrap_partner(const KeyRow& partner_key, const KeyRow& root, std::string_view key) {
    if (root.provider != kms_.provider())
        return kms_unavailable(kms_.provider(), "the root key " + root.id + " belongs to " + root.provider);
    SCAI_TRY([[maybe_unused]] auto allowed, kms_allowed());
    return noted(kms_.wrap(root.reference, SecretText(key), partner_context(partner_key)));
}

Result<KeyRow> Keys::draft_partner_key(const std::string& partner_id) {
    SCAI_TRY(const KeyRow root, active_root());
    KeyRow row{.id = new_key_id(),
               .kind = "partner",
               .owner_id = partner_id,
               .parent_id = root.id,
               .provider = "",
               .reference = "",
               .wrapped = "",
               .state = "active"};
    const KeyBytes key;
    SCAI_TRY(row.wrapped, wrap_partner(row, root, key.reveal()));
    return row;
}

Result<KeyRow> Keys::draft_tenant_key(const std::string& owner_id, const std::string& partner_id) {
    SCAI_TRY(const KeyHandle parent, active_partner(partner_id));
    KeyRow row{.id = new_key_id(),
               .kind = "tenant",
               .owner_id = owner_id,
               .parent_id = parent->id,
               .provider = "",
               .reference = "",
               .wrapped = "",
               .state = "active"};
    const KeyBytes key;
    row.wrapped = wrap_tenant_key(row, parent->bytes, key.reveal());
    return row;
}

/// Of several processes that make the first key of an owner one succeeds; the others take its key.
KeyRow Keys::insert_or_find(const KeyRow& fresh) {
    return scai::db::in_tx(pool_, scai::db::Scope::none(), [&](scai::db::Tx& tx) -> KeyRow {
        if (store::insert_first(tx, fresh))
            return fresh;
        auto there = store::find_active(tx, fresh.kind, fresh.owner_id);
        if (!there)
            damaged(fresh.id, "could not be kept: its owner has keys, but none that is active");
        return std::move(*there);
    });
}

scai::Status Keys::kms_allowed() {
    const std::scoped_lock lock(mutex_);
    if (clock_.now() < kms_down_until_)
        return kms_unavailable();
    return scai::Done{};
}

template<class T>
Result<T> Keys::noted(Result<T> outcome) {
    if (!outcome && outcome.error().kind == scai::ErrorKind::unavailable) {
        const std::scoped_lock lock(mutex_);
        kms_down_until_ = clock_.now() + kms_pause;
    }
    return outcome;
}

} // namespace scaivault::seal
