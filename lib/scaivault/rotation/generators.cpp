// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/generators.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/crypto/generate.hpp"
#include "lib/json/rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <vector>

namespace scaivault::rotation {

using scai::FieldError;
using scai::Result;
using scai::SecretText;
using scai::json::Value;

namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz", upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                           digits = "0123456789";
constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view printable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                       "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::size_t most_fields = 50, longest_name = 64, longest_value = 4096;

struct Charset {
    std::string_view name, characters;
};
/// safe: without quotes, backslash, $ and what looks alike (0 O, 1 l I).
constexpr std::array charsets{
    Charset{"alphanumeric", alphanumeric},
    Charset{"alpha", alphanumeric.substr(0, 52)},
    Charset{"lower", lower},
    Charset{"upper", upper},
    Charset{"numeric", digits},
    Charset{"safe", "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.~!@#%^*+="},
    Charset{"symbols", printable},
    Charset{"full", printable},
};

std::string_view characters_of(std::string_view name) {
    for (const auto& each : charsets)
        if (each.name == name)
            return each.characters;
    return {};
}

bool has_symbol(std::string_view text) {
    return text.find_first_not_of(alphanumeric) != std::string_view::npos;
}

struct Required {
    std::string_view key;
    bool (*met)(std::string_view);
};
constexpr std::array required_classes{
    Required{"require_upper",
             [](std::string_view text) { return text.find_first_of(upper) != std::string_view::npos; }},
    Required{"require_lower",
             [](std::string_view text) { return text.find_first_of(lower) != std::string_view::npos; }},
    Required{"require_digit",
             [](std::string_view text) { return text.find_first_of(digits) != std::string_view::npos; }},
    Required{"require_symbol", has_symbol},
};

/// Collects what is wrong with one field's config.
class Config {
public:
    Config(const Value& config, std::string where, std::vector<FieldError>& errors)
        : config_(config), where_(std::move(where)), errors_(errors) {}

