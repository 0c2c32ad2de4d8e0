// Lists of ScaiGrid for the pickers of the canvas (contract scaiflow-api.md 2.9).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/grid/answer_cache.hpp"
#include "lib/scaiflow/grid/client.hpp"
#include "lib/scaiflow/grid/rows.hpp"
#include "lib/web/http.hpp"

#include <string>
#include <string_view>

namespace scaiflow::grid {

struct Lookup {
    std::string path; ///< of ScaiGrid
    RowMaker make;
    std::string_view id; ///< member of a made row that names it: pages may overlap
    /// Members that rows get when they have none.
    std::vector<std::pair<std::string_view, std::string>> fill = {};
};

inline constexpr int most_pages = 50;
inline constexpr std::size_t most_rows = 10000;

/// {"data":[...]} with the rows of all pages; "truncated": true when there are more pages or rows than the
/// bounds allow. `limit` is for all of it.
AnswerCache::Outcome all_rows(Client& client, const Lookup& lookup, std::chrono::milliseconds limit);

/// The answer to a request, from the cache of the caller's credential or from ScaiGrid.
scai::Result<scai::web::Response> answer(Context& context, const scai::web::Request& request,
                                         const Lookup& lookup);

/// A path parameter that goes into a path of ScaiGrid: 1..200 visible characters, else not_found.
scai::Result<std::string> id_param(const scai::web::Request& request, std::string_view name);
/// What tells one credential from another without being one, for keys of caches.
std::string identity_of(const Credential& credential);

inline constexpr std::string_view missing_credentials = "missing_credentials"; ///< contract 2.9

} // namespace scaiflow::grid
