// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/store.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"

#include <algorithm>
#include <vector>

namespace scaivault::audit {

namespace {

constexpr auto insert_row = R"(INSERT INTO scaivault.audit_log
       (tenant_id, id, action, identity_type, identity_id, secret_path, source_ip, user_agent, success, duration_ms,
        request_id, extra_data)
VALUES (:p1, :p2, :p3, :p4, :p5, nullif(:p6::text, ''), :p7, :p8, :p9::boolean, :p10::integer, :p11, :p12::jsonb))";

constexpr auto insert_batch = R"(INSERT INTO scaivault.audit_log
       (tenant_id, id, action, identity_type, identity_id, secret_path, source_ip, user_agent, success, duration_ms,
        request_id, extra_data)
SELECT r.tenant_id, r.id, r.action, r.identity_type, r.identity_id, nullif(r.secret_path, ''), r.source_ip, r.user_agent,
       r.success, r.duration_ms, r.request_id, r.extra_data::jsonb
  FROM unnest(:p1::text[], :p2::text[], :p3::text[], :p4::text[], :p5::text[], :p6::text[], :p7::text[], :p8::text[],
              :p9::boolean[], :p10::integer[], :p11::text[], :p12::text[])
       AS r (tenant_id, id, action, identity_type, identity_id, secret_path, source_ip, user_agent, success, duration_ms,
             request_id, extra_data))";

constexpr std::size_t log_id_length = 20;
constexpr std::size_t max_text = 1024; ///< of what a client chose: user agent, identity, path
constexpr std::size_t max_extra = 16384;
constexpr std::int64_t max_duration_ms = 2'000'000'000;

/// NB: a text inside an array reaches PostgreSQL like one alone: invalid UTF-8 fails the whole statement.
std::string storable(std::string_view text, std::size_t limit = max_text) {
    if (text.size() <= limit && text.find('\0') == std::string_view::npos && scai::valid_utf8(text))
        return std::string(text);
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < limit;) {
        // The longest first: a character of n bytes has no valid part of fewer.
        std::size_t length = std::min<std::size_t>(4, text.size() - i);
        while (length > 1 && !scai::valid_utf8(text.substr(i, length)))
            --length;
        // Of four ASCII characters only the first is taken; what follows is judged by itself.
        if (static_cast<unsigned char>(text[i]) < 0x80)
            length = 1;
        const auto character = text.substr(i, length);
        if (character[0] == '\0' || !scai::valid_utf8(character))
            out += "\xEF\xBF\xBD"; // U+FFFD
        else
            out += character;
        i += length;
    }
    return out;
}

std::string extra_text(const scai::json::Value& extra) {
    std::string out = extra.is_object() ? extra.dump() : "{}";
    // jsonb refuses \u0000, which lib/json never lets in; size is ours to bound.
    return out.size() <= max_extra ? out : R"({"truncated":true})";
}

template<class T, class Member>
std::vector<T> column(std::span<const Row* const> rows, Member Row::*member) {
    std::vector<T> out;
    out.reserve(rows.size());
    for (const Row* row : rows)
        out.push_back(row->*member);
    return out;
}

} // namespace

Row::Row(const Entry& entry)
    : id("log_" + scai::crypto::random_id(log_id_length)), tenant_id(storable(entry.tenant_id)),
      action(storable(entry.action)), identity_type(storable(entry.identity_type)),
      identity_id(storable(entry.identity_id)), secret_path(storable(entry.secret_path)),
      source_ip(storable(entry.source_ip)), user_agent(storable(entry.user_agent)),
      request_id(storable(entry.request_id)), extra(extra_text(entry.extra)), success(entry.success),
      duration_ms(std::clamp<std::int64_t>(entry.duration_ms, 0, max_duration_ms)) {}

void insert_rows(scai::db::Executor& executor, std::span<const Row* const> rows) {
    if (rows.size() == 1) {
        const Row& r = *rows[0];
        executor.maybe<>(insert_row, r.tenant_id, r.id, r.action, r.identity_type, r.identity_id,
                         r.secret_path, r.source_ip, r.user_agent, r.success, r.duration_ms, r.request_id,
                         r.extra);
        return;
    }
    using Texts = std::string;
    executor.maybe<>(insert_batch, column<Texts>(rows, &Row::tenant_id), column<Texts>(rows, &Row::id),
                     column<Texts>(rows, &Row::action), column<Texts>(rows, &Row::identity_type),
                     column<Texts>(rows, &Row::identity_id), column<Texts>(rows, &Row::secret_path),
                     column<Texts>(rows, &Row::source_ip), column<Texts>(rows, &Row::user_agent),
                     column<std::int64_t>(rows, &Row::success), column<std::int64_t>(rows, &Row::duration_ms),
                     column<Texts>(rows, &Row::request_id), column<Texts>(rows, &Row::extra));
}

} // namespace scaivault::audit
