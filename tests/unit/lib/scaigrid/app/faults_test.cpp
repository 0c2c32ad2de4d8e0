// Where a fault strikes, and the shapes of lists. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/faults.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaigrid::faults;
using scai::json::Value;
using scai::web::Response;

namespace {

Fault fault(const std::string& method, const std::string& path) {
    Fault out;
    out.method = method;
    out.path = path;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaigrid_app_faults)

BOOST_AUTO_TEST_CASE(a_path_is_compared_segment_by_segment) {
    const auto cores = fault("", "/v1/cores/{id}/start");
    BOOST_TEST(strikes(cores, "POST", "/v1/cores/core_1/start"));
    for (const auto* other : {"/v1/cores/start", "/v1/cores//start", "/v1/cores/core_1",
                              "/v1/cores/core_1/start/x", "/v1/cores/core_1/stop", "/", ""})
        BOOST_TEST(!strikes(cores, "POST", other), other);
    BOOST_TEST(strikes(fault("", ""), "GET", "/anything"));
    BOOST_TEST(strikes(fault("GET", ""), "GET", "/x"));
    BOOST_TEST(!strikes(fault("GET", ""), "POST", "/x"));
    BOOST_TEST(strikes(fault("", "/v1/me"), "GET", "/v1/me"));
    BOOST_TEST(!strikes(fault("", "/v1/me"), "GET", "/v1/meal"));
}

BOOST_AUTO_TEST_CASE(rows_keep_their_place_in_every_shape) {
    const auto events = Response::json(
        Value::object({{"status", "ok"},
                       {"data", Value::object({{"events", Value::array({1, 2})}, {"next_cursor", "abc"}})}}));
    const auto b = scai::json::parse(reshaped(events, "B").body).value();
    BOOST_TEST(b.get("data").size() == 2u);
    BOOST_TEST(b.member("next_cursor") == "abc");
    BOOST_TEST(b.get("has_more").boolean().value_or(false));
    const auto a = scai::json::parse(reshaped(events, "A").body).value();
    BOOST_TEST(a.get("data").get("items").size() == 2u);
    BOOST_TEST(a.get("data").member("next_cursor") == "abc");
    const auto one = Response::json(Value::object({{"data", Value::object({{"id", "x"}})}}));
    BOOST_TEST(reshaped(one, "B").body == one.body); // no list
    BOOST_TEST(reshaped(Response::text("<html>", "text/html"), "B").body == "<html>");
}

BOOST_AUTO_TEST_SUITE_END()
