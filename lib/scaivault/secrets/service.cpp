// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/service.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/outbox.hpp"
#include "lib/scaivault/rotation/hook.hpp"
#include "lib/scaivault/seal/damaged.hpp"
#include "lib/scaivault/secrets/finder.hpp"
#include "lib/scaivault/secrets/store_write.hpp"

#include <algorithm>
#include <stdexcept>

namespace scaivault::secrets {

using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr int attempts_at_creation = 3;

scai::Error version_conflict(std::string_view path, std::int64_t current) {
    return conflict("version_conflict", "the secret has another version than expected",
                    Value::object({{"path", path}, {"current_version", current}}));
}

Value time_or_null(const std::optional<scai::UtcTime>& time) {
    return time ? Value(scai::to_iso8601(*time)) : Value(nullptr);
}

scai::Status check_expected(const Info& info, std::optional<std::int64_t> version,
                            std::optional<std::int64_t> revision) {
    if ((version && *version != info.version) || (revision && *revision != info.revision))
        return version_conflict(info.path, info.version);
    return scai::Done{};
}

scai::Status check_expected(const Info& info, const std::optional<Tag>& expected) {
    if (!expected)
        return scai::Done{};
    return check_expected(info, expected->version, expected->revision);
}

std::optional<std::string> link_of(const std::optional<std::string>& wanted,
                                   const std::optional<std::string>& before) {
    if (!wanted)
        return before;
    return wanted->empty() ? std::nullopt : wanted;
}

/// Options and metadata of a write or a change, laid over `info`. True when the tags are others.
bool apply(Info& info, const Value& metadata, const Options& options, scai::UtcTime now) {
    bool other_tags = false;
    if (metadata.present()) {
        info.metadata = metadata.dump();
        auto tags = tags_of(metadata);
        other_tags = tags != info.tags;
        info.tags = std::move(tags);
    }
    if (options.max_versions)
        info.max_versions = *options.max_versions;
    if (options.notify_before)
        info.notify_before = *options.notify_before;
    if (options.expires_in)
        info.expires_at =
            options.expires_in->count() == 0 ? std::nullopt : std::optional(now + *options.expires_in);
    info.rotation_policy_id = link_of(options.rotation_policy_id, info.rotation_policy_id);
    info.secret_policy_id = link_of(options.secret_policy_id, info.secret_policy_id);
    return other_tags;
}

/// Notices start anew when the expiry was set; new thresholds count from where the old ones were.
Notice notice_of(const Info& info, const Options& options, std::optional<std::int64_t> noticed,
                 scai::UtcTime now) {
    if (options.expires_in)
        return first_notice(info.expires_at, info.notify_before, now);
    Notice out;
    if (info.expires_at)
        due_notices(*info.expires_at, info.notify_before, noticed, scai::UtcTime::min(), out);
    return out;
}

std::int64_t oldest_kept(const Info& info) {
    return info.max_versions == 0 ? 1 : std::max<std::int64_t>(1, info.last_version - info.max_versions + 1);
}

events::Event event_of(std::string_view type, std::string_view owner, const Info& info, Value data) {
    return {.type = std::string(type),
            .owner = std::string(owner),
            .path = info.path,
            .secret_type = info.secret_type,
            .tags = info.tags,
            .data = std::move(data)};
}

void tell_created(Tx& tx, const Caller& who, std::string_view owner, const Info& info) {
    events::emit(tx, who,
                 event_of("secret.created", owner, info,
                          Value::object({{"version", info.version},
                                         {"secret_type", info.secret_type},
                                         {"created_by", who.identity_id},
                                         {"tags", Value::array_of(info.tags)},
                                         {"expires_at", time_or_null(info.expires_at)}})));
}

void tell_updated(Tx& tx, const Caller& who, std::string_view owner, const Info& info,
                  std::int64_t old_version, bool is_rotation) {
    events::emit(tx, who,
                 event_of("secret.updated", owner, info,
                          Value::object({{"old_version", old_version},
                                         {"new_version", info.version},
                                         {"updated_by", who.identity_id},
                                         {"is_rotation", is_rotation}})));
}

void tell_rotated(Tx& tx, const Caller& who, std::string_view owner, const Info& info,
                  std::int64_t old_version, const Cause& cause,
                  const std::optional<scai::UtcTime>& grace_ends) {
    const auto text = [](const std::string& id) { return id.empty() ? Value(nullptr) : Value(id); };
    events::emit(tx, who,
                 event_of("secret.rotated", owner, info,
                          Value::object({{"old_version", old_version},
                                         {"new_version", info.version},
                                         {"rotation_policy_id", text(cause.rotation_policy_id)},
                                         {"rotation_policy_name", text(cause.rotation_policy_name)},
                                         {"grace_period_ends", time_or_null(grace_ends)},
                                         {"auto_generated", cause.auto_generated}})));
}

scai::Result<seal::Sealed> seal_version(seal::Keyring& keyring, const Caller& who, std::string_view owner,
                                        const Info& info, const scai::SecretText& data) {
    return keyring.seal({.tenant_id = owner,
                         .partner_id = who.partner_id,
                         .secret_id = info.secret_id,
                         .path = info.path,
                         .version = info.version},
                        data.reveal());
}

/// nullopt: the path was taken meanwhile.
scai::Result<std::optional<Written>> create(Tx& tx, seal::Keyring& keyring, const Caller& who,
                                            std::string_view owner, std::string_view path, const Write& write,
                                            scai::UtcTime now) {
    if ((write.options.cas && *write.options.cas != 0) || write.options.revision)
        return version_conflict(path, 0);
    Written out;
    out.created = true;
    out.info.path = path;
    out.info.secret_id = "sec_" + scai::crypto::random_id(20);
    out.info.secret_type = write.secret_type.value_or("kv");
    out.info.version = out.info.oldest_version = out.info.last_version = out.info.revision = 1;
    out.info.metadata = "{}";
    out.info.max_versions = default_max_versions;
    out.info.notify_before = {"30d", "7d", "1d"};
    out.info.created_at = out.info.updated_at = now;
    out.info.created_by = out.info.updated_by = who.identity_id;
    apply(out.info, write.metadata, write.options, now);
    SCAI_TRY(const auto sealed, seal_version(keyring, who, owner, out.info, write.data));
    if (!store::create(tx, owner, out.info, first_notice(out.info.expires_at, out.info.notify_before, now),
                       sealed))
        return std::optional<Written>{};
    rotation::link_changed(tx, who, owner, path, std::nullopt, out.info.rotation_policy_id, now);
    tell_created(tx, who, owner, out.info);
    return std::optional<Written>(std::move(out));
}

scai::Result<Written> append(Tx& tx, seal::Keyring& keyring, const Caller& who, std::string_view owner,
                             store::Locked&& locked, const Write& write, const Cause& cause,
                             scai::UtcTime now) {
    SCAI_TRY([[maybe_unused]] const auto fine,
             check_expected(locked.info, write.options.cas, write.options.revision));
    if (!cause.is_rotation && locked.info.rotation_policy_id)
        if (const auto due = rotation::due_rotation(tx, owner, locked.info.path, now)) {
            const Cause rotation{.is_rotation = true,
                                 .rotation_policy_id = due->policy_id,
                                 .rotation_policy_name = due->policy_name,
                                 .grace_period = due->grace_period,
                                 .auto_generated = cause.auto_generated};
            const auto path = locked.info.path;
            const auto old_version = locked.info.version;
            SCAI_TRY(auto rotated, append(tx, keyring, who, owner, std::move(locked), write, rotation, now));
            rotation::close_by_write(tx, who, owner, path, old_version, rotated.info.version, now);
            return rotated;
        }
    Written out;
    out.info = std::move(locked.info);
    const auto old_version = out.info.version;
    const auto old_policy = out.info.rotation_policy_id;
    out.info.version = ++out.info.last_version;
    ++out.info.revision;
    out.info.secret_type = write.secret_type.value_or(out.info.secret_type);
    out.info.updated_at = now;
    out.info.updated_by = who.identity_id;
    const bool other_tags = apply(out.info, write.metadata, write.options, now);
    store::Append how;
    how.oldest_kept = oldest_kept(out.info);
    out.info.oldest_version = std::max(out.info.oldest_version, how.oldest_kept);
    if (cause.is_rotation && cause.grace_period)
        how.others_readable = now + *cause.grace_period;
    SCAI_TRY(const auto sealed, seal_version(keyring, who, owner, out.info, write.data));
    store::append(tx, owner, out.info, notice_of(out.info, write.options, locked.noticed_seconds, now),
                  sealed, how);
    if (other_tags)
        store::set_tags(tx, owner, out.info.path, out.info.tags);
    rotation::link_changed(tx, who, owner, out.info.path, old_policy, out.info.rotation_policy_id, now);
    tell_updated(tx, who, owner, out.info, old_version, cause.is_rotation);
    if (cause.is_rotation)
        tell_rotated(tx, who, owner, out.info, old_version, cause, how.others_readable);
    return out;
}

/// A rotation policy or a secret policy that a write names must be there.
scai::Status check_links(Tx& tx, std::string_view owner, const Options& options) {
    if (options.rotation_policy_id && !options.rotation_policy_id->empty()) {
        SCAI_TRY([[maybe_unused]] const auto there,
                 rotation::check_policy(tx, owner, *options.rotation_policy_id));
    }
    if (options.secret_policy_id && !options.secret_policy_id->empty())
        return rotation::check_recipe(tx, owner, *options.secret_policy_id);
    return scai::Done{};
}

/// The row of a secret that is not removed.
scai::Result<store::Locked> lock_live(Tx& tx, std::string_view owner, std::string_view path) {
    auto locked = store::lock(tx, owner, path);
    if (!locked || locked->deleted_at)
        return secret_not_found(path);
    return std::move(*locked);
}

} // namespace

