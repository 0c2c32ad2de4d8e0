// Idempotency-Key: a POST repeated with the key of the first one gets the first one's answer and has no
// second effect, also when both run at once or the first answer was lost on the way.
//
//   SCAI_TRY(const auto key, scaiflow::idempotency_key(request));          // 400 for a key that is none
//   return db::in_tx(pool, scope, [&](db::Tx& tx) {
//       return scaiflow::once(tx, key, [&]() -> Result<Response> { ...the effect, with tx... });
//   });
//
// The key is remembered in the transaction of the effect, so both happen or neither; a twin waits on the row
// until the first one is done. Keys belong to the caller: two people may use the same. An answer that is an
// error is not remembered: the request may be repaired and sent again with the same key. Kept 24 hours at
// least (scaiflow-job-purge). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/web/http.hpp"

#include <functional>
#include <optional>
#include <string>

namespace scaiflow {

struct IdempotencyKey {
    std::string tenant_id, subject, key;
    std::string request_sha256; ///< hex, of method, path, query and body
};

/// nullopt without the header; bad_request unless it is 1..255 visible ASCII characters.
scai::Result<std::optional<IdempotencyKey>> idempotency_key(const scai::web::Request& request);

/// Runs `effect`, or answers as the first request with this key was answered, with Idempotency-Replayed:
/// true. unprocessable when the first request was another one. Without a key just runs it. NB: when `effect`
/// gives an error it must have written nothing (or the caller must roll back), because the transaction goes
/// on.
scai::Result<scai::web::Response> once(scai::db::Tx& tx, const std::optional<IdempotencyKey>& key,
                                       const std::function<scai::Result<scai::web::Response>()>& effect);

} // namespace scaiflow
