// What both products' receivers have in common, by the names this folder uses. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/directory/events/rules.hpp"

namespace scaiflow::webhooks {

using scai::directory::events::Decision;
using scai::directory::events::Event;
using scai::directory::events::Kind;
using scai::directory::events::name;
using scai::directory::events::Outcome;
using scai::directory::events::Patch;
using scai::directory::events::Row;
using scai::directory::events::Watermark;

} // namespace scaiflow::webhooks
