// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/glob.hpp"

#include <optional>
#include <utility>

namespace scai::scir {

namespace {

/// One character of UTF-8 at `at`, which moves behind it.
std::string_view character(std::string_view text, std::size_t& at) {
    const std::size_t start = at++;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
        ++at;
    return text.substr(start, at - start);
}

/// Whether `c` is in the set that starts behind "[" at `at`; nullopt when the set has no end. `at` moves
/// behind "]".
std::optional<bool> in_set(std::string_view pattern, std::size_t& at, std::string_view c) {
    std::size_t i = at;
    const bool negated = i < pattern.size() && pattern[i] == '!';
    if (negated)
        ++i;
    bool found = false;
    bool first = true;
    while (i < pattern.size() && (first || pattern[i] != ']')) {
        first = false;
        const std::string_view low = character(pattern, i);
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            const std::string_view high = character(pattern, i);
            found = found || (low <= c && c <= high); // byte order of UTF-8 is the order of code points
        } else {
            found = found || low == c;
        }
    }
    if (i >= pattern.size())
        return std::nullopt;
    at = i + 1;
    return found != negated;
}

/// One step: the pattern at `p` against the character at `t`; both move when it fits.
bool step(std::string_view pattern, std::size_t& p, std::string_view text, std::size_t& t) {
    if (p >= pattern.size())
        return false;
    std::size_t next = t;
    const std::string_view c = character(text, next);
    std::size_t behind = p;
    std::string_view wanted = character(pattern, behind);
    bool fits = wanted == "?";
    if (wanted == "[") {
        const auto set = in_set(pattern, behind, c);
        fits = set ? *set : c == "[";
    } else if (!fits) {
        if (wanted == "\\" && behind < pattern.size())
            wanted = character(pattern, behind);
        fits = wanted == c;
    }
    if (fits) {
        p = behind;
        t = next;
    }
    return fits;
}

} // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    // Where to go on when the rest does not fit: the last "*" takes one character more. Earlier ones never
    // need to, so no recursion.
    std::optional<std::pair<std::size_t, std::size_t>> retry;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            retry = {++p, t};
        } else if (!step(pattern, p, text, t)) {
            if (!retry)
                return false;
            character(text, retry->second);
            p = retry->first;
            t = retry->second;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace scai::scir
