// Path patterns of policies (contract scaivault.md 3.2). A segment that is `*` stands for any one segment,
// inside a segment `*` is any run of characters and `?` one character, a segment `**` is any number of
// segments: none or more in the middle and at the end (`app/**` matches `app` too), one or more at the start.
// Anchored at both ends. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scaivault::policies {

/// `path` split at '/'.
std::vector<std::string_view> segments_of(std::string_view path);

class Pattern {
public:
    enum class Kind { literal, one, glob, any };
    struct Segment {
        Kind kind;
        std::string text;
        bool operator==(const Segment&) const = default;
    };

    /// bad_request `invalid_glob` saying what is wrong: empty, longer than 512, a leading or trailing '/', an
    /// empty segment, `**` as part of a segment or twice in a row, a character no pattern may have.
    static scai::Result<Pattern> parse(std::string_view text);

    bool matches(std::string_view path) const;
    bool matches(const std::vector<std::string_view>& path) const;
    /// True only when every path that `other` matches is matched here too. Sound, not complete.
    bool covers(const Pattern& other) const;

    /// What every path it matches begins with: "apps/" of `apps/*`, "apps" of `apps/**`, "" of `**`.
    std::string beginning() const;
    const std::string& text() const { return text_; }
    const std::vector<Segment>& segments() const { return segments_; }

private:
    std::string text_;
    std::vector<Segment> segments_;
};

/// One segment of a path against one of a pattern with `*` and `?`; linear.
bool glob_matches(std::string_view pattern, std::string_view segment);

} // namespace scaivault::policies
