// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/rules.hpp"

#include <boost/test/unit_test.hpp>

namespace flows = scaiflow::flows;

namespace {

scai::Result<flows::Content> read(const std::string& body) {
    return flows::read_content(scai::json::parse(body).value(), body);
}

std::string stamp(const std::string& content) {
    return flows::stamped(read("{\"content\":" + content + "}").value(), "flow_1", "2.0.0");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_flows_rules)

BOOST_AUTO_TEST_CASE(content_keeps_every_byte_but_white_space) {
    const auto content =
        read("{\"name\": \"n\", \"content\" : { \"t\" : 0.7, \"s\": \"a  b\\u00e9\", \"e\": 1E5 } }");
    BOOST_TEST(content->text == R"({"t":0.7,"s":"a  b\u00e9","e":1E5})");
}

BOOST_AUTO_TEST_CASE(id_and_version_are_rewritten_wherever_they_stand) {
    BOOST_TEST(stamp(R"({"id":"x","version":"1.0.0","nodes":[]})") ==
               R"({"id":"flow_1","version":"2.0.0","nodes":[]})");
    BOOST_TEST(stamp(R"({"nodes":[{"id":"n"}],"version":"9","x":1,"id":7})") ==
               R"({"nodes":[{"id":"n"}],"version":"2.0.0","x":1,"id":"flow_1"})");
    BOOST_TEST(stamp(R"({"version":null,"id":{"a":[1]}})") == R"({"version":"2.0.0","id":"flow_1"})");
    BOOST_TEST(stamp(R"({"i\u0064":"x"})") == R"({"version":"2.0.0","i\u0064":"flow_1"})");
}

BOOST_AUTO_TEST_CASE(missing_id_and_version_are_added) {
    BOOST_TEST(stamp("{ }") == R"({"id":"flow_1","version":"2.0.0"})");
    BOOST_TEST(stamp(R"({"nodes":[]})") == R"({"id":"flow_1","version":"2.0.0","nodes":[]})");
    BOOST_TEST(stamp(R"({"id":"x"})") == R"({"version":"2.0.0","id":"flow_1"})");
    BOOST_TEST(stamp(R"({"version":"x"})") == R"({"id":"flow_1","version":"2.0.0"})");
}

BOOST_AUTO_TEST_CASE(content_that_is_no_object_is_refused) {
    for (const auto* body : {"{}", R"({"content":null})", R"({"content":[]})", R"({"content":"{}"})",
                             R"({"content":1})", R"({"Content":{}})"}) {
        const auto content = read(body);
        BOOST_REQUIRE(!content);
        BOOST_TEST((content.error().kind == scai::ErrorKind::unprocessable));
        BOOST_TEST(content.error().fields.at(0).path == "body.content");
    }
}

BOOST_AUTO_TEST_CASE(limits_are_limits_and_not_one_less) {
    const auto with_nodes = [](std::size_t count) {
        std::string body = R"({"content":{"nodes":[)";
        for (std::size_t i = 0; i < count; ++i)
            body += i == 0 ? "1" : ",1";
        return body + "]}}";
    };
    BOOST_TEST(bool(read(with_nodes(flows::most_nodes))));
    const auto many = read(with_nodes(flows::most_nodes + 1));
    BOOST_REQUIRE(!many);
    BOOST_TEST(many.error().fields.at(0).path == "body.content.nodes");

    const auto of_size = [](std::size_t size) {
        return R"({"content":  {"a":   ")" + std::string(size - 8, 'x') + R"("  }})";
    };
    BOOST_TEST(read(of_size(flows::largest_content))->text.size() == flows::largest_content);
    const auto large = read(of_size(flows::largest_content + 1));
    BOOST_REQUIRE(!large);
    BOOST_TEST((large.error().kind == scai::ErrorKind::too_large));
    BOOST_TEST(large.error().fields.at(0).path == "body.content");
}

BOOST_AUTO_TEST_CASE(first_version_is_the_contents_when_it_is_one) {
    for (const auto* good : {"0.0.0", "1.0.0", "10.20.30", "1.2.3-rc.1", "1.0.0-alpha-a.b-c", "1.0.0+001",
                             "1.0.0-0A.is.legal", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "999999999.0.0"})
        BOOST_TEST(flows::first_version(good) == good);
    for (const auto* bad :
         {"", "1", "1.0", "1.0.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0-a..b",
          "v1.0.0", " 1.0.0", "1.0.0 ", "-1.0.0", "1.0.x", "1.0.0-é", "1.0.1000000000", "1.0.0\"", "1..0"})
        BOOST_TEST(flows::first_version(bad) == "1.0.0");
    BOOST_TEST(flows::first_version("1.0.0-" + std::string(70, 'a')) == "1.0.0");
}

BOOST_AUTO_TEST_CASE(next_version_counts_the_patch_part) {
    BOOST_TEST(flows::next_version("1.0.0") == "1.0.1");
    BOOST_TEST(flows::next_version("1.0.9") == "1.0.10");
    BOOST_TEST(flows::next_version("2.3.4-rc.1") == "2.3.5");
    BOOST_TEST(flows::next_version("2.3.4+build.9") == "2.3.5");
    BOOST_TEST(flows::next_version("0.0.999999999") == "0.0.1000000000");
    BOOST_TEST(flows::next_version("0.0.1000000000") == "0.0.1000000001");
}

BOOST_AUTO_TEST_CASE(if_match_names_the_revision_or_the_version) {
    for (const auto* header : {"", "*", "\"7\"", "\"1.0.3\"", "\"1\", \"7\"", "\"a,b\",\"7\"", "  \"7\" "})
        BOOST_TEST(flows::if_match_holds(header, 7, "1.0.3"), header);
    for (const auto* header :
         {"\"6\"", "W/\"7\"", "\"1.0.2\"", "\"\"", "\"70\"", "\"6\",\"8\"", "\"", "\"8", "x", ",", "\"6\",*"})
        BOOST_TEST(!flows::if_match_holds(header, 7, "1.0.3"), header);
    BOOST_TEST(flows::if_match_holds("7", 7, "1.0.3")); // without quotation marks: what people type
}

BOOST_AUTO_TEST_CASE(if_none_match_compares_weakly) {
    for (const auto* header : {"*", "\"7\"", "W/\"7\"", "\"1\",W/\"7\""})
        BOOST_TEST(flows::if_none_match_hits(header, 7), header);
    for (const auto* header : {"", "\"8\"", "\"1.0.3\"", "W/\"8\""})
        BOOST_TEST(!flows::if_none_match_hits(header, 7), header);
}

BOOST_AUTO_TEST_CASE(characters_are_not_bytes) {
    BOOST_TEST(flows::characters("") == 0U);
    BOOST_TEST(flows::characters("aé€😀") == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
