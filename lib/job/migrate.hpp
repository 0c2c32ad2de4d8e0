// main() of a job that brings a product's schema to the newest migration, or to --target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/main.hpp"

#include <string>

namespace scai::job {

/// `description` is what --help says first.
int migrate_main(const Product& product, const std::string& description, int argc, char** argv);

} // namespace scai::job
