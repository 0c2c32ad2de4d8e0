// IANA's registries of special-purpose addresses (RFC 6890). SPDX-License-Identifier: Apache-2.0
#include "lib/http/address.hpp"

#include "lib/http/client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace scai::http {

namespace {

struct Block {
    std::uint32_t base;
    unsigned prefix;
};
constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}
constexpr std::array blocks{
    Block{ip(0, 0, 0, 0), 8},        Block{ip(10, 0, 0, 0), 8},     Block{ip(100, 64, 0, 0), 10},
    Block{ip(127, 0, 0, 0), 8},      Block{ip(169, 254, 0, 0), 16}, Block{ip(172, 16, 0, 0), 12},
    Block{ip(192, 0, 0, 0), 24},     Block{ip(192, 0, 2, 0), 24},   Block{ip(192, 88, 99, 0), 24},
    Block{ip(192, 168, 0, 0), 16},   Block{ip(198, 18, 0, 0), 15},  Block{ip(198, 51, 100, 0), 24},
    Block{ip(203, 0, 113, 0), 24},   Block{ip(224, 0, 0, 0), 4},    Block{ip(240, 0, 0, 0), 4},
    Block{ip(168, 63, 129, 16), 32}, // a cloud's host agent, on a public address
};

bool public_v4(std::uint32_t address) {
    return std::none_of(blocks.begin(), blocks.end(), [&](const Block& block) {
        return (address ^ block.base) >> (32U - block.prefix) == 0;
    });
}

using Bytes = std::array<std::uint8_t, 16>;

bool starts(const Bytes& address, std::initializer_list<std::uint8_t> with) {
    return std::equal(with.begin(), with.end(), address.begin());
}

bool public_v6(const Bytes& a) {
    if (starts(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}))
        return public_v4(ip(a[12], a[13], a[14], a[15]));
    if ((a[0] & 0xE0U) != 0x20U) // 2000::/3 is all that is given out
        return false;
    const bool protocol = starts(a, {0x20, 0x01}) && a[2] < 0x02; // 2001::/23, Teredo among them
    const bool documentation =
        starts(a, {0x20, 0x01, 0x0D, 0xB8}) || (starts(a, {0x3F, 0xFF}) && (a[2] & 0xF0U) == 0);
    const bool six_to_four = starts(a, {0x20, 0x02});
    return !protocol && !documentation && !six_to_four;
}

} // namespace

bool is_public(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return public_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        Bytes bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return public_v6(bytes);
    }
    return false;
}

std::optional<bool> host_is_public(std::string_view url) {
    std::string host = origin_of(url); // lower case, odd spellings of IPv4 made plain
    host.erase(0, host.find("://") == std::string::npos ? 0 : host.find("://") + 3);
    if (host.starts_with('[')) {
        host = host.substr(1, host.find(']') - 1);
        host.erase(std::min(host.find('%'), host.size())); // a zone
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1)
            return false;
        Bytes bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return public_v6(bytes);
    }
    host.erase(std::min(host.find(':'), host.size()));
    while (host.ends_with('.'))
        host.pop_back();
    if (host == "localhost" || host.ends_with(".localhost"))
        return false;
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1)
        return public_v4(ntohl(v4.s_addr));
    return std::nullopt;
}

} // namespace scai::http
