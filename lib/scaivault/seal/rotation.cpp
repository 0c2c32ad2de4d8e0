// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/seal/holders.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/seal/keys.hpp"
#include "lib/scaivault/seal/rules.hpp"
#include "lib/scaivault/seal/store.hpp"

#include <stdexcept>

namespace scaivault::seal {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::in_tx;
using scai::db::Scope;

Error changed_meanwhile() {
    return {.kind = ErrorKind::conflict,
            .code = "key_changed",
            .message = "Another rotation of this key ran at the same time; nothing was changed"};
}

Error no_key(std::string_view kind, std::string_view owner_id) {
    return {.kind = ErrorKind::not_found,
            .code = "key_not_found",
            .message = "The " + std::string(kind) + " " + std::string(owner_id) +
                       " has no key yet: one is made with its first secret"};
}

} // namespace

struct Rotation::Impl {
    scai::db::Pool& pool;
    Kms& kms;
    std::chrono::seconds grace;
    Keys keys;

    std::optional<KeyRow> active(std::string_view kind, std::string_view owner_id) {
        auto reader = pool.read(Scope::none());
        return store::find_active(reader, kind, owner_id);
    }

    std::optional<KeyRow> find(std::string_view id) {
        auto reader = pool.read(Scope::none());
        return store::find(reader, id);
    }

    Result<std::string> replace(const KeyRow& fresh, const std::string& expected) {
        if (!in_tx(pool, Scope::none(),
                   [&](scai::db::Tx& tx) { return store::replace_active(tx, fresh, expected); }))
            return changed_meanwhile();
        scai::log::info(
            "key_generation",
            {{"kind", fresh.kind}, {"owner", fresh.owner_id}, {"key_id", fresh.id}, {"retired", expected}});
        return fresh.id;
    }

    /// Keys and data keys directly below a retired key.
    std::int64_t named_by(const KeyRow& key) {
        auto reader = pool.read(Scope::all_tenants());
        return store::count_children(reader, key.id) + store::count_held(reader, key.id);
    }

    Result<std::int64_t> rewrap_children(const KeyRow& parent, const std::function<bool()>& must_stop,
                                         std::int64_t& damaged);
    Result<bool> rewrap_key(KeyRow row, const KeyRow& old_parent);
    Result<std::int64_t> rewrap_held(const KeyRow& key, const std::function<bool()>& must_stop,
                                     std::int64_t& damaged);
    std::int64_t destroy_unnamed();
    void count_left(RewrapReport& report);
};

Rotation::Rotation(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock, std::chrono::seconds grace)
    : impl_(new Impl{pool, kms, grace, Keys(pool, kms, clock, std::chrono::seconds(600))}) {}

Rotation::~Rotation() = default;

Result<std::string> Rotation::new_root_generation() {
    const auto root = impl_->active("root", "");
    if (!root)
        return no_key("installation", "itself");
    if (root->provider != impl_->kms.provider())
        return Error{.kind = ErrorKind::conflict,
                     .code = "other_provider",
                     .message = "The root key in use belongs to KMS_PROVIDER=" + root->provider +
                                ", this program runs with " + impl_->kms.provider()};
    SCAI_TRY(const std::string reference, impl_->kms.reference());
    if (reference == root->reference && !impl_->kms.rotates_inside())
        return Error{.kind = ErrorKind::conflict,
                     .code = "root_key_unchanged",
                     .message = "The newest root key of the KMS (" + reference +
                                ") is the one in use: add a new one first"};
    return impl_->replace({.id = new_key_id(),
                           .kind = "root",
                           .owner_id = "",
                           .parent_id = "",
                           .provider = root->provider,
                           .reference = reference,
                           .wrapped = "",
                           .state = "active"},
                          root->id);
}

