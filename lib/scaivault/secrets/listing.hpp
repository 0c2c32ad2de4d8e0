// Lists of secrets: only what the caller may see, page by page, at a cost that follows the page. Where
// policies leave little of what is there, a page may be short and still not be the last one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/secrets/model.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::secrets {

/// Decides about one path; of policies, or of a pattern.
using Allowed = std::function<bool(std::string_view path)>;

/// `ranges` narrowed to what begins with `prefix`, sorted, none within another: as a walk wants them.
std::vector<std::string> narrowed(std::vector<std::string> ranges, std::string_view prefix);

struct ListQuery {
    std::vector<std::string> ranges; ///< of narrowed()
    std::optional<std::string> type;
    std::vector<std::string> tags; ///< all of them
    std::int64_t limit = 100;
    std::string after;                   ///< path before the first; "" = from the beginning
    std::int64_t most_examined = 10'000; ///< rows looked at before the page is given as it is
    /// Set: deleted ones that can be restored then, instead of the living.
    std::optional<scai::UtcTime> restorable_at = {};
};
struct Page {
    std::vector<Listed> rows;
    std::optional<std::string> after; ///< of the next page; absent = this is the last one
    std::int64_t examined = 0;
};
/// Secrets of `owner`, and of `partner_owner` where that has a path `owner` has not ("" = of nobody else).
Page list(scai::db::Pool& pool, std::string_view owner, std::string_view partner_owner,
          const ListQuery& query, const Allowed& allowed);

struct ExpiringQuery {
    std::string prefix;
    scai::UtcTime until;
    std::int64_t limit = 100;
    std::int64_t after_us = 0; ///< with after_path: the row before the first
    std::string after_path;
};
struct ExpiringPage {
    std::vector<Listed> rows;
    std::optional<std::pair<std::int64_t, std::string>> after; ///< of the next page
};
/// In the order of their expiry; those that have expired are part of it.
ExpiringPage list_expiring(scai::db::Pool& pool, std::string_view owner, const ExpiringQuery& query,
                           const Allowed& allowed);

} // namespace scaivault::secrets