scai::Error secret_not_found(std::string_view path) {
    return not_found("secret_not_found", "no secret at \x27" + std::string(path) + "\x27",
                     Value::object({{"path", path}}));
}

scai::Error version_not_found(std::string_view path, std::int64_t version) {
    return not_found("version_not_found", "the secret has no such version",
                     Value::object({{"path", path}, {"version", version}}));
}

scai::db::Scope write_scope(std::string_view owner) {
    return owner.find('/') == std::string_view::npos ? scai::db::Scope::tenant(owner)
                                                     : scai::db::Scope::all_tenants();
}

scai::Result<scai::SecretText> open(seal::Keyring& keyring, std::string_view owner,
                                    std::string_view partner_id, const store::Stored& stored) {
    try {
        return keyring.open({.tenant_id = owner,
                             .partner_id = partner_id,
                             .secret_id = stored.info.secret_id,
                             .path = stored.info.path,
                             .version = stored.version},
                            stored.sealed);
    } catch (const seal::Damaged& damaged) {
        scai::log::error("secret_damaged", {{"owner", owner},
                                            {"path", stored.info.path},
                                            {"version", stored.version},
                                            {"key_id", stored.sealed.key_id},
                                            {"what", damaged.what()}});
        throw;
    }
}

scai::Result<Plain> read(scai::db::Pool& pool, seal::Keyring& keyring, std::string_view owner,
                         std::string_view partner_id, std::string_view path,
                         std::optional<std::int64_t> version, scai::UtcTime now) {
    SCAI_TRY(auto stored,
             Finder(pool).find(owner, {.path = std::string(path), .version = version, .now = now}));
    SCAI_TRY(auto data, open(keyring, owner, partner_id, stored));
    return Plain{.info = std::move(stored.info), .version = stored.version, .data = std::move(data)};
}