    void reject(std::string_view key, std::string message) {
        errors_.push_back(
            {.path = where_ + (key.empty() ? "" : ".") + std::string(key), .message = std::move(message)});
    }
    std::int64_t number(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
        used_.insert(std::string(key));
        const auto value = config_.get(key);
        if (!value.present())
            return fallback;
        const auto number = value.is_integer() ? value.integer() : std::nullopt;
        if (!number || *number < min || *number > max) {
            reject(key, "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
            return fallback;
        }
        return *number;
    }
    std::int64_t one_of(std::string_view key, std::int64_t fallback,
                        std::initializer_list<std::int64_t> known) {
        used_.insert(std::string(key));
        const auto value = config_.get(key);
        if (!value.present())
            return fallback;
        const auto number = value.is_integer() ? value.integer() : std::nullopt;
        if (number && std::find(known.begin(), known.end(), *number) != known.end())
            return *number;
        std::vector<std::string> names;
        for (const auto each : known)
            names.push_back(std::to_string(each));
        reject(key, "must be one of " + scai::join(names, ", "));
        return fallback;
    }
    std::string text(std::string_view key, std::string_view fallback, const std::vector<std::string>& known) {
        used_.insert(std::string(key));
        const auto value = config_.get(key);
        if (!value.present())
            return std::string(fallback);
        const auto text = value.text();
        if (text && (known.empty() || std::find(known.begin(), known.end(), *text) != known.end()))
            return *text;
        reject(key, known.empty() ? "must be a string" : "must be one of " + scai::join(known, ", "));
        return std::string(fallback);
    }
    bool flag(std::string_view key) {
        used_.insert(std::string(key));
        const auto value = config_.get(key);
        if (!value.present())
            return false;
        if (!value.boolean())
            reject(key, "must be true or false");
        return value.boolean().value_or(false);
    }
    bool has(std::string_view key) const { return config_.get(key).present(); }
    /// A misspelt key would silently weaken the value.
    void refuse_others() {
        config_.each_member([&](std::string_view key, const Value& /*value*/) {
            if (used_.find(key) == used_.end())
                reject(key, "is not known to this generator");
        });
    }

private:
    Value config_;
    std::string where_;
    std::vector<FieldError>& errors_;
    std::set<std::string, std::less<>> used_;
};

/// Text of a JSON value that is wiped with this.
class Output {
public:
    explicit Output(std::size_t room) { text_.reserve(room); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() { explicit_bzero(text_.data(), text_.size()); }

    void raw(std::string_view text) {
        make_room(text.size());
        text_ += text;
    }
    void quoted(std::string_view text) {
        make_room(text.size() * 6 + 2);
        scai::json::append_text(text_, text);
    }
    std::string_view view() const { return text_; }

private:
    /// Moves by hand: what std::string leaves behind when it grows is not wiped.
    void make_room(std::size_t more) {
        if (text_.size() + more <= text_.capacity())
            return;
        std::string larger;
        larger.reserve(2 * (text_.size() + more));
        larger = text_;
        explicit_bzero(text_.data(), text_.size());
        text_.swap(larger);
    }
    std::string text_;
};

void put_pair(Output& out, std::string_view first, std::string_view first_value, std::string_view second,
              std::string_view second_value) {
    out.raw("{");
    out.quoted(first);
    out.raw(":");
    out.quoted(first_value);
    out.raw(",");
    out.quoted(second);
    out.raw(":");
    out.quoted(second_value);
    out.raw("}");
}

void put_keys(Output& out, const scai::crypto::KeyPair& pair) {
    put_pair(out, "private_key", pair.private_key.reveal(), "public_key", pair.public_key);
}

/// RFC 9562: version 4, or 7 with the milliseconds of `now` in front.
std::string uuid(int version, scai::UtcTime now) {
    std::string bytes = scai::crypto::random_bytes(16);
    if (version == 7) {
        auto ms = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
        for (std::size_t i = 6; i-- > 0; ms >>= 8U)
            bytes[i] = static_cast<char>(ms & 0xFFU);
    }
    bytes[6] =
        static_cast<char>((static_cast<unsigned>(bytes[6]) & 0x0FU) | (static_cast<unsigned>(version) << 4U));
    bytes[8] = static_cast<char>((static_cast<unsigned>(bytes[8]) & 0x3FU) | 0x80U);
    std::string out = scai::crypto::to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U})
        out.insert(at, 1, '-');
    return out;
}

/// Uniform over all texts that have every class asked for: what lacks one is drawn again as a whole.
SecretText random_with(std::string_view characters, std::size_t length,
                       const std::vector<const Required*>& wanted) {
    for (;;) {
        auto text = scai::crypto::random_text(characters, length);
        if (std::all_of(wanted.begin(), wanted.end(),
                        [&](const Required* each) { return each->met(text.reveal()); }))
            return text;
    }
}

/// One piece of a template: literal text, or a placeholder with its number.
struct Piece {
    std::string_view literal, name;
    std::size_t number = 0;
};
/// "" or what is wrong.
std::string cut(std::string_view text, std::vector<Piece>& out) {
    std::size_t total = 0;
    while (!text.empty()) {
        const auto open = text.find("{{");
        if (open != 0) {
            out.push_back({.literal = text.substr(0, open), .name = {}});
            text.remove_prefix(std::min(open, text.size()));
            continue;
        }
        const auto close = text.find("}}");
        if (close == std::string_view::npos)
            return "has a {{ that is never closed";
        const auto inner = scai::trim(text.substr(2, close - 2));
        const auto name = inner.substr(0, inner.find(':'));
        const auto argument = name.size() < inner.size() ? inner.substr(name.size() + 1) : std::string_view();
        const bool counted = name == "random" || name == "hex";
        if (!counted && name != "uuid" && name != "timestamp")
            return "knows {{random:N}}, {{hex:N}}, {{uuid}} and {{timestamp}} only";
        const auto number = scai::parse_int(argument);
        if (counted && (!number || *number < 1 || *number > static_cast<std::int64_t>(longest_value)))
            return "wants a length after the colon: {{" + std::string(name) + ":16}}";
        if (!counted && name.size() < inner.size())
            return "{{" + std::string(name) + "}} takes no number";
        out.push_back(
            {.literal = {}, .name = name, .number = counted ? static_cast<std::size_t>(*number) : 0});
        total += out.back().number;
        text.remove_prefix(close + 2);
    }
    return total > longest_value ? "makes more than " + std::to_string(longest_value) + " characters" : "";
}

/// A generator reads its config and, unless `out` is null, writes the value as JSON. One function for both,
/// so that what was accepted is what is made.
using Generator = void (*)(Config&, Output*, scai::UtcTime);

void random(Config& config, Output* out, scai::UtcTime /*now*/) {
    std::vector<std::string> names;
    for (const auto& each : charsets)
        names.emplace_back(each.name);
    const auto length = config.number("length", 32, 1, static_cast<std::int64_t>(longest_value));
    const auto charset = config.text("charset", "alphanumeric", names);
    const auto characters = characters_of(charset);
    std::vector<const Required*> wanted;
    for (const auto& each : required_classes) {
        if (!config.flag(each.key))
            continue;
        wanted.push_back(&each);
        if (!each.met(characters))
            config.reject(each.key, "the charset " + charset + " has no such character");
    }
    if (length < static_cast<std::int64_t>(wanted.size()))
        config.reject("length", "is shorter than the number of required classes");
    if (out != nullptr)
        out->quoted(random_with(characters, static_cast<std::size_t>(length), wanted).reveal());
}

void hex(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto length = config.number("length", 32, 1, static_cast<std::int64_t>(longest_value));
    if (out != nullptr)
        out->quoted(scai::crypto::random_text("0123456789abcdef", static_cast<std::size_t>(length)).reveal());
}

void uuid_value(Config& config, Output* out, scai::UtcTime now) {
    const auto version = config.one_of("version", 4, {4, 7});
    if (out != nullptr)
        out->quoted(uuid(static_cast<int>(version), now));
}

void from_template(Config& config, Output* out, scai::UtcTime now) {
    const auto text = config.text("template", "", {});
    if (!config.has("template") || text.empty() || text.size() > longest_value)
        return config.reject("template",
                             "must be a string of 1 to " + std::to_string(longest_value) + " characters");
    std::vector<Piece> pieces;
    if (const auto problem = cut(text, pieces); !problem.empty())
        return config.reject("template", problem);
    if (out == nullptr)
        return;
    Output value(4 * longest_value);
    for (const auto& piece : pieces) {
        if (piece.name == "random")
            value.raw(scai::crypto::random_text(alphanumeric, piece.number).reveal());
        else if (piece.name == "hex")
            value.raw(scai::crypto::random_text("0123456789abcdef", piece.number).reveal());
        else if (piece.name == "uuid")
            value.raw(uuid(4, now));
        else if (piece.name == "timestamp")
            value.raw(std::to_string(scai::unix_seconds(now)));
        else
            value.raw(piece.literal);
    }
    out->quoted(value.view());
}

void rsa(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto bits = config.one_of("bits", 2048, {2048, 4096});
    if (out != nullptr)
        put_keys(*out, scai::crypto::make_rsa_pair(static_cast<int>(bits)));
}

void ec(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto curve = config.text("curve", "P-256", {"P-256", "P-384"});
    if (out != nullptr)
        put_keys(*out, scai::crypto::make_ec_pair(curve));
}

void ssh(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto type = config.text("key_type", "ed25519", {"ed25519", "rsa"});
    const auto bits = config.one_of("bits", 4096, {2048, 4096});
    if (config.has("bits") && type != "rsa")
        config.reject("bits", "belongs to key_type rsa");
    const auto comment = config.text("comment", "", {});
    if (comment.size() > 255 ||
        std::any_of(comment.begin(), comment.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
        config.reject("comment", "must be one line of at most 255 characters");
    if (out != nullptr)
        put_keys(*out, type == "rsa" ? scai::crypto::make_ssh_rsa_pair(static_cast<int>(bits), comment)
                                     : scai::crypto::make_ssh_ed25519_pair(comment));
}

void bcrypt_hash(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto length = config.number("length", 24, 8, 72); // bcrypt does not look further
    const auto rounds = config.number("rounds", 12, 4, 14);
    if (out == nullptr)
        return;
    const auto password = scai::crypto::random_text(alphanumeric, static_cast<std::size_t>(length));
    put_pair(*out, "password", password.reveal(), "hash",
             scai::crypto::bcrypt(password.reveal(), static_cast<int>(rounds)));
}

void literal(Config& config, Output* out, scai::UtcTime /*now*/) {
    const auto value = config.text("value", "", {});
    if (!config.has("value"))
        config.reject("value", "is required");
    if (value.size() > longest_value)
        config.reject("value", "must be at most " + std::to_string(longest_value) + " bytes");
    if (out != nullptr)
        out->quoted(value);
}

struct Named {
    std::string_view name;
    Generator run;
};
constexpr std::array generators{
    Named{"random", random},   Named{"hex", hex},
    Named{"uuid", uuid_value}, Named{"template", from_template},
    Named{"rsa_keypair", rsa}, Named{"ec_keypair", ec},
    Named{"ssh_keypair", ssh}, Named{"bcrypt_hash", bcrypt_hash},
    Named{"static", literal},
};

Generator generator_of(std::string_view name) {
    for (const auto& each : generators)
        if (each.name == name)
            return each.run;
    return nullptr;
}

std::string generator_names() {
    std::vector<std::string> names;
    for (const auto& each : generators)
        names.emplace_back(each.name);
    return scai::join(names, ", ");
}

bool valid_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](char c) {
        return alphanumeric.find(c) != std::string_view::npos || c == '_' || c == '-' || c == '.';
    });
}

