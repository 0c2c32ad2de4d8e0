// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/rows.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using namespace scaiflow::grid;

namespace {

std::string made(RowMaker make, const char* row) {
    const auto parsed = scai::json::parse(row);
    BOOST_REQUIRE(parsed);
    const auto out = make(*parsed);
    return out ? out->dump(true) : "";
}
std::string sorted(const char* text) {
    return scai::json::parse(text).value().dump(true);
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_grid)

BOOST_AUTO_TEST_CASE(a_scope_has_its_four_fields_and_what_else_came) {
    BOOST_TEST(
        made(
            scope_row,
            R"({"id":"sc_1","slug":"finance","display_name":"Finance","description":"x","state":"active"})") ==
        sorted(
            R"({"id":"sc_1","slug":"finance","display_name":"Finance","description":"x","state":"active"})"));
    BOOST_TEST(made(scope_row, R"({"id":"sc_1","slug":"finance","description":null})") ==
               sorted(R"({"id":"sc_1","slug":"finance","display_name":"finance","description":""})"));
    for (const char* row : {R"({"slug":"x"})", R"({"id":""})", R"({"id":null})", "[]"})
        BOOST_TEST(made(scope_row, row) == "", row);
}

BOOST_AUTO_TEST_CASE(a_queue_has_one_mode_for_two) {
    const auto mode = [](const char* row) {
        const auto parsed = scai::json::parse(row);
        return queue_row(*parsed).value().member("consumer_mode");
    };
    BOOST_TEST(mode(R"({"id":"q","ordering":"fifo","consumer_mode":"competing"})") == "fifo");
    BOOST_TEST(mode(R"({"id":"q","ordering":"priority","consumer_mode":"competing"})") == "priority");
    BOOST_TEST(mode(R"({"id":"q","ordering":"deadline"})") == "deadline");
    BOOST_TEST(mode(R"({"id":"q","ordering":"fifo","consumer_mode":"broadcast"})") == "broadcast");
    BOOST_TEST(mode(R"({"id":"q","ordering":"broadcast","consumer_mode":"competing"})") == "broadcast");
    BOOST_TEST(mode(R"({"id":"q","consumer_mode":"priority"})") == "priority");
    BOOST_TEST(mode(R"({"id":"q","consumer_mode":"competing"})") == "fifo");
    BOOST_TEST(mode(R"({"id":"q"})") == "fifo");
    BOOST_TEST(
        made(queue_row,
             R"({"id":"q_1","scope_id":"sc_1","slug":"review","display_name":"Review","ordering":"priority",
                                   "consumer_mode":"competing","max_retries":5,"depth_pending":3})") ==
        sorted(
            R"({"id":"q_1","scope_id":"sc_1","slug":"review","display_name":"Review","consumer_mode":"priority",
                          "max_retries":5,"ordering":"priority","depth_pending":3})"));
}

BOOST_AUTO_TEST_CASE(bunkers_are_shown_when_running_or_persistent) {
    BOOST_TEST(
        made(
            bunker_row,
            R"({"id":"bnk_2","image":"python-3.12","lifecycle_mode":"ephemeral","status":"running","memory_mb":512})") ==
        sorted(
            R"({"bunker_id":"bnk_2","image_ref":"python-3.12","lifecycle":"ephemeral","status":"ready","memory_mb":512})"));
    BOOST_TEST(made(bunker_row,
                    R"({"bunker_id":"bnk_1","image_ref":"i","lifecycle":"persistent","status":"paused"})") ==
               sorted(R"({"bunker_id":"bnk_1","image_ref":"i","lifecycle":"persistent","status":"paused"})"));
    BOOST_TEST(made(bunker_row, R"({"id":"b","status":"ready"})") ==
               sorted(R"({"bunker_id":"b","image_ref":null,"lifecycle":null,"status":"ready"})"));
    for (const char* row : {R"({"id":"b","lifecycle_mode":"ephemeral","status":"pending"})",
                            R"({"id":"b","lifecycle_mode":"session","status":"paused"})",
                            R"({"id":"b","lifecycle_mode":"persistent","status":"terminated"})",
                            R"({"id":"b","lifecycle_mode":"persistent","status":"failed"})",
                            R"({"image":"x","status":"running"})"})
        BOOST_TEST(made(bunker_row, row) == "", row);
}

BOOST_AUTO_TEST_CASE(models_come_in_two_forms) {
    BOOST_TEST(made(model_row,
                    R"({"slug":"acme/small","display_name":"Small","modality":"chat","context_window":32000,
                                   "max_output_tokens":4096,"status":"active"})") ==
               sorted(R"({"slug":"acme/small","display_name":"Small","modality":"chat","context_window":32000,
                          "max_output_tokens":4096,"status":"active"})"));
    BOOST_TEST(
        made(model_row, R"({"id":"acme/small","object":"model","owned_by":"acme"})") ==
        sorted(R"({"slug":"acme/small","display_name":"acme/small","modality":null,"context_window":null,
                          "id":"acme/small","object":"model","owned_by":"acme"})"));
    BOOST_TEST(made(model_row, R"({"object":"model"})") == "");
}

BOOST_AUTO_TEST_SUITE_END()
