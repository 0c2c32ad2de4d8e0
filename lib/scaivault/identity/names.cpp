// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/names.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>

namespace scaivault::identity {

using scai::Error;
using scai::ErrorKind;
using scai::Result;

namespace {

constexpr std::array<std::pair<std::string_view, Type>, 4> type_names{
    {{"user", Type::user},
     {"service_account", Type::service_account},
     {"group", Type::group},
     {"system", Type::system}}};

struct Prefix {
    std::string_view text;
    Type type;
    bool kept; ///< is part of the name
};
constexpr std::array<Prefix, 8> prefixes{{{"user:", Type::user, false},
                                          {"sa:", Type::service_account, false},
                                          {"service_account:", Type::service_account, false},
                                          {"group:", Type::group, false},
                                          {"system:", Type::system, true},
                                          {"dynamic:", Type::system, true},
                                          {"usr_", Type::user, true},
                                          {"grp_", Type::group, true}}};

constexpr std::size_t longest = 320; // an e-mail: RFC 5321 4.5.3.1

Error refused(const std::string& field, std::string message) {
    return Error{.kind = ErrorKind::unprocessable,
                 .code = "validation_error",
                 .message = "not an identity",
                 .fields = {{field, std::move(message)}}};
}

bool plain(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '@';
    });
}

} // namespace

std::string_view name_of(Type type) {
    for (const auto& [text, value] : type_names)
        if (value == type)
            return text;
    return {};
}

std::optional<Type> type_of(std::string_view name) {
    for (const auto& [text, value] : type_names)
        if (text == name)
            return value;
    return std::nullopt;
}

Result<Name> parse_name(std::string_view text, std::optional<Type> type, const std::string& field) {
    text = scai::trim(text);
    if (text.empty() || text.size() > longest)
        return refused(field, "must have 1 to " + std::to_string(longest) + " characters");
    std::optional<Type> found;
    for (const auto& prefix : prefixes) {
        if (!text.starts_with(prefix.text))
            continue;
        found = prefix.type;
        if (!prefix.kept)
            text.remove_prefix(prefix.text.size());
        break;
    }
    if (found && type && *found != *type)
        return refused(field, "is a " + std::string(name_of(*found)) + ", identity_type says " +
                                  std::string(name_of(*type)));
    if (!found)
        found = type                                       ? type
                : text.find('@') != std::string_view::npos ? std::optional(Type::user)
                                                           : std::nullopt;
    if (!found)
        return refused(field,
                       "must be user:<e-mail or id>, group:<name or id>, sa:<name>, system:<component> or "
                       "dynamic:<engine>");
    if (text.empty())
        return refused(field, "names nobody");
    if (*found == Type::service_account && !plain(text))
        return refused(
            field, "the name of a service account has letters, digits, - _ . @ and at most 128 characters");
    if (*found == Type::system) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos)
            return Name{*found, "system:" + std::string(text)};
        if (!plain(text.substr(colon + 1)))
            return refused(field, "must be system:<component> or dynamic:<engine>");
    }
    return Name{*found, std::string(text)};
}

std::string canonical(Type type, std::string_view id) {
    switch (type) {
    case Type::user:
        return "user:" + std::string(id);
    case Type::service_account:
        return "sa:" + std::string(id);
    case Type::group:
        return "group:" + std::string(id);
    case Type::system:
        break;
    }
    return std::string(id);
}

} // namespace scaivault::identity
