// SQL constants put together at compile time, so that a piece every statement must contain (who may see what)
// is written once:
//   constexpr char visible[] = " AND owner_id = :p1 ";
//   constexpr auto find_flow = db::joined<select_flow, visible>;
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace scai::db {

namespace detail {

template<const auto&... parts>
struct Joined {
    static constexpr std::size_t size = (sizeof(parts) + ...) - sizeof...(parts) + 1;
    static constexpr std::array<char, size> storage = [] {
        std::array<char, size> out{};
        std::size_t at = 0;
        const auto append = [&](const auto& part) {
            for (std::size_t i = 0; i + 1 < sizeof(part); ++i)
                out[at++] = part[i];
        };
        (append(parts), ...);
        return out;
    }();
};

} // namespace detail

/// The parts are character arrays of static storage; the result is too, as lib/db asks of a statement.
template<const auto&... parts>
inline constexpr const char* joined = detail::Joined<parts...>::storage.data();

} // namespace scai::db
