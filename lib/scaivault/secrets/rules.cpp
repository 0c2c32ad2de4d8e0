// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/rules.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/conditions.hpp"

#include <algorithm>
#include <array>

namespace scaivault::secrets {

namespace {

constexpr std::size_t max_segments = 10;
constexpr std::array<std::string_view, 4> reserved_last{"metadata", "versions", "rotate", "restore"};
constexpr std::array<std::string_view, 2> reserved_first{"batch", "expiring"};

bool path_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
}

/// What a path and the beginning of one have in common.
scai::Status check_characters(std::string_view path) {
    if (path.size() > max_path)
        return invalid_path("a path has at most 512 characters", path.substr(0, 64));
    if (!std::all_of(path.begin(), path.end(), path_character))
        return invalid_path("a path has the characters a-z 0-9 - _ and / only", path);
    if (path.starts_with('/') || path.find("//") != std::string_view::npos)
        return invalid_path("a path has no empty segment", path);
    if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) >= max_segments)
        return invalid_path("a path has at most 10 segments", path);
    return scai::Done{};
}

std::optional<std::int64_t> positive(std::string_view text) {
    const auto number = scai::parse_int(text);
    const bool plain =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return plain && number ? number : std::nullopt;
}

/// "3" or "3.7", without the quotation marks.
std::optional<Tag> parse_tag(std::string_view text) {
    const auto dot = text.find('.');
    const auto version = positive(text.substr(0, dot));
    if (!version)
        return std::nullopt;
    if (dot == std::string_view::npos)
        return Tag{.version = *version, .revision = {}};
    const auto revision = positive(text.substr(dot + 1));
    if (!revision)
        return std::nullopt;
    return Tag{.version = *version, .revision = *revision};
}

} // namespace

scai::Status check_path(std::string_view path) {
    if (path.empty())
        return invalid_path("a path is required", path);
    SCAI_TRY(const auto fine, check_characters(path));
    if (path.ends_with('/'))
        return invalid_path("a path has no empty segment", path);
    const auto first = path.substr(0, path.find('/'));
    const auto last = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    if (std::find(reserved_first.begin(), reserved_first.end(), first) != reserved_first.end())
        return invalid_path("a path does not begin with " + std::string(first) + ", which is a route", path);
    if (std::find(reserved_last.begin(), reserved_last.end(), last) != reserved_last.end())
        return invalid_path("a path does not end in " + std::string(last) + ", which is a route", path);
    return fine;
}

scai::Status check_prefix(std::string_view prefix) {
    return check_characters(prefix);
}

std::string etag(std::int64_t version, std::int64_t revision) {
    return "\"" + std::to_string(version) + "." + std::to_string(revision) + "\"";
}

scai::Result<std::optional<Tag>> parse_if_match(std::string_view header) {
    auto text = scai::trim(header);
    if (text.empty())
        return std::optional<Tag>{};
    if (text.size() > 2 && text.starts_with('"') && text.ends_with('"'))
        text = text.substr(1, text.size() - 2);
    if (auto tag = parse_tag(text))
        return std::optional<Tag>(*tag);
    return invalid_request("If-Match must be a version like \"3\" or the ETag of a read");
}

bool names(std::string_view if_none_match, std::string_view tag) {
    const auto tags = scai::split_list(if_none_match);
    return std::any_of(tags.begin(), tags.end(), [&](std::string_view one) {
        if (one.starts_with("W/")) // a proxy that compresses weakens the tag; RFC 9110 13.1.2 compares weakly
            one.remove_prefix(2);
        return one == "*" || one == tag;
    });
}

Notice first_notice(std::optional<scai::UtcTime> expires_at, const std::vector<std::string>& notify_before,
                    scai::UtcTime now) {
    Notice out;
    if (!expires_at)
        return out;
    out.noticed_seconds = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::seconds>(*expires_at - now).count());
    Notice then;
    due_notices(*expires_at, notify_before, out.noticed_seconds, scai::UtcTime::min(), then);
    out.at = then.at;
    return out;
}

std::vector<DueNotice> due_notices(scai::UtcTime expires_at, const std::vector<std::string>& notify_before,
                                   std::optional<std::int64_t> noticed_seconds, scai::UtcTime now,
                                   Notice& then) {
    std::vector<std::pair<std::int64_t, std::string>> thresholds{{0, ""}};
    for (const auto& text : notify_before)
        if (const auto length = policies::parse_duration(text))
            thresholds.emplace_back(length->count(), text);
    std::sort(thresholds.rbegin(), thresholds.rend());
    std::vector<DueNotice> out;
    then = Notice{.at = std::nullopt, .noticed_seconds = noticed_seconds};
    for (const auto& [seconds, text] : thresholds) {
        if (then.noticed_seconds && seconds >= *then.noticed_seconds)
            continue;
        const auto at = expires_at - std::chrono::seconds(seconds);
        if (at > now) {
            then.at = at;
            break;
        }
        out.push_back({text});
        then.noticed_seconds = seconds;
    }
    return out;
}

std::int64_t days_remaining(scai::UtcTime expires_at, scai::UtcTime now) {
    return std::chrono::ceil<std::chrono::days>(expires_at - now).count();
}

} // namespace scaivault::secrets
