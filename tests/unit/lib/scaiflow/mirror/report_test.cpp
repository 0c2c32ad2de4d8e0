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

BOOST_AUTO_TEST_SUITE_END()

} // namespace
