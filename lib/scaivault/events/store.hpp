// Reading the outbox. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/events/rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scaivault::events::store {

/// A place in the outbox: everything up to it has been seen.
struct Position {
    std::string txid = "0";
    std::int64_t seq = 0;
    bool operator==(const Position&) const = default;
};
Position position_of(const Row& row);
bool before(const Position& a, const Position& b);

/// The oldest transaction still open: events of it and later ones may still be joined by earlier ones.
std::string horizon(scai::db::Reader& reader);
/// Events after `position` of transactions before `horizon`, in order; of one owner, or of all with "".
std::vector<Row> read_after(scai::db::Reader& reader, std::string_view owner, const Position& position,
                            std::string_view horizon, std::int64_t limit);
/// A test for one webhook alone; needs no spreading.
Row emit_test(scai::db::Tx& tx, std::string_view tenant_id, std::string_view partner_id,
              std::string_view identity_id, std::string_view request_id, std::string_view webhook_id);

} // namespace scaivault::events::store
