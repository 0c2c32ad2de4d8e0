// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/auth/store.hpp"

namespace scaiflow::auth {

namespace {

using scai::db::Scope;
using scai::db::Tx;

constexpr auto purge_exchanges = R"(
    DELETE FROM scaiflow.code_exchanges
     WHERE code_hash IN (SELECT code_hash FROM scaiflow.code_exchanges
                          WHERE claimed_at < now() - interval '60 seconds'
                          LIMIT 1000 FOR UPDATE SKIP LOCKED)
)";

// A failure of ScaiKey is the twin's answer too, but not that of who tries again a little later.
constexpr auto insert_claim = R"(
    INSERT INTO scaiflow.code_exchanges AS e (code_hash) VALUES (:p1)
    ON CONFLICT (code_hash) DO UPDATE SET claimed_at = now(), status = NULL, answer = NULL
     WHERE (e.status >= 500 AND e.claimed_at < now() - interval '2 seconds')
        OR e.claimed_at < now() - :p2::bigint * interval '1 second'
)";

constexpr auto select_answer = R"(
    SELECT answer, (extract(epoch FROM clock_timestamp() - claimed_at) * 1000)::bigint
      FROM scaiflow.code_exchanges
     WHERE code_hash = :p1
)";

constexpr auto update_answer = R"(
    UPDATE scaiflow.code_exchanges SET status = :p2::integer, answer = :p3 WHERE code_hash = :p1
)";

} // namespace

bool claim_exchange(scai::db::Pool& pool, const Submission& submission) {
    return scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) {
        tx.run(purge_exchanges);
        return tx.run(insert_claim, submission.hash, std::int64_t{submission.window.count()}) == 1;
    });
}

std::optional<StoredAnswer> find_answer(scai::db::Pool& pool, const std::string& hash) {
    const auto row =
        pool.read(Scope::none()).maybe<std::optional<std::string>, std::int64_t>(select_answer, hash);
    if (!row)
        return std::nullopt;
    return StoredAnswer{.sealed = std::get<0>(*row), .age = std::chrono::milliseconds(std::get<1>(*row))};
}

void settle_exchange(scai::db::Pool& pool, const std::string& hash, int status, const std::string& sealed) {
    scai::db::in_tx(pool, Scope::none(), [&](Tx& tx) { tx.run(update_answer, hash, status, sealed); });
}

} // namespace scaiflow::auth
