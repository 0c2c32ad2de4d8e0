// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/vault/credentials.hpp"

#include "lib/crypto/crypto.hpp"

namespace scaiflow::vault {

using scai::Done;
using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::SecretText;
using scai::Status;
using scai::json::Value;

namespace {

constexpr auto fresh = std::chrono::seconds(5);        // how long a rotated key may still be used elsewhere
constexpr auto pause = std::chrono::seconds(2);        // between questions that get no answer
constexpr auto stale_limit = std::chrono::minutes(10); // a key that was good when ScaiVault last answered
constexpr std::size_t most_entries = 20'000;
// The key has no history: an old key is a secret nobody needs. The base URL keeps what the key may point to.
constexpr std::int64_t key_versions = 1, base_url_versions = 1'000;

Error torn() {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "scaigrid_credentials_torn",
                 .message = "the stored key belongs to a base URL that is no longer in ScaiVault",
                 .fix = "set both again: POST /v1/tenants/me/scaigrid_credentials"};
}

/// "base_url" as this program writes it; "value" and "url" as people do.
std::string url_in(const Value& data) {
    for (const char* name : {"base_url", "value", "url"})
        if (const auto url = normal_base_url(data.member(name)); !url.empty())
            return url;
    return "";
}

SecretText key_in(const Value& data) {
    for (const char* name : {"key", "value", "api_key"})
        if (const auto value = data.get(name).text(); value && !value->empty())
            return SecretText(*value);
    return {};
}

} // namespace

Result<TenantCredentials::Found> TenantCredentials::get(const std::string& tenant_id) {
    SCAI_TRY(const auto paths, paths_of(tenant_id));
    SCAI_TRY(const auto key, client_.read(paths.key));
    if (!key)
        return Found{};
    auto out = std::make_shared<Pair>();
    out->key = key_in(key->data);
    if (out->key.empty())
        return Found{};
    const auto pair = key->data.member("pair");
    const auto version = key->data.get("base_url_version").integer();
    const auto base_url = client_.read(paths.base_url, pair.empty() ? std::nullopt : version);
    if (!base_url)
        return base_url.error();
    const auto& secret = *base_url;
    if (!pair.empty() && (!secret || secret->data.member("pair") != pair))
        return torn();
    if (secret)
        out->base_url = url_in(secret->data);
    return Found(std::move(out));
}

Result<TenantCredentials::Found> TenantCredentials::find(const std::string& tenant_id) {
    std::uint64_t changes = 0;
    {
        const std::lock_guard lock(mutex_);
        if (entries_.size() >= most_entries)
            entries_.clear();
        auto& entry = entries_[tenant_id];
        const auto now = clock_.now();
        if (entry.found && now - entry.answered_at < fresh)
            return *entry.found;
        const bool wait = entry.asking || (entry.failure && now - entry.asked_at < pause);
        if (wait && entry.found && now - entry.answered_at < stale_limit)
            return *entry.found;
        if (wait && entry.failure)
            return *entry.failure;
        entry.asking = true;
        entry.asked_at = now;
        changes = entry.changes;
    }
    auto answer = get(tenant_id);
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[tenant_id];
    entry.asking = false;
    if (answer) {
        entry.failure.reset();
        if (entry.changes == changes) {
            entry.found = *answer;
            entry.answered_at = entry.asked_at;
        }
        return answer;
    }
    entry.failure = answer.error();
    if (entry.found && clock_.now() - entry.answered_at < stale_limit)
        return *entry.found;
    return answer;
}

Status TenantCredentials::put(const std::string& tenant_id, const SecretText& key,
                              const std::string& base_url) {
    SCAI_TRY(const auto paths, paths_of(tenant_id));
    const auto pair = scai::crypto::random_id(24);
    SCAI_TRY(const auto version,
             client_.write(paths.base_url, "kv", Value::object({{"base_url", base_url}, {"pair", pair}}),
                           base_url_versions));
    const auto written = client_.write(
        paths.key, "api_key",
        Value::object({{"key", key.reveal()}, {"pair", pair}, {"base_url_version", version}}), key_versions);
    forget(tenant_id);
    if (!written)
        return written.error();
    return Done{};
}

Result<bool> TenantCredentials::remove(const std::string& tenant_id) {
    SCAI_TRY(const auto paths, paths_of(tenant_id));
    const auto gone = client_.remove(paths.key);
    forget(tenant_id);
    if (!gone)
        return gone.error();
    SCAI_TRY([[maybe_unused]] const auto url_gone, client_.remove(paths.base_url));
    return *gone;
}

void TenantCredentials::forget(const std::string& tenant_id) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[tenant_id];
    entry.found.reset();
    entry.failure.reset();
    ++entry.changes;
}

} // namespace scaiflow::vault
