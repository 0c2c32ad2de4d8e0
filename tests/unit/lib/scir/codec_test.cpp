// SPDX-License-Identifier: Apache-2.0
#include "lib/scir/codec.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <random>

using namespace std::string_literals;
using scai::json::Value;
using scai::scir::decode;
using scai::scir::encode;

namespace {

Value json(const std::string& text) {
    return scai::json::parse(text).value();
}

/// What a reader of another author makes of the bytes behind the magic.
nlohmann::ordered_json independent(const std::string& bundle) {
    BOOST_TEST_REQUIRE(bundle.starts_with("SCIR"));
    return nlohmann::ordered_json::from_msgpack(bundle.begin() + 4, bundle.end());
}

std::string refusal(const std::string& bytes) {
    const auto module = decode(bytes);
    return module ? "decoded " + module->dump() : module.error().message;
}

Value generate(std::minstd_rand& random, int depth) {
    switch (random() % (depth > 0 ? 9 : 7)) {
    case 0:
        return nullptr;
    case 1:
        return random() % 2 == 0;
    case 2:
        return static_cast<std::int64_t>(random() % 300) - 150;
    case 3: {
        const auto shift = static_cast<int>(random() % 63);
        return (static_cast<std::int64_t>(random()) << 31 | static_cast<std::int64_t>(random())) >> shift;
    }
    case 4:
        return static_cast<double>(random()) / 8;
    case 5:
        return static_cast<double>(random()) / 7;
    case 6:
        return std::string(random() % 3 == 0 ? 40 : random() % 5, 'x') + (random() % 2 == 0 ? "é" : "");
    case 7: {
        Value list = Value::array();
        for (std::size_t n = random() % 8; n > 0; --n)
            list.push(generate(random, depth - 1));
        return list;
    }
    default: {
        Value map = Value::object();
        for (std::size_t n = random() % 8; n > 0; --n)
            map.set("k" + std::to_string(random() % 1000), generate(random, depth - 1));
        return map;
    }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scir_codec)

BOOST_AUTO_TEST_CASE(bytes_are_the_smallest_and_in_member_order) {
    const Value module = json(R"({"b":1,"a":-1,"c":[true,false,null],"d":0.5,"e":0.1,"f":300,"g":"x"})");
    BOOST_TEST(encode(module) == "SCIR\x87\xa1"
                                 "b\x01\xa1"
                                 "a\xff\xa1"
                                 "c\x93\xc3\xc2\xc0\xa1"
                                 "d\xca\x3f\x00\x00\x00"
                                 "\xa1"
                                 "e\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xa1"
                                 "f\xcd\x01\x2c\xa1"
                                 "g\xa1x"s);
}

BOOST_AUTO_TEST_CASE(numbers_take_their_shortest_form) {
    for (const auto& [number, size] : std::vector<std::pair<std::int64_t, std::size_t>>{{0, 1},
                                                                                        {127, 1},
                                                                                        {128, 2},
                                                                                        {255, 2},
                                                                                        {256, 3},
                                                                                        {65535, 3},
                                                                                        {65536, 5},
                                                                                        {4294967295, 5},
                                                                                        {4294967296, 9},
                                                                                        {INT64_MAX, 9},
                                                                                        {-1, 1},
                                                                                        {-32, 1},
                                                                                        {-33, 2},
                                                                                        {-128, 2},
                                                                                        {-129, 3},
                                                                                        {-32768, 3},
                                                                                        {-32769, 5},
                                                                                        {-2147483649, 9},
                                                                                        {INT64_MIN, 9}}) {
        const std::string bundle = encode(Value::object({{"n", number}}));
        BOOST_TEST(bundle.size() == 4 + 1 + 2 + size, number);
        BOOST_TEST(decode(bundle)->get("n").integer().value() == number);
        BOOST_TEST(decode(bundle)->get("n").is_integer());
    }
}

BOOST_AUTO_TEST_CASE(an_independent_reader_sees_the_same_structure) {
    std::minstd_rand random(3);
    for (int i = 0; i < 200; ++i) {
        Value module = Value::object();
        module.set("root", generate(random, 4));
        const std::string bundle = encode(module);
        const auto seen = independent(bundle);
        BOOST_TEST(seen == nlohmann::ordered_json::parse(module.dump()));
        const auto again = decode(bundle);
        BOOST_TEST_REQUIRE(static_cast<bool>(again));
        BOOST_TEST(again->dump() == module.dump());
        BOOST_TEST(encode(*again) == bundle);
        const auto theirs = nlohmann::ordered_json::to_msgpack(seen);
        BOOST_TEST(decode("SCIR" + std::string(theirs.begin(), theirs.end()))->dump() == module.dump());
        BOOST_TEST(decode(module.dump())->dump() == module.dump());
    }
}

BOOST_AUTO_TEST_CASE(the_map_may_start_behind_a_version_or_a_length) {
    const std::string map = encode(json(R"({"name":"x"})")).substr(4);
    for (const std::string& between : {""s, "\x01"s, "\x00\x01"s, "\x00\x00\x00\x07"s})
        BOOST_TEST(decode("SCIR" + between + map)->member("name") == "x");
    BOOST_TEST(refusal("SCIR\x01\x01\x01" + map).find("no map behind the magic") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(truncated_bundle_is_refused) {
    const std::string bundle = encode(json(R"({"name":"x","list":[1,2,{"a":"b"}],"n":70000})"));
    for (std::size_t size = 0; size < bundle.size(); ++size)
        BOOST_TEST(!decode(bundle.substr(0, size)), size);
    BOOST_TEST(refusal(bundle.substr(0, 9)) == "not a SCIR bundle: an end before its time");
}

BOOST_AUTO_TEST_CASE(foreign_types_are_refused_by_name) {
    const auto with = [](const std::string& value) {
        return refusal("SCIR\x81\xa1"
                       "a" +
                       value);
    };
    BOOST_TEST(with("\xc4\x01x"s).find("binary data") != std::string::npos);
    BOOST_TEST(with("\xd4\x01x"s).find("an extension type") != std::string::npos);
    BOOST_TEST(with("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"s).find("out of range") != std::string::npos);
    BOOST_TEST(with("\xcb\x7f\xf0\0\0\0\0\0\0"s).find("not finite") != std::string::npos);
    BOOST_TEST(with("\xcb\x7f\xf8\0\0\0\0\0\0"s).find("not finite") != std::string::npos);
    BOOST_TEST(with("\xa1\xff"s).find("not UTF-8") != std::string::npos);
    BOOST_TEST(with("\xa1\0"s).find("not UTF-8") != std::string::npos);
    BOOST_TEST(with("\xc1"s).find("no MessagePack") != std::string::npos);
    BOOST_TEST(with("\x01\x01"s).find("bytes after the end") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\x01\x01").find("a key that is no text") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\x90\x01").find("a key that is no text") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\x80\x01").find("a key that is no text") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x82\xa1"
                       "a\x01\xa1"
                       "a\x01")
                   .find("a key twice") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_bundle_at_all_is_refused) {
    for (const std::string& bytes :
         {""s, "SCIR"s, "SCI"s, "SCIR\x90"s, "SCIR\xc0"s, "[1]"s, "null"s, "{"s, "{\"a\":1,\"a\":2}"s,
          "\x81\xa1"
          "a\x01"s,
          "scir\x80"s, "PK\x03\x04"s})
        BOOST_TEST(!decode(bytes), bytes);
    BOOST_TEST(refusal("[1]") == "not a SCIR bundle: neither the magic SCIR nor a JSON object");
}

BOOST_AUTO_TEST_CASE(bombs_are_refused) {
    BOOST_TEST(refusal("SCIR\xdf\xff\xff\xff\xff"s).find("an end before its time") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\xa1"
                       "a\xdd\xff\xff\xff\xff"s)
                   .find("an end before its time") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\xa1"
                       "a\xdb\xff\xff\xff\xff"s)
                   .find("an end before its time") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\xa1"
                       "a" +
                       std::string(1'000'000, '\x91'))
                   .find("nesting deeper") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\xa1"
                       "a\xdd\x00\x98\x96\x80"s +
                       std::string(10'000'000, '\x80'))
                   .find("lists and maps") != std::string::npos);
    BOOST_TEST(refusal("SCIR\x81\xa1"
                       "a\xdd\x00\x98\x96\x80"s +
                       std::string(10'000'000, '\x01'))
                   .find("1,000,000 values") != std::string::npos);
    BOOST_TEST(refusal(std::string((10U << 20U) + 1, 'x')).find("over 10 MB") != std::string::npos);
    std::string json = "{\"a\":[{}";
    for (int i = 0; i < 200'000; ++i)
        json += ",{}";
    BOOST_TEST(refusal(json + "]}").find("lists and maps") != std::string::npos);
    const std::string deep = "{\"a\":" + std::string(250, '[') + std::string(250, ']') + "}";
    BOOST_TEST(refusal(deep).find("nesting deeper") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
