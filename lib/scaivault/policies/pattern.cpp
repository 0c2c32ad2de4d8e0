// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/pattern.hpp"

#include <algorithm>

namespace scaivault::policies {

using scai::Error;
using scai::ErrorKind;

namespace {

constexpr std::size_t max_length = 512;

Error invalid(std::string message) {
    return Error{.kind = ErrorKind::bad_request, .code = "invalid_glob", .message = std::move(message)};
}

bool allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '*' ||
           c == '?';
}

/// Walks two sequences with one kind of wildcard that swallows any number of elements: the classic greedy
/// walk that remembers the last wildcard, so its cost is the product of the lengths at most.
template<class IsAny, class Fits>
bool walk(std::size_t pattern_size, std::size_t input_size, IsAny is_any, Fits fits) {
    std::size_t p = 0;
    std::size_t i = 0;
    std::size_t star = pattern_size;
    std::size_t resume = 0;
    while (i < input_size) {
        if (p < pattern_size && is_any(p)) {
            star = p++;
            resume = i;
        } else if (p < pattern_size && fits(p, i)) {
            ++p;
            ++i;
        } else if (star < pattern_size) {
            p = star + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern_size && is_any(p))
        ++p;
    return p == pattern_size;
}

Pattern::Kind kind_of(std::string_view segment) {
    if (segment == "**")
        return Pattern::Kind::any;
    if (segment == "*")
        return Pattern::Kind::one;
    return segment.find_first_of("*?") == std::string_view::npos ? Pattern::Kind::literal
                                                                 : Pattern::Kind::glob;
}

/// Every segment that `other` stands for is one that `mine` stands for.
bool segment_covers(const Pattern::Segment& mine, const Pattern::Segment& other) {
    if (mine.kind == Pattern::Kind::one)
        return other.kind != Pattern::Kind::any;
    if (mine == other)
        return true;
    return mine.kind == Pattern::Kind::glob && other.kind == Pattern::Kind::literal &&
           glob_matches(mine.text, other.text);
}

} // namespace

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    out.reserve(10);
    for (std::size_t start = 0;;) {
        const auto slash = path.find('/', start);
        out.push_back(path.substr(start, slash - start));
        if (slash == std::string_view::npos)
            return out;
        start = slash + 1;
    }
}

bool glob_matches(std::string_view pattern, std::string_view segment) {
    return walk(
        pattern.size(), segment.size(), [&](std::size_t p) { return pattern[p] == '*'; },
        [&](std::size_t p, std::size_t i) { return pattern[p] == '?' || pattern[p] == segment[i]; });
}

scai::Result<Pattern> Pattern::parse(std::string_view text) {
    if (text.empty())
        return invalid("a pattern cannot be empty; ** stands for every path");
    if (text.size() > max_length)
        return invalid("a pattern has at most 512 characters");
    Pattern out;
    out.text_ = text;
    for (const auto segment : segments_of(text)) {
        if (segment.empty())
            return invalid("a pattern has no leading, trailing or double slash");
        if (!std::all_of(segment.begin(), segment.end(), allowed))
            return invalid("a pattern consists of a-z 0-9 - _ . / and the wildcards * ? **");
        const auto kind = kind_of(segment);
        if (kind != Kind::any && segment.find("**") != std::string_view::npos)
            return invalid("** stands alone between slashes");
        if (kind == Kind::any && !out.segments_.empty() && out.segments_.back().kind == Kind::any)
            return invalid("**/** says no more than **");
        out.segments_.push_back({kind, std::string(segment)});
    }
    return out;
}

bool Pattern::matches(std::string_view path) const {
    return matches(segments_of(path));
}

bool Pattern::matches(const std::vector<std::string_view>& path) const {
    // A leading ** takes one segment at least, unless it is the whole pattern.
    const std::size_t skip = segments_.size() > 1 && segments_.front().kind == Kind::any ? 1 : 0;
    if (path.size() < skip)
        return false;
    return walk(
        segments_.size(), path.size() - skip, [&](std::size_t p) { return segments_[p].kind == Kind::any; },
        [&](std::size_t p, std::size_t i) {
            const auto& segment = segments_[p];
            switch (segment.kind) {
            case Kind::literal:
                return segment.text == path[i + skip];
            case Kind::one:
                return true;
            case Kind::glob:
                return glob_matches(segment.text, path[i + skip]);
            case Kind::any:
                return false;
            }
            return false;
        });
}

std::string Pattern::beginning() const {
    std::string out;
    for (const auto& segment : segments_) {
        if (segment.kind == Kind::any)
            return out; // may stand for nothing: "apps/**" matches "apps"
        if (!out.empty())
            out += '/';
        if (segment.kind == Kind::one)
            return out;
        const auto wildcard = segment.text.find_first_of("*?");
        out += segment.text.substr(0, wildcard);
        if (wildcard != std::string::npos)
            return out;
    }
    return out;
}

bool Pattern::covers(const Pattern& other) const {
    const bool mine_leads = segments_.size() > 1 && segments_.front().kind == Kind::any;
    const bool other_leads = other.segments_.size() > 1 && other.segments_.front().kind == Kind::any;
    if (mine_leads && !other_leads && other.segments_.front().kind == Kind::any)
        return false; // `**` alone is more than `**/x`
    // As in matches(): what a leading ** needs for itself is set aside on both sides.
    const std::size_t skip = mine_leads && !other_leads ? 1 : 0;
    return walk(
        segments_.size(), other.segments_.size() - skip,
        [&](std::size_t p) { return segments_[p].kind == Kind::any; },
        [&](std::size_t p, std::size_t i) {
            return segment_covers(segments_[p], other.segments_[i + skip]);
        });
}

} // namespace scaivault::policies
