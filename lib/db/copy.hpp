// COPY FROM STDIN on the libpq handle of a session. Private to lib/db. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/session.hpp"

namespace scai::db {

std::unique_ptr<Tx::Copy> begin_copy(Session& session, const std::string& target);

} // namespace scai::db
