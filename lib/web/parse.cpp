// SPDX-License-Identifier: Apache-2.0
#include "lib/web/parse.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <sys/random.h>

namespace scai::web {

namespace {

constexpr std::size_t max_path = 4096;

Error bad(std::string message) {
    return Error{.kind = ErrorKind::bad_request, .message = std::move(message)};
}

/// Decoded text that may go on: valid UTF-8 without NUL.
Result<std::string> decode_part(std::string_view raw, std::string_view what) {
    auto decoded = percent_decode(raw, true);
    if (!decoded)
        return bad("a " + std::string(what) + " has a broken percent escape");
    if (decoded->find('\0') != std::string::npos)
        return bad("a " + std::string(what) + " contains a NUL character");
    if (!valid_utf8(*decoded))
        return bad("a " + std::string(what) + " is not valid UTF-8");
    return std::move(*decoded);
}

bool has_escaped_slash(std::string_view raw) {
    for (std::size_t at = raw.find('%'); at != std::string_view::npos; at = raw.find('%', at + 1))
        if (iequals(raw.substr(at, 3), "%2f"))
            return true;
    return false;
}

} // namespace

Result<Pairs> parse_pairs(std::string_view text, std::string_view what) {
    Pairs out;
    while (!text.empty()) {
        const auto part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (part.empty())
            continue;
        const auto equals = part.find('=');
        SCAI_TRY(auto name, decode_part(part.substr(0, equals), what));
        if (name.empty())
            return bad("a " + std::string(what) + " has no name");
        SCAI_TRY(auto value,
                 decode_part(equals == std::string_view::npos ? "" : part.substr(equals + 1), what));
        const auto [position, added] = out.emplace(std::move(name), std::move(value));
        if (!added)
            return bad(std::string(what) + " '" + position->first + "' is given more than once");
    }
    return out;
}

Result<std::string> decode_path(std::string_view raw, bool escaped_slashes) {
    if (raw.empty() || raw.front() != '/')
        return bad("the path must start with /");
    if (!escaped_slashes && has_escaped_slash(raw))
        return bad("the path contains an escaped slash");
    auto decoded = percent_decode(raw, false);
    if (!decoded)
        return bad("the path has a broken percent escape");
    return std::move(*decoded);
}

Status check_path(std::string_view path) {
    if (path.empty() || path.front() != '/')
        return bad("the path must start with /");
    if (path.size() > max_path)
        return bad("the path is longer than " + std::to_string(max_path) + " bytes");
    if (std::any_of(path.begin(), path.end(), [](char c) {
            const auto value = static_cast<unsigned char>(c);
            return value < 0x20 || value == 0x7F;
        }))
        return bad("the path contains a control character");
    if (!valid_utf8(path))
        return bad("the path is not valid UTF-8");
    for (std::size_t start = 1; start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto segment = path.substr(start, end - start);
        if (segment == "." || segment == "..")
            return bad("the path contains a dot segment");
        start = end + 1;
    }
    return Done{};
}

bool sane_request_id(std::string_view text) {
    constexpr std::size_t longest = 128;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
}

std::string make_request_id() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, 12> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("getrandom failed");
    std::string out = "req_";
    for (const unsigned byte : bytes) {
        out.push_back(digits[byte >> 4U]);
        out.push_back(digits[byte & 15U]);
    }
    return out;
}

} // namespace scai::web
