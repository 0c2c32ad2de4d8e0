// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/hints.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>

namespace scaivault::policies {

namespace {

std::string join_segments(const std::vector<std::string>& segments) {
    return scai::join(segments, "/");
}

bool fits(const std::string& pattern, const std::string& path) {
    const auto parsed = Pattern::parse(pattern);
    return parsed && parsed->matches(path);
}

/// Levenshtein distance, given up above `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
    if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > limit)
        return limit + 1;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// A literal segment written almost like the path's.
std::string near_miss(const Rule& rule, const std::string& path) {
    const auto& segments = rule.pattern.segments();
    const auto parts = segments_of(path);
    std::vector<std::string> changed;
    for (const auto& segment : segments)
        changed.push_back(segment.text);
    for (std::size_t i = 0; i < std::min(segments.size(), parts.size()); ++i) {
        if (segments[i].kind != Pattern::Kind::literal || segments[i].text == parts[i] ||
            distance(segments[i].text, parts[i], 2) > 2)
            continue;
        auto candidate = changed;
        candidate[i] = parts[i];
        if (fits(join_segments(candidate), path))
            return "has " + segments[i].text + " where the path has " + std::string(parts[i]);
    }
    return {};
}

std::string path_hint(const Rule& rule, const std::string& path) {
    const auto& segments = rule.pattern.segments();
    std::vector<std::string> base;
    for (const auto& segment : segments)
        base.push_back(segment.text);
    std::vector<std::string> candidates;
    if (base.back() == "*") {
        auto wider = base;
        wider.back() = "**";
        candidates.push_back(join_segments(wider));
    }
    if (base.back() != "**")
        candidates.push_back(rule.pattern.text() + "/**");
    for (std::size_t i = 0; i + 1 < base.size(); ++i)
        if (base[i] == "*") {
            auto wider = base;
            wider[i] = "**";
            candidates.push_back(join_segments(wider));
        }
    if (base.front() == "**" && base.size() > 1)
        candidates.push_back(join_segments({base.begin() + 1, base.end()}));
    for (const auto& candidate : candidates)
        if (fits(candidate, path))
            return "would match as " + candidate;
    return near_miss(rule, path);
}

std::string condition_hint(const Rule& rule, const Query& query) {
    const auto failed = rule.conditions.failed(query.context);
    if (failed == "ip_not_allowed")
        return (query.context.source_ip.empty() ? std::string("the source address is unknown")
                                                : query.context.source_ip + " is outside") +
               (query.context.source_ip.empty() ? "" : " " + scai::join(rule.conditions.ip_ranges, ", "));
    if (failed == "mfa_required")
        return query.context.mfa_verified_at
                   ? "the second factor was shown more than " +
                         std::to_string(rule.conditions.mfa_max_age.count()) + " s ago"
                   : "the token shows no second factor";
    if (failed == "time_window_violation")
        return "outside the window in " + rule.conditions.time_window->timezone;
    return {};
}

} // namespace

std::string hint_for(const Rule& rule, Step step, const Query& query) {
    switch (step) {
    case Step::path:
        return path_hint(rule, query.path);
    case Step::permission:
        return "the rule does not give " + std::string(name_of(query.permission));
    case Step::condition:
        return condition_hint(rule, query);
    case Step::allowed:
    case Step::inactive:
    case Step::expired:
        return {};
    }
    return {};
}

} // namespace scaivault::policies
