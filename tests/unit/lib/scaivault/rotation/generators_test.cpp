// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/generators.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <crypt.h>
#include <set>

using scai::json::Value;
namespace rotation = scaivault::rotation;

BOOST_AUTO_TEST_SUITE(lib_scaivault_rotation_generators)

namespace {

const auto now = *scai::parse_iso8601("2026-05-02T08:00:00Z");

Value parsed(const std::string& text) {
    auto value = scai::json::parse(text);
    BOOST_REQUIRE_MESSAGE(bool(value), text);
    return *value;
}
std::string field(const std::string& generator, const std::string& config) {
    return R"([{"name":"v","generator":")" + generator + R"(","config":)" + config + "}]";
}
Value made(const std::string& fields) {
    const auto text = rotation::generate(parsed(fields), now);
    BOOST_REQUIRE_MESSAGE(bool(text), fields);
    return parsed(std::string(text->reveal()));
}
std::string made_one(const std::string& generator, const std::string& config) {
    return made(field(generator, config)).member("v");
}
/// Paths of the fields that were refused.
std::set<std::string> refused(const std::string& fields) {
    std::set<std::string> out;
    const auto checked = rotation::check_fields(parsed(fields));
    BOOST_TEST(!checked, fields);
    if (!checked) {
        BOOST_TEST(checked.error().code == "validation_error");
        for (const auto& each : checked.error().fields)
            out.insert(each.path);
    }
    BOOST_TEST(!rotation::generate(parsed(fields), now), fields);
    return out;
}
bool only(const std::string& text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(random_has_the_length_and_characters_asked_for) {
    BOOST_TEST(made_one("random", "{}").size() == 32U);
    BOOST_TEST(made_one("random", R"({"length":1})").size() == 1U);
    BOOST_TEST(made_one("random", R"({"length":4096})").size() == 4096U);
    BOOST_TEST(only(made_one("random", R"({"charset":"numeric","length":200})"), "0123456789"));
    const auto safe = made_one("random", R"({"charset":"safe","length":4000})");
    BOOST_TEST(safe.find_first_of("'\"\\$`0O1lI |<>&;") == std::string::npos);
    const auto full = made_one("random", R"({"charset":"full","length":4000})");
    for (char c = '!'; c <= '~'; ++c)
        BOOST_TEST(full.find(c) != std::string::npos, c);
    BOOST_TEST(full.find(' ') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_class_that_is_required_is_there_even_in_the_shortest_value) {
    const auto config = R"({"length":4,"charset":"safe","require_upper":true,"require_lower":true,
                            "require_digit":true,"require_symbol":true})";
    std::set<char> first;
    for (int i = 0; i < 300; ++i) {
        const auto text = made_one("random", config);
        BOOST_TEST(text.size() == 4U);
        BOOST_TEST(std::count_if(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) == 1);
        BOOST_TEST(std::count_if(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; }) == 1);
        BOOST_TEST(std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) == 1);
        first.insert(text.front() >= 'A' && text.front() <= 'Z'   ? 'A'
                     : text.front() >= 'a' && text.front() <= 'z' ? 'a'
                     : text.front() >= '0' && text.front() <= '9' ? '0'
                                                                  : '-');
    }
    BOOST_TEST(first.size() == 4U); // no class has a place of its own
}

BOOST_AUTO_TEST_CASE(the_other_generators_make_what_they_say) {
    const auto hex = made_one("hex", R"({"length":33})");
    BOOST_TEST((hex.size() == 33U && only(hex, "0123456789abcdef")));
    const auto four = made_one("uuid", "{}"), seven = made_one("uuid", R"({"version":7})");
    BOOST_TEST(
        (four.size() == 36U && four[14] == '4' && std::string("89ab").find(four[19]) != std::string::npos));
    BOOST_TEST((seven[14] == '7' && std::string("89ab").find(seven[19]) != std::string::npos));
    BOOST_TEST(seven.substr(0, 13) == "019de7b3-9800"); // 1777708800000 ms
    BOOST_TEST(made_one("static", R"({"value":"svc \"x\" \u00e9"})") == "svc \"x\" \u00e9");
    const auto text =
        made_one("template", R"({"template":"k-{{random:8}}_{{ hex:4 }}.{{uuid}}:{{timestamp}}}"})");
    BOOST_TEST(text.starts_with("k-"));
    BOOST_TEST(text.size() == 2U + 8 + 1 + 4 + 1 + 36 + 1 + 10 + 1);
    BOOST_TEST(text.ends_with(":1777708800}"));
    const auto pair = made(field("ec_keypair", R"({"curve":"P-384"})")).get("v");
    BOOST_TEST(pair.member("private_key").starts_with("-----BEGIN PRIVATE KEY-----"));
    BOOST_TEST(pair.member("public_key").starts_with("-----BEGIN PUBLIC KEY-----"));
    const auto ssh = made(field("ssh_keypair", R"({"comment":"me@x"})")).get("v");
    BOOST_TEST(ssh.member("public_key").starts_with("ssh-ed25519 "));
    BOOST_TEST(ssh.member("public_key").ends_with(" me@x"));
    const auto hashed = made(field("bcrypt_hash", R"({"length":12,"rounds":4})")).get("v");
    crypt_data data{};
    BOOST_TEST(hashed.member("password").size() == 12U);
    BOOST_TEST(std::string(crypt_r(hashed.member("password").c_str(), hashed.member("hash").c_str(),
                                   &data)) == hashed.member("hash"));
}

