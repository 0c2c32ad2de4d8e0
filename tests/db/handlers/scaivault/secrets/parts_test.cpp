// Where the time of a request goes, as a trace shows it. SPDX-License-Identifier: Apache-2.0
#include "lib/log/parts.hpp"
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"

#include <algorithm>

using scai::log::Part;
using test::Secrets;

namespace {

bool any_part(const std::vector<Part>& parts, std::string_view kind, std::string_view beginning) {
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
        return part.kind == kind && part.name.starts_with(beginning) && !part.failed;
    });
}

std::string named(const std::vector<Part>& parts) {
    std::string out;
    for (const auto& part : parts)
        out += std::to_string(part.parent) + " " + std::string(part.kind) + " " + part.name + "\n";
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_secrets_parts)

BOOST_AUTO_TEST_CASE(statements_keys_and_the_trail_are_told_apart_and_no_value_is_in_it) {
    Secrets api;
    const auto token = api.user_token("usr_t1", "t1", test::every_scope);
    scai::log::Recording writing(true);
    BOOST_TEST(
        api.call_as(token, "PUT", "/v1/secrets/apps/canarypath", R"({"data":{"k":"canaryvalue"}})").status ==
        201);
    const auto written = writing.take();
    BOOST_TEST(any_part(written, "kms", "encrypt"), named(written)); // the first keys of the tenant
    BOOST_TEST(any_part(written, "db", "INSERT INTO scaivault.audit_log"), named(written));
    BOOST_TEST(any_part(written, "db", "commit"), named(written));
    scai::log::Recording reading(true);
    BOOST_TEST(api.call_as(token, "GET", "/v1/secrets/apps/canarypath").status == 200);
    const auto read = reading.take();
    BOOST_TEST(any_part(read, "audit", "commit"), named(read));
    BOOST_TEST(any_part(read, "db", "SELECT"), named(read));
    BOOST_TEST((named(written) + named(read)).find("canary") == std::string::npos);
    // The statement that writes the row is within the commit of the trail.
    const auto row = std::find_if(read.begin(), read.end(), [](const Part& part) {
        return part.name.starts_with("INSERT INTO scaivault.audit_log");
    });
    BOOST_TEST_REQUIRE((row != read.end()), named(read));
    BOOST_TEST(read[static_cast<std::size_t>(row->parent)].kind == "audit");
}

BOOST_AUTO_TEST_SUITE_END()
