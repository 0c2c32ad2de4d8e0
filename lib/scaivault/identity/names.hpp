// How identities are written (contract scaivault.md 0): user:<e-mail or id>, group:<name or id>, sa:<name>,
// system:<component>, dynamic:<engine>; raw ScaiKey ids (usr_..., grp_...) mean the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaivault::identity {

enum class Type { user, service_account, group, system };
std::string_view name_of(Type type);
std::optional<Type> type_of(std::string_view name);

struct Name {
    Type type;
    std::string text; ///< without the prefix: an e-mail or id, a group's name or id, "batcher"; of
                      ///< Type::system with it
};

/// `type` is what a field beside the id says; both must agree. 422 naming `field` when the text is no
/// identity.
scai::Result<Name> parse_name(std::string_view text, std::optional<Type> type, const std::string& field);

/// "user:usr_1", "sa:batcher", "group:grp_1", "system:x", "dynamic:x". `id` is the directory's.
std::string canonical(Type type, std::string_view id);

} // namespace scaivault::identity
