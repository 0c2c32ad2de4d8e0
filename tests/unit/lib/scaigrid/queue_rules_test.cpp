// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/bunkers/rules.hpp"
#include "lib/scaigrid/queues/rules.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace queues = scaigrid::queues;
using scai::json::Value;

Value json(const std::string& text) {
    return scai::json::parse(text).value();
}

std::string fields_of(const scai::Error& error) {
    std::string out;
    for (const auto& field : error.fields)
        out += (out.empty() ? "" : " ") + field.path;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaigrid_queue_rules)

BOOST_AUTO_TEST_CASE(backoff_doubles_and_stops_at_five_minutes) {
    BOOST_TEST(queues::backoff_seconds(0) == 1);
    BOOST_TEST(queues::backoff_seconds(1) == 1);
    BOOST_TEST(queues::backoff_seconds(2) == 2);
    BOOST_TEST(queues::backoff_seconds(9) == 256);
    BOOST_TEST(queues::backoff_seconds(10) == 300);
    BOOST_TEST(queues::backoff_seconds(1000) == 300);
}

BOOST_AUTO_TEST_CASE(a_tier_always_beats_a_score) {
    queues::Publication high, normal;
    high.priority_tier = "high";
    high.priority_score = 0;
    normal.priority_score = 1000;
    BOOST_TEST(queues::rank_of("priority", high) < queues::rank_of("priority", normal));
    BOOST_TEST(queues::rank_of("fifo", high) == queues::rank_of("fifo", normal));
    high.deadline = "2026-01-01T00:00:00Z";
    BOOST_TEST(queues::rank_of("deadline", high) < queues::rank_of("deadline", normal));
}

BOOST_AUTO_TEST_CASE(every_fault_of_a_form_is_named) {
    const auto form = queues::check_hitl_spec(
        json(R"({"timeout_s":0,"sections":[{"type":"input","field":"a"},{"type":"input","field":"a"},
                 {"type":"input","field":"b","required":"yes"},{"type":"decision","field":"c","options":["x","x"]},
                 {"type":"decision","field":"d","options":[{"label":"no id"}]},{}]})"),
        "hitl_spec");
    BOOST_REQUIRE(!form);
    BOOST_TEST(fields_of(form.error()) ==
               "hitl_spec.sections[1].field hitl_spec.sections[2].required hitl_spec.sections[3].options[1] "
               "hitl_spec.sections[4].options[0] hitl_spec.sections[5].type hitl_spec.timeout_s");
    BOOST_TEST(!!queues::check_hitl_spec(
        json(R"({"sections":[{"type":"decision","field":"d","options":[{"id":"a","label":"A"},"b"]}]})"),
        "x"));
    const auto open = json(R"({"sections":[{"type":"decision","field":"d","options":"{{options}}"}]})");
    BOOST_TEST(!!queues::check_hitl_spec(open, "x", true));
    BOOST_TEST(!queues::check_hitl_spec(open, "x"));
}

BOOST_AUTO_TEST_CASE(an_answer_fits_its_form) {
    const auto form =
        json(R"({"sections":[{"type":"input","field":"note","required":true},{"type":"input","field":"x"},
                               {"type":"decision","field":"d","options":[{"id":"yes"},"no"]}]})");
    BOOST_TEST(!!queues::check_answer(form, json(R"({"note":"n","d":"yes"})")));
    BOOST_TEST(fields_of(queues::check_answer(form, json(R"({"note":"","d":"maybe"})")).error()) ==
               "result.note result.d");
    BOOST_TEST(fields_of(queues::check_answer(form, Value("yes")).error()) == "result");
}

BOOST_AUTO_TEST_CASE(the_one_decision_is_what_the_checkpoint_gets) {
    const auto one = json(
        R"({"sections":[{"type":"input","field":"n"},{"type":"decision","field":"d","options":["a"]}]})");
    BOOST_TEST(queues::resolution_of(one, json(R"({"n":1,"d":"a"})")).dump() == "\"a\"");
    const auto none = json(R"({"sections":[{"type":"input","field":"n"}]})");
    BOOST_TEST(queues::resolution_of(none, json(R"({"n":1})")).dump() == R"({"n":1})");
}

BOOST_AUTO_TEST_CASE(parameters_keep_their_type_where_they_stand_alone) {
    const auto filled =
        queues::fill_pattern(json(R"({"a":"{{ n }}","b":"n={{n}}, {{t}}{{","c":["{{o}}"],"d":1})"),
                             json(R"({"n":42,"t":"x","o":{"k":[]}})"));
    BOOST_REQUIRE(filled);
    BOOST_TEST(filled->dump() == R"({"a":42,"b":"n=42, x{{","c":[{"k":[]}],"d":1})");
    BOOST_TEST(fields_of(queues::fill_pattern(json(R"({"a":"{{x}} {{y}}"})"), Value()).error()) ==
               "parameters.x parameters.y");
}

BOOST_AUTO_TEST_CASE(a_queue_keeps_what_a_change_does_not_name) {
    const auto now = json(
        R"({"slug":"q","display_name":"Q","description":null,"ordering":"fifo","consumer_mode":"competing",
                             "max_retries":3,"visibility_timeout_s":9,"max_depth":7,"overflow_policy":"drop_oldest"})");
    const auto same = queues::decode_queue_change(json("{}"), now);
    BOOST_REQUIRE(same);
    BOOST_TEST(same->max_retries == 3);
    BOOST_TEST(same->visibility_timeout_s == 9);
    BOOST_TEST(same->max_depth.value_or(0) == 7);
    BOOST_TEST(same->overflow_policy == "drop_oldest");
    BOOST_TEST(!queues::decode_queue_change(json(R"({"max_depth":null,"slug":"q"})"), now)->max_depth);
    BOOST_TEST(
        fields_of(queues::decode_queue_change(json(R"({"slug":"r","ordering":"priority"})"), now).error()) ==
        "slug ordering");
}

BOOST_AUTO_TEST_CASE(allowlist_entries_are_hosts) {
    using scaigrid::bunkers::is_allowlist_entry;
    for (const auto* good : {"a", "a.example", "*.a.example", "xn--bcher-kva.example", "1.2.3.4"})
        BOOST_TEST(is_allowlist_entry(good), good);
    const std::string long_label(64, 'a');
    for (const std::string& bad :
         {std::string(), std::string("*"), std::string("*."), std::string("a.*.b"), std::string("**.b"),
          std::string("*a.b"), std::string("a..b"), std::string("a."), std::string("http://a"),
          std::string("a/b"), std::string("a:1"), long_label + ".b"})
        BOOST_TEST(!is_allowlist_entry(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