void visit_field(const Value& field, const std::string& where, std::set<std::string>& names,
                 std::vector<FieldError>& errors, Output* out, scai::UtcTime now) {
    if (!field.is_object()) {
        errors.push_back({.path = where, .message = "must be an object with name and generator"});
        return;
    }
    const auto name = field.member("name");
    if (!valid_name(name))
        errors.push_back(
            {.path = where + ".name", .message = "must be 1 to 64 of letters, digits, '_', '-' and '.'"});
    else if (!names.insert(name).second)
        errors.push_back({.path = where + ".name", .message = "is there twice"});
    field.each_member([&](std::string_view key, const Value& /*value*/) {
        if (key != "name" && key != "generator" && key != "config")
            errors.push_back(
                {.path = where + "." + std::string(key), .message = "is not a member of a field"});
    });
    const auto generator = generator_of(field.member("generator"));
    if (generator == nullptr) {
        errors.push_back({.path = where + ".generator", .message = "must be one of " + generator_names()});
        return;
    }
    const auto given = field.get("config");
    if (given.present() && !given.is_null() && !given.is_object()) {
        errors.push_back({.path = where + ".config", .message = "must be an object"});
        return;
    }
    Config config(given.is_object() ? given : Value::object(), where + ".config", errors);
    if (out != nullptr && errors.empty()) {
        out->quoted(name);
        out->raw(":");
    }
    generator(config, errors.empty() ? out : nullptr, now);
    config.refuse_others();
}

