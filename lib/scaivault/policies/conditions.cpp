// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/conditions.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <date/tz.h>

namespace scaivault::policies {

using scai::Error;
using scai::ErrorKind;
using scai::FieldError;
using scai::Result;
using scai::json::Value;

namespace {

constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int mapped_bits = 96; ///< ::ffff:0:0/96

std::optional<std::chrono::minutes> parse_clock(std::string_view text) {
    if (text.size() != 5 || text[2] != ':')
        return std::nullopt;
    const auto hours = scai::parse_int(text.substr(0, 2));
    const auto minutes = scai::parse_int(text.substr(3, 2));
    if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59 || *hours > 24 ||
        (*hours == 24 && *minutes != 0))
        return std::nullopt;
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

std::string clock_text(std::chrono::minutes time) {
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(time.count() / 60) + ":" + two(time.count() % 60);
}

const date::time_zone* zone_of(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

class Parser {
public:
    explicit Parser(std::string path) : path_(std::move(path)) {}

    Conditions parse(const Value& value) {
        Conditions out;
        value.each_member([&](std::string_view key, const Value& member) {
            if (key == "ip_ranges")
                ip_ranges(member, out);
            else if (key == "require_mfa")
                require_mfa(member, out);
            else if (key == "mfa_max_age")
                mfa_max_age(member, out);
            else if (key == "time_window")
                time_window(member, out);
            else
                reject(std::string(key),
                       "is no condition; there are ip_ranges, require_mfa, mfa_max_age, time_window");
        });
        return out;
    }

    void reject(const std::string& key, std::string message) {
        errors_.push_back({.path = path_ + (key.empty() ? "" : "." + key), .message = std::move(message)});
    }
    std::vector<FieldError> take_errors() { return std::move(errors_); }

private:
    void ip_ranges(const Value& list, Conditions& out) {
        if (!list.is_array() || list.size() == 0 || list.size() > 100)
            return reject("ip_ranges", "must be a list of 1 to 100 networks");
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto text = list.at(i).text_or("");
            if (const auto network = parse_network(text)) {
                out.ip_ranges.push_back(text);
                out.networks.push_back(*network);
            } else {
                reject("ip_ranges[" + std::to_string(i) + "]",
                       "must be an address or a network like 10.1.0.0/16 without host bits");
            }
        }
    }
    void require_mfa(const Value& value, Conditions& out) {
        if (const auto flag = value.boolean())
            out.require_mfa = *flag;
        else
            reject("require_mfa", "must be true or false");
    }
    void mfa_max_age(const Value& value, Conditions& out) {
        if (const auto age = parse_duration(value.text_or("")))
            out.mfa_max_age = *age;
        else
            reject("mfa_max_age", "must be a duration like 15m");
    }
    void time_window(const Value& value, Conditions& out) {
        if (!value.is_object())
            return reject("time_window", "must be an object with start, end, days, timezone");
        TimeWindow window;
        const auto start = parse_clock(value.member("start"));
        const auto end = parse_clock(value.member("end"));
        if (!start || *start == std::chrono::hours(24))
            reject("time_window.start", "must be a time of day like 08:00");
        if (!end)
            reject("time_window.end", "must be a time of day like 18:00; 24:00 is the end of the day");
        window.start = start.value_or(std::chrono::minutes(0));
        window.end = end.value_or(std::chrono::minutes(0));
        if (value.get("days").present())
            days(value.get("days"), window);
        if (value.get("timezone").present()) {
            window.timezone = value.member("timezone");
            if (zone_of(window.timezone) == nullptr)
                reject("time_window.timezone",
                       "must be a zone of the time zone database like Europe/Amsterdam");
        }
        value.each_member([&](std::string_view key, const Value&) {
            if (key != "start" && key != "end" && key != "days" && key != "timezone")
                reject("time_window." + std::string(key), "is unknown; there are start, end, days, timezone");
        });
        out.time_window = window;
    }
    void days(const Value& list, TimeWindow& window) {
        window.days = 0;
        list.each_item([&](const Value& item) {
            const auto found = std::find(day_names.begin(), day_names.end(), item.text_or(""));
            if (found == day_names.end())
                reject("time_window.days", "must be a list of mon, tue, wed, thu, fri, sat, sun");
            else
                window.days = static_cast<std::uint8_t>(window.days | (1U << (found - day_names.begin())));
        });
        if (!list.is_array() || list.size() == 0)
            reject("time_window.days", "must be a list of mon, tue, wed, thu, fri, sat, sun");
    }

    std::string path_;
    std::vector<FieldError> errors_;
};

} // namespace

std::optional<Address> parse_address(std::string_view text) {
    const std::string copy(text);
    Address out;
    if (inet_pton(AF_INET, copy.c_str(), out.bytes.data() + 12) == 1) {
        out.bytes[10] = out.bytes[11] = 0xFF;
        return out;
    }
    if (inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) == 1)
        return out;
    return std::nullopt;
}

