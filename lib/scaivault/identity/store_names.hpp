// SQL behind resolve(). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/identity/resolve.hpp"

namespace scaivault::identity::store {

/// At most three: one that has the id, else those that have the e-mail or name.
std::vector<Identity> find(scai::db::Executor& reader, const Where& where, const Name& name);
std::vector<std::string> group_ids(scai::db::Executor& reader, const std::string& tenant,
                                   const std::string& user);

} // namespace scaivault::identity::store