BOOST_AUTO_TEST_CASE(several_fields_make_one_object_in_their_order) {
    const auto text = rotation::generate(
        parsed(
            R"([{"name":"user","generator":"static","config":{"value":"svc"}},{"name":"id","generator":"uuid"}])"),
        now);
    BOOST_REQUIRE(bool(text));
    BOOST_TEST(text->reveal().starts_with(R"({"user":"svc","id":")"));
}

BOOST_AUTO_TEST_CASE(a_bad_config_is_refused_by_the_name_of_its_member) {
    struct Case {
        std::string generator, config, path;
    };
    const Case cases[] = {
        {"random", R"({"length":0})", "fields[0].config.length"},
        {"random", R"({"length":4097})", "fields[0].config.length"},
        {"random", R"({"length":"24"})", "fields[0].config.length"},
        {"random", R"({"length":24.0})", "fields[0].config.length"},
        {"random", R"({"length":null})", "fields[0].config.length"},
        {"random", R"({"charset":"Safe"})", "fields[0].config.charset"},
        {"random", R"({"charset":5})", "fields[0].config.charset"},
        {"random", R"({"require_upper":"yes"})", "fields[0].config.require_upper"},
        {"random", R"({"require_symbol":true})", "fields[0].config.require_symbol"},
        {"random", R"({"charset":"numeric","require_lower":true})", "fields[0].config.require_lower"},
        {"random", R"({"length":1,"require_lower":true,"require_digit":true})", "fields[0].config.length"},
        {"random", R"({"lenght":24})", "fields[0].config.lenght"},
        {"hex", R"({"length":-1})", "fields[0].config.length"},
        {"uuid", R"({"version":1})", "fields[0].config.version"},
        {"template", "{}", "fields[0].config.template"},
        {"template", R"({"template":""})", "fields[0].config.template"},
        {"template", R"({"template":"{{random:8"})", "fields[0].config.template"},
        {"template", R"({"template":"{{random}}"})", "fields[0].config.template"},
        {"template", R"({"template":"{{random:0}}"})", "fields[0].config.template"},
        {"template", R"({"template":"{{env:HOME}}"})", "fields[0].config.template"},
        {"template", R"({"template":"{{uuid:4}}"})", "fields[0].config.template"},
        {"template", R"({"template":"{{hex:4096}}{{hex:1}}"})", "fields[0].config.template"},
        {"rsa_keypair", R"({"bits":1024})", "fields[0].config.bits"},
        {"ec_keypair", R"({"curve":"P-521"})", "fields[0].config.curve"},
        {"ssh_keypair", R"({"key_type":"dsa"})", "fields[0].config.key_type"},
        {"ssh_keypair", R"({"bits":2048})", "fields[0].config.bits"},
        {"ssh_keypair", R"({"comment":"a\nb"})", "fields[0].config.comment"},
        {"bcrypt_hash", R"({"rounds":3})", "fields[0].config.rounds"},
        {"bcrypt_hash", R"({"rounds":31})", "fields[0].config.rounds"},
        {"bcrypt_hash", R"({"length":73})", "fields[0].config.length"},
        {"static", "{}", "fields[0].config.value"},
        {"static", R"({"value":5})", "fields[0].config.value"},
        {"static", "[]", "fields[0].config"},
        {"dice", "{}", "fields[0].generator"},
        {"", "{}", "fields[0].generator"},
    };
    for (const auto& each : cases)
        BOOST_TEST(refused(field(each.generator, each.config)).count(each.path) == 1U,
                   each.generator << " " << each.config);
}

BOOST_AUTO_TEST_CASE(the_list_of_fields_itself_is_checked) {
    BOOST_TEST(refused("[]").count("fields") == 1U);
    BOOST_TEST(refused("{}").count("fields") == 1U);
    BOOST_TEST(refused(R"(["x"])").count("fields[0]") == 1U);
    BOOST_TEST(refused(R"([{"generator":"uuid"}])").count("fields[0].name") == 1U);
    BOOST_TEST(refused(R"([{"name":"a b","generator":"uuid"}])").count("fields[0].name") == 1U);
    BOOST_TEST(refused(R"([{"name":"a","generator":"uuid"},{"name":"a","generator":"uuid"}])")
                   .count("fields[1].name") == 1U);
    BOOST_TEST(refused(R"([{"name":"a","generator":"uuid","confg":{}}])").count("fields[0].confg") == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
