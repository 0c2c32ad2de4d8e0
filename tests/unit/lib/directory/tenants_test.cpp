// Which tenants there are. SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/directory/fixture.hpp"

using namespace scai::directory;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::refusal;
using Reply = std::optional<HttpReply>;

namespace {

bool is_tenants(const HttpRequest& request) {
    return request.path.starts_with("/api/v1/admin/tenants/");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_scaiflow_directory_tenants, scai::directory::test::Fixture)

BOOST_AUTO_TEST_CASE(all_tenants_are_listed_with_their_status) {
    upstream.tenants = {tenant("tnt_t1"), tenant("tnt_t2", "SUSPENDED"), tenant("tnt_t3", "DELETED")};
    const auto found = directory().tenants().value();
    BOOST_TEST(found.complete);
    BOOST_TEST(found.messages.empty());
    BOOST_REQUIRE(found.tenants.size() == 2U);
    BOOST_TEST(found.tenants[0].id == "tnt_t1");
    BOOST_TEST(found.tenants[0].slug == "acme");
    BOOST_TEST(found.tenants[0].name == "Acme");
    BOOST_TEST(found.tenants[1].status == "SUSPENDED");
}

BOOST_AUTO_TEST_CASE(a_pinned_tenant_proves_nothing_about_others) {
    settings.pinned_tenant = "tnt_t1";
    auto found = directory().tenants().value();
    BOOST_TEST(!found.complete);
    BOOST_REQUIRE(found.tenants.size() == 1U);
    BOOST_TEST(found.tenants[0].name == "Acme");
    for (const auto& reply :
         {refusal(403, "no"), refusal(404, "no"), HttpReply{.status = 500}, HttpReply{.body = "{"}}) {
        upstream.fault = [reply](const HttpRequest&, int) -> Reply { return reply; };
        found = directory().tenants().value();
        BOOST_REQUIRE(found.tenants.size() == 1U);
        BOOST_TEST(found.tenants[0].id == "tnt_t1");
    }
}

BOOST_AUTO_TEST_CASE(a_single_tenant_may_come_wrapped) {
    settings.pinned_tenant = "tnt_t1";
    upstream.fault = [](const HttpRequest&, int) -> Reply {
        return HttpReply{.body = R"({"data":{"id":"tnt_t1","name":"Wrapped","slug":"w"},"meta":{}})"};
    };
    BOOST_TEST(directory().tenants()->tenants.at(0).name == "Wrapped");
}

BOOST_AUTO_TEST_CASE(refused_tenants_come_from_the_groups_which_are_not_read_twice) {
    upstream.groups = {group("grp_a", "tnt_t1"), group("grp_b", "tnt_t2"), group("grp_c", "tnt_t1")};
    upstream.members = {{"grp_a", {}}, {"grp_b", {}}, {"grp_c", {}}};
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return is_tenants(r) ? Reply(refusal(403, "Platform token requires admin:read or admin:write scope"))
                             : std::nullopt;
    };
    auto one = directory();
    const auto found = one.tenants().value();
    BOOST_TEST(!found.complete);
    BOOST_TEST(found.tenants.size() == 2U);
    BOOST_TEST(text(found.messages, "tenants_list_refused").find("Platform token requires admin:read") !=
               std::string::npos);
    BOOST_TEST(text(found.messages, "tenants_list_refused").find("SCAIKEY_TENANT_ID") != std::string::npos);
    const Report report = one.walk(found.tenants[0], sink);
    BOOST_TEST(report.groups_complete);
    BOOST_TEST(report.groups_rows == 2U);
    BOOST_TEST(sink.groups.contains("grp_c"));
    BOOST_TEST(!sink.groups.contains("grp_b"));
    BOOST_TEST(upstream.server.count("/api/v1/admin/groups/") == 1U + 2U);
    const Report again = one.walk(found.tenants[0], sink); // used up: the second walk reads for itself
    BOOST_TEST(again.groups_rows == 2U);
}

BOOST_AUTO_TEST_CASE(neither_tenants_nor_groups_is_an_error_that_says_what_to_do) {
    upstream.fault = [](const HttpRequest&, int) -> Reply { return refusal(403, "no"); };
    const auto outcome = directory().tenants();
    BOOST_REQUIRE(!outcome);
    BOOST_TEST((outcome.error().kind == scai::ErrorKind::upstream));
    BOOST_TEST(outcome.error().code == "scaikey_refused");
    BOOST_TEST(outcome.error().fix.find("SCAIKEY_TENANT_ID") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_a_token_it_is_said_who_was_asked_and_what_to_check) {
    upstream.server.handler([](const HttpRequest&) {
        return HttpReply{.status = 401, .body = R"({"error":"invalid_client","error_description":"no"})"};
    });
    BOOST_TEST(sentence(directory().tenants().error()) ==
               "ScaiKey at " + settings.base_url +
                   " refused the service credentials: invalid_client: no. Check the client id and the client "
                   "secret in the settings, and that this is ScaiKey's base URL.");
}

BOOST_AUTO_TEST_CASE(a_provider_that_gives_no_token_is_named) {
    upstream.server.handler([](const HttpRequest&) { return HttpReply{.status = 503}; });
    BOOST_TEST(
        sentence(directory().tenants().error()) ==
        "ScaiKey at " + settings.base_url +
            " gave no token: the provider answered with status 503. Is ScaiKey up, and is its base URL "
            "in the settings right?");
}

BOOST_AUTO_TEST_CASE(an_outage_is_an_error) {
    upstream.fault = [](const HttpRequest&, int) -> Reply { return HttpReply{.status = 503}; };
    BOOST_TEST(directory().tenants().error().code == "scaikey_unavailable");
}

BOOST_AUTO_TEST_CASE(half_a_list_of_tenants_is_not_complete) {
    for (int i = 0; i < 150; ++i)
        upstream.tenants.push_back(tenant(id("tnt_", i)));
    upstream.fault = [](const HttpRequest& r, int) -> Reply {
        return r.query("page") == "2" ? Reply(HttpReply{.status = 500}) : std::nullopt;
    };
    const auto found = directory().tenants().value();
    BOOST_TEST(!found.complete);
    BOOST_TEST(found.tenants.size() == 100U);
    BOOST_TEST(says(found.messages, "upstream_unavailable"));
}

BOOST_AUTO_TEST_CASE(stopping_is_an_error) {
    stop = true;
    BOOST_TEST(directory().tenants().error().code == "stopped");
}

BOOST_AUTO_TEST_SUITE_END()
