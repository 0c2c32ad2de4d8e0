// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/versions.hpp"

namespace scaiflow::flows::store {

VersionPage versions(scai::db::Executor& reader, const Head& flow, std::int64_t before, std::int64_t limit);
std::optional<VersionDetail> version(scai::db::Executor& reader, const Head& flow, std::string_view version);

} // namespace scaiflow::flows::store