std::vector<store::Stored> find_many(scai::db::Pool& pool, std::string_view owner,
                                     const std::vector<std::string>& paths,
                                     std::optional<std::int64_t> version, std::int64_t most_bytes,
                                     scai::UtcTime now) {
    if (paths.empty())
        return {};
    auto reader = pool.read(scai::db::Scope::tenant(owner));
    return store::find_many(reader, owner, paths, version, most_bytes, now);
}

scai::Result<store::Described> describe(scai::db::Pool& pool, std::string_view owner, std::string_view path) {
    auto reader = pool.read(scai::db::Scope::tenant(owner));
    auto out = store::describe(reader, owner, path);
    if (!out)
        return secret_not_found(path);
    return std::move(*out);
}

std::vector<store::Described> describe_many(scai::db::Pool& pool, std::string_view owner,
                                            const std::vector<std::string>& paths) {
    if (paths.empty())
        return {};
    auto reader = pool.read(scai::db::Scope::tenant(owner));
    return store::describe_many(reader, owner, paths);
}

scai::Result<store::VersionPage> versions(scai::db::Pool& pool, std::string_view owner, std::string_view path,
                                          std::int64_t before, std::int64_t limit, scai::UtcTime now) {
    auto reader = pool.read(scai::db::Scope::tenant(owner));
    auto out = store::versions(reader, owner, path, before, limit, now);
    if (!out)
        return secret_not_found(path);
    return std::move(*out);
}