Result<std::string> Rotation::new_partner_generation(std::string_view partner_id) {
    const auto old = impl_->active("partner", partner_id);
    if (!old)
        return no_key("partner", partner_id);
    SCAI_TRY(const KeyRow fresh, impl_->keys.draft_partner_key(std::string(partner_id)));
    return impl_->replace(fresh, old->id);
}

Result<std::string> Rotation::new_tenant_generation(std::string_view tenant_id) {
    const auto old = impl_->active("tenant", tenant_id);
    if (!old)
        return no_key("tenant", tenant_id);
    const auto parent = impl_->find(old->parent_id);
    if (!parent)
        throw std::runtime_error("key " + old->id + " names a parent that does not exist");
    SCAI_TRY(const KeyRow fresh, impl_->keys.draft_tenant_key(std::string(tenant_id), parent->owner_id));
    return impl_->replace(fresh, old->id);
}

/// False: somebody else moved it meanwhile.
Result<bool> Rotation::Impl::rewrap_key(KeyRow row, const KeyRow& old_parent) {
    SCAI_TRY(const KeyHandle key, keys.by_id(row.id));
    if (row.kind == "partner") {
        SCAI_TRY(const KeyRow root, keys.active_root());
        row.parent_id = root.id;
        SCAI_TRY(row.wrapped, keys.wrap_partner(row, root, key->bytes));
    } else {
        SCAI_TRY(const KeyHandle partner, keys.active_partner(old_parent.owner_id));
        row.parent_id = partner->id;
        row.wrapped = wrap_tenant_key(row, partner->bytes, key->bytes);
    }
    return in_tx(pool, Scope::none(),
                 [&](scai::db::Tx& tx) { return store::move_below(tx, row, old_parent.id); });
}

Result<std::int64_t> Rotation::Impl::rewrap_children(const KeyRow& parent,
                                                     const std::function<bool()>& must_stop,
                                                     std::int64_t& damaged) {
    std::int64_t done = 0;
    std::string after;
    for (;;) {
        std::vector<KeyRow> rows;
        {
            auto reader = pool.read(Scope::none());
            rows = store::children(reader, parent.id, after);
        }
        if (rows.empty())
            return done;
        for (KeyRow& row : rows) {
            if (must_stop())
                return done;
            after = row.id;
            try {
                SCAI_TRY(const bool moved, rewrap_key(std::move(row), parent));
                done += moved ? 1 : 0;
            } catch (const scai::db::Error&) {
                throw;
            } catch (const std::runtime_error&) { // it does not open: the others must not wait for it
                ++damaged;
                scai::log::error("key_damaged", {{"key_id", after}, {"parent", parent.id}});
            }
        }
    }
}

Result<std::int64_t> Rotation::Impl::rewrap_held(const KeyRow& key, const std::function<bool()>& must_stop,
                                                 std::int64_t& damaged) {
    {
        auto reader = pool.read(Scope::all_tenants());
        if (store::count_held(reader, key.id) == 0)
            return std::int64_t{0};
    }
    SCAI_TRY(const KeyHandle old_key, keys.by_id(key.id));
    const auto fresh = active("tenant", key.owner_id);
    if (!fresh)
        throw std::runtime_error("the owner of key " + key.id + " has no active key");
    SCAI_TRY(const KeyHandle new_key, keys.by_id(fresh->id));
    std::int64_t done = 0;
    for (const Holder& holder : holders()) {
        std::string after_id;
        std::int64_t after_version = -1;
        bool more = true;
        while (more && !must_stop()) {
            struct Batch {
                std::int64_t rewritten = 0, damaged = 0, version = -1;
                std::string id;
                bool any = false;
            };
            const Batch batch = in_tx(pool, Scope::tenant(key.owner_id), [&](scai::db::Tx& tx) {
                Batch out;
                std::vector<HeldKey> rows = store::lock_batch(tx, holder, key.id, after_id, after_version);
                if (rows.empty())
                    return out;
                out.any = true;
                out.id = rows.back().id;
                out.version = rows.back().version;
                std::erase_if(rows, [&](HeldKey& row) {
                    const auto data_key = unwrap_data_key(key.owner_id, key.id, old_key->bytes, row.wrapped);
                    if (!data_key) {
                        ++out.damaged;
                        return true;
                    }
                    row.wrapped =
                        wrap_data_key(key.owner_id, new_key->id, new_key->bytes, data_key->reveal());
                    return false;
                });
                if (!rows.empty())
                    out.rewritten = store::rewrite(tx, holder, key.owner_id, key.id, new_key->id, rows);
                return out;
            });
            more = batch.any;
            after_id = batch.id;
            after_version = batch.version;
            done += batch.rewritten;
            damaged += batch.damaged;
            if (batch.damaged > 0)
                scai::log::error("data_keys_damaged",
                                 {{"key_id", key.id}, {"table", holder.table}, {"count", batch.damaged}});
        }
    }
    return done;
}

