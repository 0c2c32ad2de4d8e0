// Conditions of a policy rule (contract scaivault.md 3.5): all of a rule must hold. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::policies {

/// An IPv4 or IPv6 address; an IPv4-mapped IPv6 address is the IPv4 address it maps.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const Address&) const = default;
};
std::optional<Address> parse_address(std::string_view text);

struct Network {
    Address base;
    int prefix = 0; ///< 0..128, of the 16 bytes
    bool contains(const Address& address) const;
};
/// "10.1.0.0/16", "2001:db8::/32", or a single address. Host bits must be zero.
std::optional<Network> parse_network(std::string_view text);

/// Wall-clock window in a time zone. `start` after `end` runs over midnight and belongs to the day it starts
/// on; equal ones are the whole day.
struct TimeWindow {
    std::chrono::minutes start{0}, end{0};
    std::uint8_t days = 0x7F; ///< bit 0 = Monday
    std::string timezone = "UTC";
    bool contains(scai::UtcTime now) const;
};

/// What a request brings along.
struct Context {
    std::string source_ip;
    std::optional<scai::UtcTime> mfa_verified_at;
    scai::UtcTime now;
};

struct Conditions {
    std::vector<std::string> ip_ranges; ///< as written
    std::vector<Network> networks;      ///< of ip_ranges
    bool require_mfa = false;
    std::chrono::seconds mfa_max_age{900};
    std::optional<TimeWindow> time_window;

    bool empty() const { return networks.empty() && !require_mfa && !time_window; }
    /// "" when all hold, else the first that does not: ip_not_allowed, mfa_required, time_window_violation.
    std::string_view failed(const Context& context) const;
};

/// `path` ("rules[0].conditions") prefixes the field errors; unknown keys are refused: a misspelt condition
/// would otherwise allow everything. Absent and null are no conditions.
scai::Result<Conditions> parse_conditions(const scai::json::Value& value, const std::string& path);
scai::json::Value to_json(const Conditions& conditions);

/// "15m", "24h", "90d", "30s", "2w"; nullopt for anything else, zero and what does not fit 100 years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

} // namespace scaivault::policies