bool Network::contains(const Address& address) const {
    const auto whole = static_cast<std::size_t>(prefix / 8);
    if (!std::equal(base.bytes.begin(), base.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin()))
        return false;
    if (prefix % 8 == 0)
        return true;
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> static_cast<unsigned>(prefix % 8));
    return (base.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    Network out{.base = *address, .prefix = 128};
    if (slash != std::string_view::npos) {
        const auto bits = scai::parse_int(text.substr(slash + 1));
        if (!bits || *bits < 0 || *bits > (v4 ? 32 : 128))
            return std::nullopt;
        out.prefix = static_cast<int>(*bits) + (v4 ? mapped_bits : 0);
    }
    for (int bit = out.prefix; bit < 128; ++bit)
        if ((out.base.bytes[static_cast<std::size_t>(bit / 8)] & (0x80U >> static_cast<unsigned>(bit % 8))) !=
            0)
            return std::nullopt;
    return out;
}

bool TimeWindow::contains(scai::UtcTime now) const {
    const auto* zone = zone_of(timezone);
    if (zone == nullptr)
        return false; // the database lost a zone it had: fail closed
    const auto local = zone->to_local(now);
    const auto day = date::floor<date::days>(local);
    const auto minute = std::chrono::floor<std::chrono::minutes>(local - day);
    const auto on = [&](date::local_days when) {
        return (days & (1U << (date::weekday(when).iso_encoding() - 1))) != 0;
    };
    if (start < end)
        return on(day) && minute >= start && minute < end;
    if (start == end)
        return on(day);
    return (minute >= start && on(day)) || (minute < end && on(day - date::days(1)));
}

std::string_view Conditions::failed(const Context& context) const {
    if (!networks.empty()) {
        const auto address = parse_address(context.source_ip);
        if (!address || std::none_of(networks.begin(), networks.end(),
                                     [&](const Network& network) { return network.contains(*address); }))
            return "ip_not_allowed";
    }
    if (require_mfa &&
        (!context.mfa_verified_at || *context.mfa_verified_at > context.now + std::chrono::minutes(1) ||
         context.now - *context.mfa_verified_at > mfa_max_age))
        return "mfa_required";
    if (time_window && !time_window->contains(context.now))
        return "time_window_violation";
    return {};
}

Result<Conditions> parse_conditions(const Value& value, const std::string& path) {
    if (!value.present() || value.is_null())
        return Conditions{};
    Parser parser(path);
    if (!value.is_object())
        parser.reject("", "must be an object");
    auto out = parser.parse(value);
    if (auto errors = parser.take_errors(); !errors.empty())
        return Error{.kind = ErrorKind::bad_request,
                     .code = "invalid_policy",
                     .message = "the conditions of a rule are malformed",
                     .fields = std::move(errors)};
    return out;
}

Value to_json(const Conditions& conditions) {
    Value out = Value::object();
    if (!conditions.ip_ranges.empty())
        out.set("ip_ranges", Value::array_of(conditions.ip_ranges));
    if (conditions.require_mfa) {
        out.set("require_mfa", true);
        out.set("mfa_max_age", std::to_string(conditions.mfa_max_age.count()) + "s");
    }
    if (const auto& window = conditions.time_window) {
        Value days = Value::array();
        for (std::size_t i = 0; i < day_names.size(); ++i)
            if ((window->days & (1U << i)) != 0)
                days.push(day_names[i]);
        out.set("time_window", Value::object({{"start", clock_text(window->start)},
                                              {"end", clock_text(window->end)},
                                              {"days", days},
                                              {"timezone", window->timezone}}));
    }
    return out;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text.size() < 2 || text.size() > 12 || text.front() < '0' || text.front() > '9')
        return std::nullopt;
    const auto count = scai::parse_int(text.substr(0, text.size() - 1));
    std::int64_t unit = 0;
    switch (text.back()) {
    case 's':
        unit = 1;
        break;
    case 'm':
        unit = 60;
        break;
    case 'h':
        unit = 3600;
        break;
    case 'd':
        unit = 86'400;
        break;
    case 'w':
        unit = 604'800;
        break;
    default:
        return std::nullopt;
    }
    constexpr std::int64_t century = 3'155'760'000;
    if (!count || *count <= 0 || *count > century / unit)
        return std::nullopt;
    return std::chrono::seconds(*count * unit);
}

} // namespace scaivault::policies