std::vector<FieldError> visit(const Value& fields, Output* out, scai::UtcTime now) {
    std::vector<FieldError> errors;
    if (!fields.is_array() || fields.size() == 0 || fields.size() > most_fields) {
        errors.push_back({.path = "fields",
                          .message = "must be a list of 1 to " + std::to_string(most_fields) + " fields"});
        return errors;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (out != nullptr && i > 0)
            out->raw(",");
        visit_field(fields.at(i), "fields[" + std::to_string(i) + "]", names, errors, out, now);
    }
    return errors;
}

scai::Error refusal(std::vector<FieldError> errors) {
    scai::Error out{.kind = scai::ErrorKind::unprocessable,
                    .code = "validation_error",
                    .message = errors.front().path + ": " + errors.front().message};
    out.fields = std::move(errors);
    return out;
}

} // namespace

scai::Status check_fields(const Value& fields) {
    auto errors = visit(fields, nullptr, {});
    if (!errors.empty())
        return refusal(std::move(errors));
    return scai::Done{};
}

Result<SecretText> generate(const Value& fields, scai::UtcTime now) {
    SCAI_TRY([[maybe_unused]] const auto checked, check_fields(fields));
    Output out(4096);
    out.raw("{");
    visit(fields, &out, now);
    out.raw("}");
    return SecretText(out.view());
}

} // namespace scaivault::rotation
