// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/staging.hpp"

#include <cstring>
#include <utility>

namespace scai::directory {

namespace {

// A longer id cannot be an index key three times over; no directory has one.
constexpr std::size_t longest_id = 255;
// E-mail and group name are index keys.
constexpr std::size_t longest_attribute = 1024;

constexpr auto user_rows = ".sweep_users (walk, id, email, display_name, status, upstream_at)";
constexpr auto group_rows = ".sweep_groups (walk, id, name, status, upstream_at)";
constexpr auto member_rows = ".sweep_members (walk, group_id, member_id, is_group)";

scai::db::Cell time_cell(const std::optional<scai::UtcTime>& time) {
    if (!time)
        return std::nullopt;
    return scai::to_iso8601(*time);
}

constexpr std::uint32_t no_text = UINT32_MAX; ///< the length of NULL

/// The next cell of Batch::waiting; `cell` keeps its memory from row to row.
void read_cell(std::string_view& from, scai::db::Cell& cell) {
    std::uint32_t length = 0;
    std::memcpy(&length, from.data(), sizeof length);
    from.remove_prefix(sizeof length);
    if (length == no_text) {
        cell.reset();
        return;
    }
    if (!cell)
        cell.emplace();
    cell->assign(from, 0, length);
    from.remove_prefix(length);
}

} // namespace

Staging::Staging(scai::db::Pool& pool, const std::string& schema, std::int64_t walk, std::size_t batch)
    : pool_(pool), walk_(std::to_string(walk)),
      limit_(batch), users_{schema + user_rows, 6}, groups_{schema + group_rows, 5}, members_{schema +
                                                                                                  member_rows,
                                                                                              4} {}

Staging::~Staging() = default;

bool Staging::usable(const std::string& id) {
    if (!id.empty() && id.size() <= longest_id && id.find('\0') == std::string::npos)
        return true;
    ++damaged_;
    return false;
}

/// Verbatim, but for what the database cannot hold: NUL becomes U+FFFD, endless text is cut between
/// characters. `room` holds what had to be changed.
std::string_view Staging::attribute(const std::string& text, std::string& room) {
    if (text.size() <= longest_attribute && text.find('\0') == std::string::npos)
        return text;
    ++shortened_;
    room.clear();
    for (char c : text) {
        if (c == '\0')
            room += "\xEF\xBF\xBD";
        else
            room += c;
    }
    if (room.size() > longest_attribute) {
        std::size_t end = longest_attribute;
        while (end > 0 && (static_cast<unsigned char>(room[end]) & 0xC0U) == 0x80U)
            --end;
        room.resize(end);
    }
    return room;
}

void Staging::user(const User& user) {
    if (!usable(user.id))
        return;
    const auto upstream_at = time_cell(user.upstream_at);
    const std::hash<std::string_view> hash;
    scratch_.clear();
    for (const std::string* part : {&user.id, &user.email, &user.display_name, &user.status})
        scratch_.append(*part).append(1, '\n');
    scratch_ += upstream_at.value_or("");
    const std::size_t rest = hash(scratch_);
    const auto [known, added] = known_users_.try_emplace(hash(user.id), rest);
    if (!added && known->second == rest)
        return;
    known->second = rest;
    std::string email;
    std::string name;
    std::string status;
    add(users_, {walk_, user.id, attribute(user.email, email), attribute(user.display_name, name),
                 attribute(user.status, status), upstream_at});
}

void Staging::group(const Group& group) {
    if (!usable(group.id))
        return;
    std::string name;
    std::string status;
    add(groups_, {walk_, group.id, attribute(group.name, name), attribute(group.status, status),
                  time_cell(group.upstream_at)});
}

void Staging::member(const Member& member) {
    if (!usable(member.group_id) || !usable(member.member_id))
        return;
    nested_ += member.is_group ? 1 : 0;
    add(members_, {walk_, member.group_id, member.member_id, member.is_group ? "t" : "f"});
}

void Staging::add(Batch& batch, std::initializer_list<Text> cells) {
    for (const Text& cell : cells) {
        const auto length = cell ? static_cast<std::uint32_t>(cell->size()) : no_text;
        char bytes[sizeof length];
        std::memcpy(bytes, &length, sizeof length);
        batch.waiting.append(bytes, sizeof length).append(cell.value_or(""));
    }
    if (++batch.count >= limit_)
        flush(batch);
}

void Staging::flush(Batch& batch) {
    if (batch.count == 0)
        return;
    settle();
    auto copy_rows = [target = batch.target, columns = batch.columns,
                      waiting = std::exchange(batch.waiting, {})](scai::db::Tx& tx) {
        auto copy = tx.copy_in(target);
        scai::db::Cells cells(columns);
        for (std::string_view left = waiting; !left.empty();) {
            for (auto& cell : cells)
                read_cell(left, cell);
            copy->row(cells);
        }
        return copy->finish();
    };
    batch.count = 0;
    copying_ = {&batch, std::async(std::launch::async, [&pool = pool_, work = std::move(copy_rows)] {
                    return scai::db::in_tx(pool, scai::db::Scope::none(), work);
                })};
}

/// Waits for the batch that is being copied; throws what it threw.
void Staging::settle() {
    if (copying_.rows.valid())
        copying_.batch->rows += copying_.rows.get();
}

void Staging::finish() {
    for (Batch* batch : {&groups_, &users_, &members_})
        flush(*batch);
    settle();
    known_users_.clear();
}

} // namespace scai::directory
