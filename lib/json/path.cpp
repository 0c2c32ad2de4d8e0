// SPDX-License-Identifier: Apache-2.0
#include "lib/json/path.hpp"

namespace scai::json {

std::string Path::text() const {
    if (parent_ == nullptr)
        return {};
    std::string out = parent_->text();
    if (is_item_)
        return out.append("[").append(std::to_string(index_)).append("]");
    return out.append(out.empty() ? "" : ".").append(key_);
}

} // namespace scai::json
