// Long lists written as text. SPDX-License-Identifier: Apache-2.0
#include "lib/json/rows.hpp"
#include "lib/json/value.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Rows;

BOOST_AUTO_TEST_SUITE(lib_json_rows)

BOOST_AUTO_TEST_CASE(rows_are_what_was_written) {
    Rows rows;
    rows.row().text("id", "a").text("note", std::nullopt).raw("n", "7");
    rows.row();
    rows.row().text("id", std::string("b")).text("note", std::optional<std::string>(""));
    BOOST_TEST(std::move(rows).take() == R"([{"id":"a","note":null,"n":7},{},{"id":"b","note":""}])");
    BOOST_TEST(Rows().take() == "[]");
}

BOOST_AUTO_TEST_CASE(members_are_what_was_written) {
    scai::json::Members members;
    members.text("id", "a\"b").text("note", std::nullopt).raw("n", "7");
    members.texts("some", std::vector<std::string>{"x", "", "y"}).texts("none", std::vector<std::string>{});
    BOOST_TEST(members.take() == R"({"id":"a\"b","note":null,"n":7,"some":["x","","y"],"none":[]})");
    BOOST_TEST(scai::json::Members().take() == "{}");
}

BOOST_AUTO_TEST_CASE(any_text_survives) {
    std::string all;
    for (int byte = 1; byte < 0x80; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& text : {all, std::string("\"\\"), std::string("ends with a quote\""),
                                    std::string("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"), std::string()}) {
        Rows rows;
        rows.row().text("t", text);
        const auto parsed = scai::json::parse(std::move(rows).take());
        BOOST_REQUIRE(parsed);
        BOOST_TEST(parsed->at(0).member("t") == text);
    }
    std::string out;
    scai::json::append_text(out, std::string_view("a\0b", 3));
    BOOST_TEST(out == R"("a\u0000b")");
}

BOOST_AUTO_TEST_SUITE_END()
