// Pure decisions about flows: what may be stored, which version comes next, whether a precondition holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/flows/model.hpp"

#include <string>
#include <string_view>

namespace scaiflow::flows {

inline constexpr std::size_t longest_name = 200;          ///< characters
inline constexpr std::size_t longest_description = 4'000; ///< characters
inline constexpr std::size_t largest_content = 5U << 20U; ///< bytes without white space
inline constexpr std::size_t most_nodes = 2'000;

/// Member "content" of `body`, whose text is `body_text`. An unfinished flow passes: only that it is an
/// object, its size and the number of nodes are looked at.
scai::Result<Content> read_content(const scai::json::Value& body, std::string_view body_text);
/// The text with this id and version, whatever it said before.
std::string stamped(const Content& content, std::string_view id, std::string_view version);

/// The content's own when it is a semantic version whose numbers have at most nine digits, else 1.0.0.
std::string first_version(std::string_view given);
/// Patch + 1; a pre-release or build part goes (1.2.3-rc.1 -> 1.2.4), so versions of a flow never repeat.
std::string next_version(std::string_view current);

std::string etag_of(std::int64_t revision);
/// If-Match: "*", or a list with the ETag or (contract scaiflow-api.md 10-21) the version; weak tags never
/// match. "" is true.
bool if_match_holds(std::string_view header, std::int64_t revision, std::string_view version);
/// If-None-Match of a GET; weak comparison, "" is false. `tag` without its quotes.
bool if_none_match_hits(std::string_view header, std::string_view tag);
bool if_none_match_hits(std::string_view header, std::int64_t revision);

std::size_t characters(std::string_view utf8);

} // namespace scaiflow::flows
