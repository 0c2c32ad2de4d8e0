// What both products' copies of the directory have in common, by the names this folder uses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/rules.hpp"
#include "lib/directory/source.hpp"
#include "lib/directory/staging.hpp"

namespace scaiflow::mirror {

using scai::directory::Limits;
using scai::directory::Proof;
using scai::directory::Source;
using scai::directory::SourceFactory;
using scai::directory::Tallies;
using scai::directory::Tally;
using scai::directory::UserProof;

} // namespace scaiflow::mirror
