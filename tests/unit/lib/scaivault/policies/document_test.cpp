// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/document.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaivault::policies;

namespace {

scai::Result<std::vector<Rule>> rules_of(const char* text) {
    return parse_rules(*scai::json::parse(text), "rules");
}

/// "code field field ..."
std::string refusal(const char* text) {
    const auto rules = rules_of(text);
    if (rules)
        return "accepted";
    std::string out = rules.error().code;
    for (const auto& field : rules.error().fields)
        out += " " + field.path;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_policies_document)

BOOST_AUTO_TEST_CASE(rules_come_back_as_they_were_written) {
    constexpr auto text = R"([{"path_pattern":"apps/**","permissions":["read","delete"],)"
                          R"("conditions":{"ip_ranges":["10.1.0.0/16"]}}])";
    const auto rules = rules_of(text);
    BOOST_REQUIRE(static_cast<bool>(rules));
    BOOST_TEST(to_json(*rules).dump() == text);
    BOOST_TEST(rules_of(to_json(*rules).dump().c_str())->size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_by_its_place) {
    BOOST_TEST(refusal("[]") == "invalid_policy rules");
    BOOST_TEST(refusal("{}") == "invalid_policy rules");
    BOOST_TEST(refusal("[1]") == "invalid_policy rules[0]");
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":["read"]},{"permissions":["read"]}])") ==
               "invalid_policy rules[1].path_pattern");
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":[]}])") ==
               "invalid_policy rules[0].permissions");
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":"read"}])") ==
               "invalid_policy rules[0].permissions");
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":["sudo"]}])") ==
               "invalid_policy rules[0].permissions");
    BOOST_TEST(
        refusal(
            R"([{"path_pattern":"a","permissions":["read"],"conditions":{"ip_range":["10.0.0.0/8"]}}])") ==
        "invalid_policy rules[0].conditions.ip_range");
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":["read"],"condition":{}}])") ==
               "invalid_policy rules[0].condition");
}

BOOST_AUTO_TEST_CASE(there_is_no_effect_to_deny_with) {
    BOOST_TEST(refusal(R"([{"path_pattern":"a","permissions":["read"],"effect":"deny"}])") ==
               "invalid_policy rules[0].effect");
}

BOOST_AUTO_TEST_CASE(only_bad_patterns_are_an_invalid_glob) {
    BOOST_TEST(refusal(R"([{"path_pattern":"/a","permissions":["read"]}])") ==
               "invalid_glob rules[0].path_pattern");
    BOOST_TEST(
        refusal(
            R"([{"path_pattern":"a**","permissions":["read"]},{"path_pattern":"","permissions":["read"]}])") ==
        "invalid_glob rules[0].path_pattern rules[1].path_pattern");
    BOOST_TEST(refusal(R"([{"path_pattern":"/a","permissions":[]}])") ==
               "invalid_policy rules[0].path_pattern rules[0].permissions");
}

BOOST_AUTO_TEST_CASE(more_rules_than_anybody_reads_are_refused) {
    std::string text = "[";
    for (std::size_t i = 0; i <= max_rules; ++i)
        text += std::string(i == 0 ? "" : ",") + R"({"path_pattern":"a","permissions":["read"]})";
    BOOST_TEST(refusal((text + "]").c_str()) == "invalid_policy rules");
}

BOOST_AUTO_TEST_SUITE_END()
