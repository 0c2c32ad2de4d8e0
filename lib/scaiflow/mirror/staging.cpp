// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/staging.hpp"

#include <utility>

namespace scaiflow::mirror {

namespace {

// A longer id cannot be an index key three times over; no directory has one.
constexpr std::size_t longest_id = 255;
// E-mail and group name are index keys.
constexpr std::size_t longest_attribute = 1024;

constexpr auto user_rows = "scaiflow.sweep_users (walk, id, email, display_name, status, upstream_at)";
constexpr auto group_rows = "scaiflow.sweep_groups (walk, id, name, status, upstream_at)";
constexpr auto member_rows = "scaiflow.sweep_members (walk, group_id, member_id, is_group)";

scai::db::Cell time_cell(const std::optional<scai::UtcTime>& time) {
    if (!time)
        return std::nullopt;
    return scai::to_iso8601(*time);
}

} // namespace

Staging::Staging(scai::db::Pool& pool, std::int64_t walk, std::size_t batch)
    : pool_(pool), walk_(std::to_string(walk)),
      limit_(batch), users_{user_rows, {}}, groups_{group_rows, {}}, members_{member_rows, {}} {}

Staging::~Staging() = default;

bool Staging::usable(const std::string& id) {
    if (!id.empty() && id.size() <= longest_id && id.find('\0') == std::string::npos)
        return true;
    ++damaged_;
    return false;
}

/// Verbatim, but for what the database cannot hold: NUL becomes U+FFFD, endless text is cut between
/// characters.
std::string Staging::attribute(const std::string& text) {
    if (text.size() <= longest_attribute && text.find('\0') == std::string::npos)
        return text;
    ++shortened_;
    std::string out;
    for (char c : text) {
        if (c == '\0')
            out += "\xEF\xBF\xBD";
        else
            out += c;
    }
    if (out.size() > longest_attribute) {
        std::size_t end = longest_attribute;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U)
            --end;
        out.resize(end);
    }
    return out;
}

void Staging::user(const directory::User& user) {
    if (!usable(user.id))
        return;
    auto upstream_at = time_cell(user.upstream_at);
    const std::size_t rest = std::hash<std::string>()(user.email + '\n' + user.display_name + '\n' +
                                                      user.status + '\n' + upstream_at.value_or(""));
    const auto [known, added] = known_users_.try_emplace(user.id, rest);
    if (!added && known->second == rest)
        return;
    known->second = rest;
    add(users_, {walk_, user.id, attribute(user.email), attribute(user.display_name), attribute(user.status),
                 std::move(upstream_at)});
}

void Staging::group(const directory::Group& group) {
    if (usable(group.id)) {
        add(groups_,
            {walk_, group.id, attribute(group.name), attribute(group.status), time_cell(group.upstream_at)});
    }
}

void Staging::member(const directory::Member& member) {
    if (!usable(member.group_id) || !usable(member.member_id))
        return;
    nested_ += member.is_group ? 1 : 0;
    add(members_, {walk_, member.group_id, member.member_id, member.is_group ? "t" : "f"});
}

void Staging::add(Batch& batch, scai::db::Cells cells) {
    batch.waiting.push_back(std::move(cells));
    if (batch.waiting.size() >= limit_)
        flush(batch);
}

void Staging::flush(Batch& batch) {
    if (batch.waiting.empty())
        return;
    batch.rows += scai::db::in_tx(pool_, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        auto copy = tx.copy_in(batch.target);
        for (const auto& cells : batch.waiting)
            copy->row(cells);
        return copy->finish();
    });
    batch.waiting.clear();
}

void Staging::finish() {
    flush(groups_);
    flush(users_);
    flush(members_);
    known_users_.clear();
}

} // namespace scaiflow::mirror