/// A tenant key first, then its partner's, then the root: each names the next one.
std::int64_t Rotation::Impl::destroy_unnamed() {
    std::int64_t out = 0;
    for (const std::string_view kind : {"tenant", "partner", "root"}) {
        std::vector<KeyRow> rows;
        {
            auto reader = pool.read(Scope::none());
            rows = store::retired(reader);
        }
        for (const KeyRow& row : rows) {
            if (row.kind != kind)
                continue;
            // Under the lock nobody else can begin to name the key; what named it before is seen now.
            const bool gone = in_tx(pool, Scope::all_tenants(), [&](scai::db::Tx& tx) {
                if (!store::lock_retired(tx, row.id, grace) || store::count_children(tx, row.id) > 0 ||
                    store::count_held(tx, row.id) > 0)
                    return false;
                store::destroy(tx, row.id);
                return true;
            });
            if (gone) {
                ++out;
                scai::log::info("key_destroyed",
                                {{"kind", row.kind}, {"owner", row.owner_id}, {"key_id", row.id}});
            }
        }
    }
    return out;
}

void Rotation::Impl::count_left(RewrapReport& report) {
    std::vector<KeyRow> rows;
    {
        auto reader = pool.read(Scope::none());
        rows = store::retired(reader);
    }
    report.retired = static_cast<std::int64_t>(rows.size());
    report.stragglers = 0;
    for (const KeyRow& row : rows)
        report.stragglers += named_by(row);
    report.finished = report.stragglers == 0;
}

Result<RewrapReport> Rotation::rewrap(const std::function<bool()>& must_stop, bool dry_run) {
    RewrapReport report;
    if (!dry_run) {
        impl_->keys.forget(); // what is active may have changed since the last call
        std::vector<KeyRow> rows;
        {
            auto reader = impl_->pool.read(Scope::none());
            rows = store::retired(reader);
        }
        for (const KeyRow& row : rows) {
            if (must_stop())
                break;
            SCAI_TRY(const std::int64_t done, row.kind == "tenant"
                                                  ? impl_->rewrap_held(row, must_stop, report.damaged)
                                                  : impl_->rewrap_children(row, must_stop, report.damaged));
            report.rewrapped += done;
        }
        if (!must_stop())
            report.destroyed = impl_->destroy_unnamed();
    }
    impl_->count_left(report);
    return report;
}

KeysOverview keys_overview(scai::db::Pool& pool) {
    KeysOverview out;
    auto reader = pool.read(Scope::all_tenants());
    if (const auto root = store::find_active(reader, "root", "")) {
        out.root_id = root->id;
        out.provider = root->provider;
        out.reference = root->reference;
        out.root_generation = store::generation(reader, root->id);
        if (const auto since = store::summary(reader).root_since)
            out.root_since = scai::UtcTime{std::chrono::microseconds{*since}};
    }
    for (auto& [kind, state, keys, below] : store::count_by_state(reader))
        out.counts.push_back({std::move(kind), std::move(state), keys, below});
    return out;
}

} // namespace scaivault::seal
