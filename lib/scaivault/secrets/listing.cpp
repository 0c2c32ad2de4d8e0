// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/listing.hpp"

#include "lib/scaivault/secrets/store.hpp"

#include <algorithm>
#include <deque>

namespace scaivault::secrets {

namespace {

constexpr std::int64_t chunk = 1000;
constexpr std::size_t ranges_at_once = 16;

std::string end_of(const std::string& range) {
    return range + "{"; // comes after every character of a path
}

/// The rows of one owner in path order, read as they are needed.
class Stream {
public:
    Stream(scai::db::Pool& pool, std::string_view owner, const ListQuery& query)
        : pool_(pool), owner_(owner), query_(query), after_(query.after), size_(query.limit + 1),
          done_(owner.empty()) {}

    /// nullptr at the end.
    const Listed* head() {
        while (rows_.empty() && !done_)
            fetch();
        return rows_.empty() ? nullptr : &rows_.front();
    }
    Listed take() {
        Listed out = std::move(rows_.front());
        rows_.pop_front();
        return out;
    }

private:
    void fetch() {
        store::Walk walk{.after = after_,
                         .ranges = {},
                         .type = query_.type,
                         .tags = query_.tags,
                         .limit = size_,
                         .restorable_at = query_.restorable_at};
        for (const auto& range : query_.ranges)
            if (end_of(range) > after_ && walk.ranges.size() < ranges_at_once)
                walk.ranges.push_back(range);
        if (walk.ranges.empty()) {
            done_ = true;
            return;
        }
        auto reader = pool_.read(scai::db::Scope::tenant(owner_));
        for (auto& row : store::walk(reader, owner_, walk))
            rows_.push_back(std::move(row));
        after_ =
            static_cast<std::int64_t>(rows_.size()) < size_ ? end_of(walk.ranges.back()) : rows_.back().path;
        size_ = chunk; // the first was enough for a page, when all of it may be seen
    }

    scai::db::Pool& pool_;
    std::string owner_;
    const ListQuery& query_;
    std::string after_;
    std::int64_t size_;
    bool done_;
    std::deque<Listed> rows_;
};

/// The next row of both; that of `own` where both have the path.
std::optional<Listed> next_of(Stream& own, Stream& partner) {
    const auto* mine = own.head();
    const auto* other = partner.head();
    if (mine != nullptr && other != nullptr && mine->path == other->path) {
        partner.take();
        return own.take();
    }
    if (mine != nullptr && (other == nullptr || mine->path < other->path))
        return own.take();
    if (other == nullptr)
        return std::nullopt;
    auto out = partner.take();
    out.of_partner = true;
    return out;
}

} // namespace

std::vector<std::string> narrowed(std::vector<std::string> ranges, std::string_view prefix) {
    std::vector<std::string> out;
    std::sort(ranges.begin(), ranges.end());
    for (auto& range : ranges) {
        if (prefix.starts_with(range))
            range = prefix;
        else if (!range.starts_with(prefix))
            continue;
        if (out.empty() || !range.starts_with(out.back()))
            out.push_back(std::move(range));
    }
    return out;
}

Page list(scai::db::Pool& pool, std::string_view owner, std::string_view partner_owner,
          const ListQuery& query, const Allowed& allowed) {
    Stream own(pool, owner, query);
    Stream partner(pool, partner_owner, query);
    Page out;
    std::string seen = query.after;
    while (out.examined < query.most_examined) {
        auto row = next_of(own, partner);
        if (!row)
            return out;
        ++out.examined;
        const bool shown = row->fits && allowed(row->path);
        if (shown && static_cast<std::int64_t>(out.rows.size()) == query.limit) {
            out.after = out.rows.back().path;
            return out;
        }
        seen = row->path;
        if (shown)
            out.rows.push_back(std::move(*row));
    }
    out.after = std::move(seen);
    return out;
}

ExpiringPage list_expiring(scai::db::Pool& pool, std::string_view owner, const ExpiringQuery& query,
                           const Allowed& allowed) {
    constexpr std::int64_t most_examined = 10'000;
    const auto key_of = [](const Listed& row) {
        return std::pair(row.expires_at->time_since_epoch().count(), row.path);
    };
    ExpiringPage out;
    auto seen = std::pair(query.after_us, query.after_path);
    auto size = query.limit + 1;
    for (std::int64_t examined = 0; examined < most_examined;) {
        auto reader = pool.read(scai::db::Scope::tenant(owner));
        auto rows = store::expiring(reader, owner, query.prefix, query.until, seen.first, seen.second, size);
        for (auto& row : rows) {
            ++examined;
            const bool shown = row.fits && allowed(row.path);
            if (shown && static_cast<std::int64_t>(out.rows.size()) == query.limit) {
                out.after = key_of(out.rows.back());
                return out;
            }
            seen = key_of(row);
            if (shown)
                out.rows.push_back(std::move(row));
        }
        if (static_cast<std::int64_t>(rows.size()) < size)
            return out;
        size = chunk;
    }
    out.after = std::move(seen);
    return out;
}

} // namespace scaivault::secrets
