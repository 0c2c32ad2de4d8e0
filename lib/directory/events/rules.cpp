// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/events/rules.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>

namespace scai::directory::events {

using scai::UtcTime;

namespace {

bool active(std::string_view status) {
    return scai::iequals(status, "ACTIVE");
}

Row patched(Row row, const Patch& patch) {
    if (patch.name)
        row.name = *patch.name;
    if (patch.email)
        row.email = *patch.email;
    if (patch.slug)
        row.slug = *patch.slug;
    if (patch.status)
        row.status = *patch.status;
    if (patch.deleted)
        row.deleted = *patch.deleted;
    return row;
}

/// The winner among two states of the same moment, whichever arrived first.
Row settled(const Row& a, const Row& b) {
    Row out = a;
    out.name = std::max(a.name, b.name);
    out.email = std::max(a.email, b.email);
    out.slug = std::max(a.slug, b.slug);
    if (active(a.status) != active(b.status))
        out.status = active(a.status) ? b.status : a.status;
    else
        out.status = std::max(a.status, b.status);
    out.deleted = a.deleted || b.deleted;
    return out;
}

bool same_content(const Row& a, const Row& b) {
    return a.name == b.name && a.email == b.email && a.slug == b.slug && a.status == b.status &&
           a.deleted == b.deleted;
}

} // namespace

std::string_view name(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
        return "applied";
    case Outcome::unchanged:
        return "unchanged";
    case Outcome::ignored_old:
        return "ignored_old";
    case Outcome::ignored_tenant:
        return "ignored_tenant";
    case Outcome::unknown_type:
        return "unknown_type";
    case Outcome::needs_sync:
        return "needs_sync";
    }
    return "";
}

UtcTime clamp(UtcTime at, UtcTime now, std::chrono::seconds window) {
    return std::min(at, now + window);
}

Decision decide(const std::optional<Row>& before, const Patch& patch, UtcTime at,
                const Watermark& watermark) {
    Decision out;
    const Row known = before.value_or(Row{.deleted = true}); // unknown and gone look alike to an event
    Row candidate = patched(known, patch);
    if (!before)
        candidate.deleted = patch.deleted.value_or(false);
    const bool differs = !same_content(known, candidate);
    out.row = known;

    const bool row_is_newer = known.upstream_at && at < *known.upstream_at;
    const bool sweep_is_newer = watermark.swept_at && at <= *watermark.swept_at;
    if (row_is_newer || sweep_is_newer) {
        const bool doubtful =
            !row_is_newer && watermark.swept_at && at > *watermark.swept_at - watermark.doubt;
        out.outcome = doubtful && differs ? Outcome::needs_sync : Outcome::ignored_old;
        return out;
    }
    if (known.upstream_at && at == *known.upstream_at) {
        const Row winner = settled(known, candidate);
        out.write = !same_content(known, winner);
        out.outcome = differs ? Outcome::needs_sync : Outcome::unchanged;
        candidate = winner;
    } else {
        out.write = true; // even without a difference: the version moves
        out.outcome = differs || !before ? Outcome::applied : Outcome::unchanged;
    }
    candidate.upstream_at = at;
    out.appeared = out.write && known.deleted && !candidate.deleted;
    out.renamed = out.write && (known.name != candidate.name || known.email != candidate.email);
    out.row = std::move(candidate);
    return out;
}

} // namespace scai::directory::events
