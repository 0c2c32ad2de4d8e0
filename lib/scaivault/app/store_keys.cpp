// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/key_store.hpp"

namespace scaivault {

namespace {

using scai::UtcTime;

constexpr auto load_keys = R"(
    SELECT document,
           coalesce((extract(epoch FROM fetched_at) * 1000000)::bigint, 0),
           coalesce((extract(epoch FROM attempted_at) * 1000000)::bigint, 0)
      FROM scaivault.jwks_cache
     WHERE url = :p1
)";

// One statement, so that of many callers exactly one gets a row. A time in the future (the clock stepped
// back) does not block for ever.
constexpr auto claim_fetch = R"(
    INSERT INTO scaivault.jwks_cache AS c (url, attempted_at)
    VALUES (:p1, 'epoch'::timestamptz + :p2::bigint * interval '1 microsecond')
    ON CONFLICT (url) DO UPDATE SET attempted_at = excluded.attempted_at
     WHERE c.attempted_at IS NULL
        OR c.attempted_at <= excluded.attempted_at - :p3::bigint * interval '1 second'
        OR c.attempted_at > excluded.attempted_at + :p3::bigint * interval '1 second'
)";

// attempted_at is the claims' alone: an ordinary fetch must not delay the answer to a key rotation.
constexpr auto save_keys = R"(
    INSERT INTO scaivault.jwks_cache AS c (url, document, fetched_at)
    VALUES (:p1, :p2, 'epoch'::timestamptz + :p3::bigint * interval '1 microsecond')
    ON CONFLICT (url) DO UPDATE SET document = excluded.document, fetched_at = excluded.fetched_at
)";

std::int64_t microseconds(UtcTime time) {
    return time.time_since_epoch().count();
}

class DatabaseKeyStore final : public scai::oidc::KeyStore {
public:
    explicit DatabaseKeyStore(scai::db::Pool& pool) : pool_(pool) {}

    std::optional<Row> load(const std::string& url) override {
        const auto row = pool_.read(scai::db::Scope::none())
                             .maybe<std::string, std::int64_t, std::int64_t>(load_keys, url);
        if (!row)
            return std::nullopt;
        const auto& [document, fetched, attempted] = *row;
        return Row{.document = document,
                   .fetched_at = UtcTime(std::chrono::microseconds(fetched)),
                   .attempted_at = UtcTime(std::chrono::microseconds(attempted))};
    }

    bool claim(const std::string& url, UtcTime now, std::chrono::seconds cooldown) override {
        return scai::db::in_tx(pool_, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
            return tx.run(claim_fetch, url, microseconds(now), std::int64_t{cooldown.count()}) == 1;
        });
    }

    void save(const std::string& url, const std::string& document, UtcTime now) override {
        scai::db::in_tx(pool_, scai::db::Scope::none(),
                        [&](scai::db::Tx& tx) { tx.run(save_keys, url, document, microseconds(now)); });
    }

private:
    scai::db::Pool& pool_;
};

} // namespace

std::unique_ptr<scai::oidc::KeyStore> make_key_store(scai::db::Pool& pool) {
    return std::make_unique<DatabaseKeyStore>(pool);
}

} // namespace scaivault
