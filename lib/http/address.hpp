// Which addresses belong to the public internet. For requests whose URL somebody else chose: they must not
// reach this host, its network or the metadata service of its cloud. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

struct sockaddr;

namespace scai::http {

/// False for everything but global unicast: loopback, private, shared, link-local, unique local, multicast,
/// documentation, tunnels that embed another address, metadata services; an IPv4-mapped IPv6 address is the
/// IPv4 address it maps. False for what is neither IPv4 nor IPv6.
bool is_public(const sockaddr& address);

/// Of a URL's host when that is an address ("10.0.0.1", "0x7f.1", "2130706433", "[::1]") or "localhost";
/// nothing when it is a name.
std::optional<bool> host_is_public(std::string_view url);

} // namespace scai::http