scai::Status prepare(seal::Keyring& keyring, std::string_view owner, std::string_view partner_id) {
    const auto sealed = keyring.seal(
        {.tenant_id = owner, .partner_id = partner_id, .secret_id = {}, .path = {}, .version = 0}, "");
    if (!sealed)
        return sealed.error();
    return scai::Done{};
}

scai::Result<Written> write(Tx& tx, seal::Keyring& keyring, const Caller& who, std::string_view owner,
                            std::string_view path, const Write& write, const Cause& cause,
                            scai::UtcTime now) {
    SCAI_TRY([[maybe_unused]] const auto known, check_links(tx, owner, write.options));
    for (int attempt = 0; attempt < attempts_at_creation; ++attempt) {
        auto locked = store::lock(tx, owner, path);
        if (locked && locked->deleted_at) {
            if (locked->recoverable_until && *locked->recoverable_until > now)
                return conflict(
                    "secret_exists",
                    "the path holds a removed secret: restore it (POST .../restore) or remove it for good "
                    "(DELETE ...?permanent=true)",
                    Value::object({{"path", path},
                                   {"recoverable_until", scai::to_iso8601(*locked->recoverable_until)}}));
            if (write.options.cas.value_or(0) != 0 || write.options.revision)
                return version_conflict(path, 0);
            store::erase(tx, owner, path, locked->info.secret_id);
            locked.reset();
        }
        if (locked)
            return append(tx, keyring, who, owner, std::move(*locked), write, cause, now);
        SCAI_TRY(auto created, create(tx, keyring, who, owner, path, write, now));
        if (created)
            return std::move(*created);
    }
    throw std::runtime_error("a path came and went while it was written");
}

