// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/deploy/rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::deploy; // NOLINT(google-build-using-namespace)

namespace {

scai::json::Value json(const char* text) {
    return scai::json::parse(text).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_deploy_rules)

BOOST_AUTO_TEST_CASE(one_word_of_scaiflow_is_two_of_scaigrid) {
    const auto fifo = queue_body(json(R"({"slug":"a"})"));
    BOOST_TEST(fifo.member("ordering") == "fifo");
    BOOST_TEST(fifo.member("consumer_mode") == "competing");
    BOOST_TEST(fifo.member("display_name") == "a");
    BOOST_TEST(*fifo.get("max_retries").integer() == 5);
    const auto broadcast = queue_body(json(R"({"slug":"a","display_name":"A","consumer_mode":"broadcast"})"));
    BOOST_TEST(broadcast.member("ordering") == "fifo");
    BOOST_TEST(broadcast.member("consumer_mode") == "broadcast");
}

BOOST_AUTO_TEST_CASE(only_what_both_name_can_differ) {
    const auto declared = json(R"({"slug":"a","consumer_mode":"priority","max_retries":3})");
    for (const auto* same :
         {R"({"slug":"a"})", R"({"ordering":"priority","consumer_mode":"competing"})",
          R"({"consumer_mode":"priority"})", R"({"consumer_mode":"competing","max_retries":3})"})
        BOOST_TEST(queue_difference(json(same), declared) == "", same);
    for (const auto* other :
         {R"({"ordering":"fifo"})", R"({"consumer_mode":"broadcast","ordering":"priority"})",
          R"({"ordering":"priority","max_retries":4})"})
        BOOST_TEST(queue_difference(json(other), declared) != "", other);
    BOOST_TEST(queue_difference(json(R"({"max_retries":9})"), json(R"({"slug":"a"})")) == "");
}

BOOST_AUTO_TEST_CASE(a_core_says_whose_it_is_in_several_places) {
    for (const auto* core : {R"({"source":{"core":{"scaiflow_meta":{"source_id":"f1"}}}})",
                             R"({"source":{"scaiflow_meta":{"source_id":"f1"}}})",
                             R"({"metadata":{"scaiflow_meta":{"source_id":"f1"}}})",
                             R"({"metadata":{"scaiflow":{"source_id":"f1"}}})"})
        BOOST_TEST(source_of(json(core)).value() == "f1");
    for (const auto* core : {"{}", R"({"source":{"blocks":[]}})", R"({"metadata":{"scaiflow_meta":7}})"})
        BOOST_TEST(!source_of(json(core)), core);
}

BOOST_AUTO_TEST_CASE(the_slug_of_a_model_is_found_or_built) {
    BOOST_TEST(published_slug(json(R"({"slug":"x","metadata":{"published_slug":"scaicore/a/x"}})"), "b") ==
               "scaicore/a/x");
    BOOST_TEST(published_slug(json(R"({"published_slug":"scaicore/a/x"})"), "") == "scaicore/a/x");
    BOOST_TEST(published_slug(json(R"({"slug":"scaicore/a/x"})"), "b") == "scaicore/a/x");
    BOOST_TEST(published_slug(json(R"({"slug":"x"})"), "b") == "scaicore/b/x");
    BOOST_TEST(published_slug(json(R"({"slug":"x"})"), "") == "");
}

BOOST_AUTO_TEST_SUITE_END()
