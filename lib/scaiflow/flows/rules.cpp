// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/rules.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/raw.hpp"

#include <algorithm>
#include <array>

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;

namespace {

constexpr std::string_view version_if_none = "1.0.0";
constexpr std::size_t longest_version = 64;
constexpr std::size_t most_digits = 9;

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool number(std::string_view text) {
    return digits(text) && text.size() <= most_digits && (text.size() == 1 || text.front() != '0');
}

/// semver.org 2.0.0 9 and 10: identifiers between dots; of a pre-release, numbers have no leading zero.
bool identifiers(std::string_view text, bool pre_release) {
    while (true) {
        const auto dot = std::min(text.find('.'), text.size());
        const auto part = text.substr(0, dot);
        const bool good = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        });
        if (!good || (pre_release && digits(part) && part.size() > 1 && part.front() == '0'))
            return false;
        if (dot == text.size())
            return true;
        text.remove_prefix(dot + 1);
    }
}

std::string_view core_of(std::string_view version) {
    return version.substr(0, version.find_first_of("-+"));
}

bool usable_version(std::string_view version) {
    if (version.size() > longest_version)
        return false;
    const auto plus = std::min(version.find('+'), version.size());
    if (plus < version.size() && !identifiers(version.substr(plus + 1), false))
        return false;
    const auto rest = version.substr(0, plus);
    const auto dash = std::min(rest.find('-'), rest.size());
    if (dash < rest.size() && !identifiers(rest.substr(dash + 1), true))
        return false;
    const auto core = rest.substr(0, dash);
    const auto first = core.find('.');
    const auto second = first == std::string_view::npos ? first : core.find('.', first + 1);
    return second != std::string_view::npos && number(core.substr(0, first)) &&
           number(core.substr(first + 1, second - first - 1)) && number(core.substr(second + 1));
}

Content::Place place_of(std::string_view text, std::string_view key) {
    const auto value = scai::json::raw_member(text, key);
    return value ? Content::Place{static_cast<std::size_t>(value->data() - text.data()), value->size()}
                 : Content::Place{};
}

Error refused(std::string path, std::string message, std::string type) {
    return Error{
        .kind = ErrorKind::unprocessable,
        .message = "invalid content",
        .fields = {{.path = std::move(path), .message = std::move(message), .type = std::move(type)}}};
}

/// Tags of a header value; a tag may hold a comma, so quotation marks are looked at.
template<class Visit>
bool any_tag(std::string_view header, const Visit& visit) {
    while (true) {
        header = scai::trim(header);
        while (!header.empty() && header.front() == ',')
            header = scai::trim(header.substr(1));
        if (header.empty())
            return false;
        const bool weak = header.starts_with("W/");
        if (weak)
            header.remove_prefix(2);
        const auto end =
            header.empty() || header.front() != '"' ? std::string_view::npos : header.find('"', 1);
        if (end == std::string_view::npos) // no entity tag: what follows cannot be told apart
            return visit(header.substr(0, header.find(',')), weak);
        if (visit(header.substr(1, end - 1), weak))
            return true;
        header.remove_prefix(end + 1);
    }
}

} // namespace

Result<Content> read_content(const scai::json::Value& body, std::string_view body_text) {
    const auto value = body.get("content");
    const auto raw = scai::json::raw_member(body_text, "content");
    if (!raw || !value.is_object())
        return refused("body.content", "must be an object: the flow graph", "type_error.object");
    const auto nodes = value.get("nodes");
    if (nodes.is_array() && nodes.size() > most_nodes)
        return refused("body.content.nodes", "must have at most " + std::to_string(most_nodes) + " items",
                       "value_error.list.max_items");
    Content out;
    out.text = scai::json::compact(*raw);
    if (out.text.size() > largest_content)
        return Error{.kind = ErrorKind::too_large,
                     .message = "content too large",
                     .fields = {{.path = "body.content",
                                 .message = "must be at most " + std::to_string(largest_content) +
                                            " bytes without white space",
                                 .type = "value_error.content.too_large"}}};
    out.id = place_of(out.text, "id");
    out.version = place_of(out.text, "version");
    out.given_version = value.member("version");
    return out;
}

std::string stamped(const Content& content, std::string_view id, std::string_view version) {
    struct Edit {
        Content::Place place;
        std::string text;
    };
    // Ids are ours and versions are checked: neither needs escaping.
    std::array<Edit, 2> edits{Edit{content.id, '"' + std::string(id) + '"'},
                              Edit{content.version, '"' + std::string(version) + '"'}};
    std::string head = "{";
    if (content.id.size == 0)
        head += "\"id\":" + edits[0].text + ',';
    if (content.version.size == 0)
        head += "\"version\":" + edits[1].text + ',';
    if (content.text == "{}")
        head.pop_back();
    if (edits[1].place.at < edits[0].place.at)
        std::swap(edits[0], edits[1]);
    std::string out = std::move(head);
    out.reserve(content.text.size() + 64);
    std::size_t at = 1; // past the opening brace
    for (const auto& edit : edits) {
        if (edit.place.size == 0)
            continue;
        out.append(content.text, at, edit.place.at - at);
        out += edit.text;
        at = edit.place.at + edit.place.size;
    }
    out.append(content.text, at);
    return out;
}

std::string first_version(std::string_view given) {
    return std::string(usable_version(given) ? given : version_if_none);
}

std::string next_version(std::string_view current) {
    const auto core = core_of(current);
    const auto dot = core.rfind('.');
    const auto patch = scai::parse_int(core.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (dot == std::string_view::npos || !patch)
        return std::string(version_if_none);
    return std::string(core.substr(0, dot + 1)) + std::to_string(*patch + 1);
}

std::string etag_of(std::int64_t revision) {
    return '"' + std::to_string(revision) + '"';
}

bool if_match_holds(std::string_view header, std::int64_t revision, std::string_view version) {
    header = scai::trim(header);
    if (header.empty() || header == "*")
        return true;
    const auto own = std::to_string(revision);
    return any_tag(header,
                   [&](std::string_view tag, bool weak) { return !weak && (tag == own || tag == version); });
}

bool if_none_match_hits(std::string_view header, std::string_view tag) {
    header = scai::trim(header);
    if (header == "*")
        return true;
    return any_tag(header, [&](std::string_view named, bool) { return named == tag; });
}

bool if_none_match_hits(std::string_view header, std::int64_t revision) {
    return if_none_match_hits(header, std::to_string(revision));
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace scaiflow::flows
