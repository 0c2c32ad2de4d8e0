// SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/store_keys.hpp"

#include <map>

namespace scai::oidc {

namespace {

constexpr std::string_view load_keys = R"(
    SELECT document,
           coalesce((extract(epoch FROM fetched_at) * 1000000)::bigint, 0),
           coalesce((extract(epoch FROM attempted_at) * 1000000)::bigint, 0)
      FROM $schema.jwks_cache
     WHERE url = :p1
)";

// One statement, so that of many callers exactly one gets a row. A time in the future (the clock stepped
// back) does not block for ever.
constexpr std::string_view claim_fetch = R"(
    INSERT INTO $schema.jwks_cache AS c (url, attempted_at)
    VALUES (:p1, 'epoch'::timestamptz + :p2::bigint * interval '1 microsecond')
    ON CONFLICT (url) DO UPDATE SET attempted_at = excluded.attempted_at
     WHERE c.attempted_at IS NULL
        OR c.attempted_at <= excluded.attempted_at - :p3::bigint * interval '1 second'
        OR c.attempted_at > excluded.attempted_at + :p3::bigint * interval '1 second'
)";

// attempted_at is the claims' alone: an ordinary fetch must not delay the answer to a key rotation.
constexpr std::string_view save_keys = R"(
    INSERT INTO $schema.jwks_cache AS c (url, document, fetched_at)
    VALUES (:p1, :p2, 'epoch'::timestamptz + :p3::bigint * interval '1 microsecond')
    ON CONFLICT (url) DO UPDATE SET document = excluded.document, fetched_at = excluded.fetched_at
)";

struct Statements {
    std::string load, claim, save;
};

/// Sessions know a statement by its address: the texts of a schema are made once and stay.
const Statements& statements_of(std::string_view schema) {
    static std::mutex mutex;
    static std::map<std::string, const Statements, std::less<>> made;
    const std::lock_guard lock(mutex);
    auto found = made.find(schema);
    if (found == made.end()) {
        const auto with_schema = [&](std::string_view text) {
            constexpr std::string_view mark = "$schema";
            std::string out(text);
            const auto at = out.find(mark);
            return out.replace(at, mark.size(), schema);
        };
        found = made.emplace(schema, Statements{.load = with_schema(load_keys),
                                                .claim = with_schema(claim_fetch),
                                                .save = with_schema(save_keys)})
                    .first;
    }
    return found->second;
}

std::int64_t microseconds(UtcTime time) {
    return time.time_since_epoch().count();
}

class DatabaseKeyStore final : public KeyStore {
public:
    DatabaseKeyStore(db::Pool& pool, std::string_view schema)
        : pool_(pool), statements_(statements_of(schema)) {}

    std::optional<Row> load(const std::string& url) override {
        const auto row = pool_.read(db::Scope::none())
                             .maybe<std::string, std::int64_t, std::int64_t>(statements_.load.c_str(), url);
        if (!row)
            return std::nullopt;
        const auto& [document, fetched, attempted] = *row;
        return Row{.document = document,
                   .fetched_at = UtcTime(std::chrono::microseconds(fetched)),
                   .attempted_at = UtcTime(std::chrono::microseconds(attempted))};
    }

    bool claim(const std::string& url, UtcTime now, std::chrono::seconds cooldown) override {
        return db::in_tx(pool_, db::Scope::none(), [&](db::Tx& tx) {
            return tx.run(statements_.claim.c_str(), url, microseconds(now),
                          std::int64_t{cooldown.count()}) == 1;
        });
    }

    void save(const std::string& url, const std::string& document, UtcTime now) override {
        db::in_tx(pool_, db::Scope::none(),
                  [&](db::Tx& tx) { tx.run(statements_.save.c_str(), url, document, microseconds(now)); });
    }

private:
    db::Pool& pool_;
    const Statements& statements_;
};

} // namespace

std::unique_ptr<KeyStore> make_database_key_store(db::Pool& pool, std::string_view schema) {
    return std::make_unique<DatabaseKeyStore>(pool, schema);
}

} // namespace scai::oidc
