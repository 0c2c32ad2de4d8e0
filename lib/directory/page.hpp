// One page of a listing: finds the rows and the paging facts in whatever shape the server uses (contract
// scaikey.md 10.3). Bulk pages go through simdjson. Not for other folders. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>

namespace scai::directory {

/// What a page says about the listing it belongs to; nothing here is believed without counting.
struct PageFacts {
    std::size_t rows = 0;
    std::optional<std::int64_t> total, total_pages;
    std::optional<bool> has_more;
    std::string cursor_name, cursor; ///< parameter and value of a next cursor, "" when there is none
};

struct Page {
    PageFacts facts;
    simdjson::dom::array rows; ///< valid until the reader reads the next page
};

class PageReader {
public:
    /// nullopt: no JSON, or no array of rows in it. `body` gets room for simdjson's padding.
    std::optional<Page> read(std::string& body);

private:
    simdjson::dom::parser parser_;
};

} // namespace scai::directory
