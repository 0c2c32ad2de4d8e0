// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/codec.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/view.hpp"
#include "lib/scir/values.hpp"

#include <bit>
#include <cmath>

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

namespace scai::scir {

using json::Value;

namespace {

// A byte of input can become an object of 300 bytes in memory: these bounds are what keeps 10 MB harmless.
constexpr std::size_t max_depth = 200;
constexpr std::size_t max_values = 1'000'000;
constexpr std::size_t max_containers = 200'000;

using Packer = msgpack::packer<msgpack::sbuffer>;

void pack_text(Packer& packer, std::string_view text) {
    packer.pack_str(static_cast<std::uint32_t>(text.size()));
    packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

template<class Bits>
void pack_bits(msgpack::sbuffer& buffer, char type, Bits bits) {
    std::string out(1, type);
    for (int shift = 8 * (static_cast<int>(sizeof bits) - 1); shift >= 0; shift -= 8)
        out += static_cast<char>((bits >> shift) & 0xFFU);
    buffer.write(out.data(), out.size());
}

void pack_number(msgpack::sbuffer& buffer, Packer& packer, const Value& value) {
    if (value.is_integer()) {
        packer.pack_int64(*value.integer());
        return;
    }
    // The library writes 2.0 as the integer 2, which another reader would not take back: so by hand.
    const double number = *value.number();
    const auto narrow = static_cast<float>(number);
    if (std::isfinite(narrow) && static_cast<double>(narrow) == number)
        pack_bits(buffer, '\xca', std::bit_cast<std::uint32_t>(narrow));
    else
        pack_bits(buffer, '\xcb', std::bit_cast<std::uint64_t>(number));
}

void pack(msgpack::sbuffer& buffer, Packer& packer, const Value& value) {
    if (value.is_object()) {
        packer.pack_map(static_cast<std::uint32_t>(value.size()));
        value.each_member([&](std::string_view key, const Value& member) {
            pack_text(packer, key);
            pack(buffer, packer, member);
        });
    } else if (value.is_array()) {
        packer.pack_array(static_cast<std::uint32_t>(value.size()));
        value.each_item([&](const Value& item) { pack(buffer, packer, item); });
    } else if (value.is_string()) {
        pack_text(packer, json::view_of(value));
    } else if (const auto flag = value.boolean()) {
        *flag ? packer.pack_true() : packer.pack_false();
    } else if (value.number()) {
        pack_number(buffer, packer, value);
    } else {
        packer.pack_nil();
    }
}

/// Builds the JSON tree from msgpack's callbacks; the parser keeps its own stack, so depth costs no call
/// stack. A false return stops it, `problem` says why.
class Builder : public msgpack::null_visitor {
public:
    bool visit_nil() { return put(nullptr); }
    bool visit_boolean(bool value) { return put(value); }
    bool visit_positive_integer(std::uint64_t value) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return fail("a number out of range");
        return put(static_cast<std::int64_t>(value));
    }
    bool visit_negative_integer(std::int64_t value) { return put(value); }
    bool visit_float32(float value) { return visit_float64(static_cast<double>(value)); }
    bool visit_float64(double value) {
        return std::isfinite(value) ? put(value) : fail("a number that is not finite");
    }
    bool visit_str(const char* data, std::uint32_t size) {
        const std::string_view text(data, size);
        if (text.find('\0') != std::string_view::npos || !valid_utf8(text))
            return fail("a text that is not UTF-8");
        if (!key_wanted_)
            return put(text);
        if (open_.back().container.get(text).present())
            return fail("a key twice in one map");
        open_.back().key = text;
        return true;
    }
    bool visit_bin(const char*, std::uint32_t) { return fail("binary data"); }
    bool visit_ext(const char*, std::uint32_t) { return fail("an extension type"); }
    bool start_array(std::uint32_t) { return open(Value::array()); }
    bool end_array() { return close(); }
    bool start_map(std::uint32_t) { return open(Value::object()); }
    bool end_map() { return close(); }
    bool start_map_key() { return key_wanted_ = true; }
    bool end_map_key() {
        key_wanted_ = false;
        return true;
    }
    void parse_error(std::size_t, std::size_t) { fail("bytes that are no MessagePack"); }
    void insufficient_bytes(std::size_t, std::size_t) { fail("an end before its time"); }

    Value root;
    std::string problem;

private:
    struct Open {
        Value container;
        std::string key;
    };

    bool fail(const char* what) {
        if (problem.empty())
            problem = what;
        return false;
    }

    bool put(Value value) {
        if (key_wanted_)
            return fail("a key that is no text");
        if (++values_ > max_values)
            return fail("more than 1,000,000 values");
        if (open_.empty())
            root = std::move(value);
        else if (open_.back().container.is_array())
            open_.back().container.push(std::move(value));
        else
            open_.back().container.set(open_.back().key, std::move(value));
        return true;
    }

    bool open(Value container) {
        if (key_wanted_)
            return fail("a key that is no text");
        if (open_.size() >= max_depth)
            return fail("nesting deeper than 200");
        if (++containers_ > max_containers)
            return fail("more than 200,000 lists and maps");
        open_.push_back({std::move(container), {}});
        return true;
    }

    bool close() {
        Value container = std::move(open_.back().container);
        open_.pop_back();
        return put(std::move(container));
    }

    std::vector<Open> open_;
    bool key_wanted_ = false;
    std::size_t values_ = 0;
    std::size_t containers_ = 0;
};

Error refused(const std::string& problem) {
    return bad_request("not a SCIR bundle: " + problem);
}

bool starts_a_map(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return (byte & 0xF0U) == 0x80U || byte == 0xDEU || byte == 0xDFU;
}

Result<Value> decode_map(std::string_view bytes) {
    Builder builder;
    std::size_t used = 0;
    const bool done = msgpack::parse(bytes.data(), bytes.size(), used, builder);
    if (!done || !builder.problem.empty() || !builder.root.is_object())
        return refused(builder.problem.empty() ? "an end before its time" : builder.problem);
    if (used != bytes.size())
        return refused("bytes after the end");
    return builder.root;
}

Result<Value> decode_bundle(std::string_view bytes) {
    std::optional<Error> first;
    for (const std::size_t offset : {4U, 5U, 6U, 8U}) {
        if (offset >= bytes.size() || !starts_a_map(bytes[offset]))
            continue;
        auto module = decode_map(bytes.substr(offset));
        if (module)
            return module;
        if (!first)
            first = module.error();
    }
    return first ? *first : refused("no map behind the magic");
}

/// Lists and objects of a JSON text, counted before a parser spends memory on them.
std::size_t containers_of(std::string_view text) {
    std::size_t count = 0;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (inside && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            inside = !inside;
        else if (!inside && (text[i] == '{' || text[i] == '['))
            ++count;
    }
    return count;
}

Result<Value> decode_json(std::string_view text) {
    if (containers_of(text) > max_containers)
        return refused("more than 200,000 lists and maps");
    auto module = json::parse(text);
    if (!module || !module->is_object())
        return refused("neither the magic SCIR nor a JSON object");
    if (measure(*module, 4 * max_bundle).depth > max_depth)
        return refused("nesting deeper than 200");
    return module;
}

} // namespace

std::string encode(const Value& module) {
    msgpack::sbuffer buffer;
    Packer packer(buffer);
    pack(buffer, packer, module);
    return std::string(magic).append(buffer.data(), buffer.size());
}

Result<Value> decode(std::string_view bytes) {
    if (bytes.size() > max_bundle)
        return refused("over 10 MB");
    return bytes.starts_with(magic) ? decode_bundle(bytes) : decode_json(bytes);
}

} // namespace scai::scir
