// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"
namespace scaiflow::cli {
void add_doctor(CLI::App&, Common&, Command&) {}
} // namespace scaiflow::cli
