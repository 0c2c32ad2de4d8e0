// A transaction that may meet a unique index: the loser of a race gets the 409 that the check before would
// have given. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaikey/app/errors.hpp"

#include <string>
#include <type_traits>

namespace scaikey {

template<class Work>
auto in_tx_unique(scai::db::Pool& pool, const scai::db::Scope& scope, const std::string& duplicate, Work work)
    -> std::invoke_result_t<Work, scai::db::Tx&> {
    try {
        return scai::db::in_tx(pool, scope, work);
    } catch (const scai::db::Error& error) {
        if (error.sqlstate() == "23505") // unique_violation
            return conflict(duplicate);
        throw;
    }
}

} // namespace scaikey
