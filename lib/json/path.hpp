// Where a walk through a tree stands: "flows[0].body[2].when". A step costs nothing; the text is made when a
// message needs it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scai::json {

/// Borrows the path it continues and the key: to be kept on the stack of the walk, no longer than those.
class Path {
public:
    Path() = default; ///< of the whole value: ""
    Path operator/(std::string_view key) const { return {this, key, 0, false}; }
    Path operator[](std::size_t index) const { return {this, {}, index, true}; }
    std::string text() const;

private:
    Path(const Path* parent, std::string_view key, std::size_t index, bool is_item)
        : parent_(parent), key_(key), index_(index), is_item_(is_item) {}
    const Path* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    bool is_item_ = false;
};

} // namespace scai::json