scai::Result<store::Described> change(Tx& tx, const Caller& who, std::string_view owner,
                                      std::string_view path, const Patch& patch, scai::UtcTime now) {
    SCAI_TRY([[maybe_unused]] const auto known, check_links(tx, owner, patch.options));
    SCAI_TRY(auto locked, lock_live(tx, owner, path));
    auto& info = locked.info;
    SCAI_TRY([[maybe_unused]] const auto fine,
             check_expected(info, patch.options.cas, patch.options.revision));
    Value metadata;
    if (patch.metadata.present()) {
        SCAI_TRY(metadata, patched(info.metadata, patch.metadata));
    }
    ++info.revision;
    info.updated_at = now;
    info.updated_by = who.identity_id;
    const auto old_policy = info.rotation_policy_id;
    const bool other_tags = apply(info, metadata, patch.options, now);
    const auto oldest = oldest_kept(info);
    const bool fewer = oldest > info.oldest_version;
    info.oldest_version = std::max(info.oldest_version, oldest);
    store::change(tx, owner, info, notice_of(info, patch.options, locked.noticed_seconds, now));
    if (fewer)
        store::trim(tx, owner, info.secret_id, oldest);
    if (other_tags)
        store::set_tags(tx, owner, path, info.tags);
    rotation::link_changed(tx, who, owner, path, old_policy, info.rotation_policy_id, now);
    const auto count = store::count_versions(tx, owner, info.secret_id);
    auto rotation = store::rotation_of(tx, owner, path);
    return store::Described{.info = std::move(info), .version_count = count, .rotation = std::move(rotation)};
}

scai::Result<Removed> remove(Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                             bool permanent, const std::optional<Tag>& expected, scai::UtcTime now) {
    const auto locked = store::lock(tx, owner, path);
    if (!locked || (locked->deleted_at && !permanent))
        return secret_not_found(path);
    const auto& info = locked->info;
    SCAI_TRY([[maybe_unused]] const auto fine, check_expected(info, expected));
    Removed out;
    out.permanent = permanent;
    if (permanent) {
        out.version_count = store::erase(tx, owner, path, info.secret_id);
        rotation::link_changed(tx, who, owner, path, info.rotation_policy_id, std::nullopt, now);
    } else {
        out.version_count = store::count_versions(tx, owner, info.secret_id);
        out.recoverable_until = now + retention;
        store::mark_deleted(tx, owner, path, who.identity_id, now, *out.recoverable_until);
    }
    auto data = Value::object(
        {{"version_count", out.version_count}, {"deleted_by", who.identity_id}, {"permanent", permanent}});
    if (out.recoverable_until)
        data.set("recoverable_until", scai::to_iso8601(*out.recoverable_until));
    events::emit(tx, who, event_of("secret.deleted", owner, info, std::move(data)));
    return out;
}

scai::Result<Destroyed> destroy(Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                                std::int64_t version, const std::optional<Tag>& expected, scai::UtcTime now) {
    SCAI_TRY(auto locked, lock_live(tx, owner, path));
    auto& info = locked.info;
    SCAI_TRY([[maybe_unused]] const auto fine, check_expected(info, expected));
    Destroyed out;
    out.version = version;
    if (!store::destroy(tx, owner, path, info.secret_id, version, who.identity_id, now, out.current))
        return version_not_found(path, version);
    const auto before = info.version;
    info.version = out.current;
    if (out.current != before)
        tell_updated(tx, who, owner, info, before, false);
    return out;
}

scai::Result<store::Described> restore(Tx& tx, const Caller& who, std::string_view owner,
                                       std::string_view path, scai::UtcTime now) {
    auto locked = store::lock(tx, owner, path);
    if (!locked)
        return secret_not_found(path);
    auto& info = locked->info;
    if (!locked->deleted_at)
        return conflict("secret_exists", "the secret was not removed", Value::object({{"path", path}}));
    if (!locked->recoverable_until || *locked->recoverable_until <= now)
        return secret_not_found(path);
    Notice notice;
    if (info.expires_at)
        due_notices(*info.expires_at, info.notify_before, locked->noticed_seconds, scai::UtcTime::min(),
                    notice);
    store::mark_restored(tx, owner, path, who.identity_id, notice, now);
    ++info.revision;
    info.updated_at = now;
    info.updated_by = who.identity_id;
    tell_created(tx, who, owner, info);
    const auto count = store::count_versions(tx, owner, info.secret_id);
    auto rotation = store::rotation_of(tx, owner, path);
    return store::Described{.info = std::move(info), .version_count = count, .rotation = std::move(rotation)};
}

} // namespace scaivault::secrets
