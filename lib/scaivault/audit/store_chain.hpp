// Seals and the rows below them as they are stored. Transaction numbers are decimal text of 64 bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/audit/chain.hpp"

#include <string>
#include <vector>

namespace scaivault::audit {

/// Transactions [begin, end).
struct Window {
    std::int64_t begin = 0, end = 0;
    friend bool operator==(const Window&, const Window&) = default;
};

struct Seal {
    std::string tenant_id;
    std::int64_t number = 0;
    Window window;
    std::int64_t row_count = 0;
    std::int64_t last_at = 0; ///< microseconds
    std::string rows_hash = {}, hash = {};
};

/// What a seal covers of a row: its canonical text.
struct SealedRow {
    std::string tenant_id, text;
    std::int64_t at = 0; ///< microseconds
};

/// The next window to seal, empty (begin == end) when there is nothing; and how far seals reach.
struct Horizon {
    std::int64_t sealed = 0;  ///< end of the last window
    std::int64_t settled = 0; ///< no open transaction is below
};
Horizon horizon(scai::db::Reader& reader);
/// At most `batch` rows from `from` on, but whole transactions and at least one; nullopt when there is no
/// row.
std::optional<Window> next_window(scai::db::Reader& reader, const Horizon& from, std::int64_t batch);
/// Of all tenants or of one, by tenant, then in the order the chain takes them.
std::vector<SealedRow> rows_of(scai::db::Reader& reader, const Window& window,
                               const std::optional<std::string>& tenant_id);

std::vector<Seal> last_seals(scai::db::Reader& reader, const std::optional<std::string>& tenant_id);
std::vector<Seal> retired_seals(scai::db::Reader& reader, const std::optional<std::string>& tenant_id);
void add_seals(scai::db::Tx& tx, const std::vector<Seal>& seals);
/// The first window that begins at or after `from` and has a seal.
std::optional<Window> window_after(scai::db::Reader& reader, std::int64_t from,
                                   const std::optional<std::string>& tenant_id);
std::vector<Seal> seals_of(scai::db::Reader& reader, const Window& window,
                           const std::optional<std::string>& tenant_id);
/// Rows in transactions [begin, end) that were not retired, by tenant.
struct Loose {
    std::string tenant_id;
    std::int64_t rows = 0;
};
std::vector<Loose> loose_rows(scai::db::Reader& reader, const Window& window,
                              const std::optional<std::string>& tenant_id);
std::int64_t count_unsealed(scai::db::Reader& reader, std::int64_t sealed,
                            const std::optional<std::string>& tenant_id);
/// Partitions of the coming months; how many were made.
std::int64_t make_partitions(scai::db::Tx& tx, int ahead);

std::vector<std::string> tenants_with_seals(scai::db::Reader& reader);
std::int64_t count_retirable(scai::db::Reader& reader);
std::int64_t retire_seals(scai::db::Tx& tx, const std::string& tenant_id, std::int64_t limit);
struct Reclaimed {
    std::int64_t months = 0, rows = 0;
};
Reclaimed reclaim_rows(scai::db::Tx& tx, std::int64_t limit);
void store_retention(scai::db::Tx& tx, const std::string& tenant_id, std::optional<int> years);
std::optional<std::int64_t> find_retention(scai::db::Reader& reader, const std::string& tenant_id);
bool is_tenant_known(scai::db::Reader& reader, const std::string& tenant_id);

} // namespace scaivault::audit
