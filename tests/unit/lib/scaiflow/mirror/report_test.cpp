// What a sweep prints for people. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/sweep.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using scaiflow::mirror::SweepResult;
using scaiflow::mirror::TenantResult;

bool has(const std::string& text, const std::string& line) {
    return text.find(line + "\n") != std::string::npos;
}

TenantResult tenant(const std::string& id, std::vector<scai::directory::Message> messages) {
    TenantResult out;
    out.tenant_id = id;
    out.messages = std::move(messages);
    return out;
}

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_report)

BOOST_AUTO_TEST_CASE(of_several_tenants_each_warning_says_once_whose_it_is) {
    SweepResult result;
    result.outcome = "done";
    result.tenants = {tenant("t1", {{"warning", "a", "tenant t1: no groups"}, {"warning", "b", "kept"}}),
                      tenant("t2", {{"info", "c", "tenant t2: a walk"}})};
    const auto text = to_text(result, false);
    BOOST_TEST(has(text, "warning: tenant t1: no groups"));
    BOOST_TEST(has(text, "warning: tenant t1: kept"));
    BOOST_TEST(text.find("a walk") == std::string::npos);
    BOOST_TEST(has(to_text(result, true), "info: tenant t2: a walk"));
}

BOOST_AUTO_TEST_CASE(the_words_of_the_only_tenant_stand_as_they_are) {
    SweepResult result;
    result.outcome = "done";
    result.tenants = {tenant("t1", {{"warning", "b", "kept"}})};
    BOOST_TEST(has(to_text(result, false), "warning: kept"));
}

BOOST_AUTO_TEST_CASE(a_failed_tenant_is_named_in_the_head_and_has_no_counters) {
    SweepResult result;
    result.outcome = "partial";
    result.partial = true;
    result.tenants = {tenant("t1", {}), tenant("t2", {}), tenant("t3", {})};
    result.tenants[1].error = "ScaiKey did not give the list of groups of tenant t2: 500";
    result.tenants[2].partial = true;
    const auto text = to_text(result, false);
    BOOST_TEST(text.find("done, but 1 of 3 tenants failed (") != std::string::npos);
    BOOST_TEST(
        has(text, "tenant t2 FAILED: nothing of it was changed\ntenant t3 (not everything could be read)"));
    BOOST_TEST(has(text, "error: ScaiKey did not give the list of groups of tenant t2: 500"));
}

BOOST_AUTO_TEST_CASE(a_stopped_tenant_says_so) {
    SweepResult result;
    result.outcome = "breaker";
    result.tenants = {tenant("t1", {}), tenant("t2", {})};
    result.tenants[0].breaker = scaiflow::mirror::Breaker{"deletes", 60, 50};
    BOOST_TEST(has(to_text(result, false), "tenant t1 STOPPED by a safety limit: left as it was"));
}

BOOST_AUTO_TEST_CASE(a_tenant_that_is_left_out_is_said_without_being_asked) {
    SweepResult result;
    result.outcome = "done";
    result.tenants = {tenant("t1", {})};
    result.messages = {
        {"info", "tenant_inactive", "tenant t2 is SUSPENDED: its users and groups stay as they are"}};
    BOOST_TEST(
        has(to_text(result, false), "info: tenant t2 is SUSPENDED: its users and groups stay as they are"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
