// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/csv.hpp"
#include "lib/scaikey/load/loader.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using scaikey::load::CsvReader;

BOOST_AUTO_TEST_SUITE(lib_scaikey_load_csv)

namespace {

/// "a|b;c|d" of the rows, or the error's text.
std::string read(const std::string& text) {
    std::istringstream in(text);
    auto reader = CsvReader::open(in, "f.csv", {"tenant", "email", "name"}, {"tenant", "email"});
    if (!reader)
        return reader.error().message;
    std::string out;
    std::vector<std::string> values;
    while (true) {
        const auto any = reader->next(values);
        if (!any)
            return any.error().message;
        if (!*any)
            return out;
        out += (out.empty() ? "" : ";") + values[0] + "|" + values[1] + "|" + values[2];
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(columns_are_found_by_name_in_any_order) {
    BOOST_TEST(read("email,tenant\na@x,acme\nb@x,acme\n") == "acme|a@x|;acme|b@x|");
    BOOST_TEST(read("\xef\xbb\xbftenant,email,name\r\nacme,a@x,\"Berg, \"\"Bo\"\"\"\r\n") ==
               "acme|a@x|Berg, \"Bo\"");
    BOOST_TEST(read("tenant,email,name\nacme,a@x,\"two\nlines\"\nacme,b@x,") ==
               "acme|a@x|two\nlines;acme|b@x|");
    BOOST_TEST(read("tenant,email\n\nacme,a@x\n\n") == "acme|a@x|");
    BOOST_TEST(read("tenant,email\n") == "");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_line) {
    BOOST_TEST(read("") == "f.csv line 1: a header line is required");
    BOOST_TEST(read("tenant,phone\n") == "f.csv line 1: unknown column \"phone\"");
    BOOST_TEST(read("tenant,name\n") == "f.csv line 1: column \"email\" is required");
    BOOST_TEST(read("tenant,email,email\n") == "f.csv line 1: column \"email\" appears twice");
    BOOST_TEST(read("tenant,email\nacme,a@x\nacme\n") == "f.csv line 3: has 1 fields, the header 2");
    BOOST_TEST(read("tenant,email\nacme,\"a@x\n") == "f.csv line 2: a quote is not closed");
    BOOST_TEST(read("tenant,email\nacme,a\"x\n") == "f.csv line 2: a quote stands where none may be");
    BOOST_TEST(read("tenant,email\nacme,\"a\"x\n") == "f.csv line 2: a quote stands where none may be");
    BOOST_TEST(read("tenant,email\nacme,\xff\n") == "f.csv line 2: is no clean UTF-8");
    BOOST_TEST(read(std::string("tenant,email\nacme,a\0b\n", 22)) == "f.csv line 2: is no clean UTF-8");
}

BOOST_AUTO_TEST_CASE(generate_takes_numbers_it_can_fulfil) {
    const auto good =
        scaikey::load::parse_generate("users=100,groups=10,memberships=500,tenants=2,nested=3,prefix=p");
    BOOST_REQUIRE(good);
    BOOST_TEST(good->users == 100);
    BOOST_TEST(good->tenants == 2);
    BOOST_TEST(good->nested == 3);
    BOOST_TEST(good->prefix == "p");
    for (const char* bad :
         {"users", "users=", "users=-1", "users=x", "cows=3", "users=2,groups=2,memberships=5",
          "users=10,tenants=0", "users=10,groups=10,memberships=100,tenants=2"})
        BOOST_TEST(!scaikey::load::parse_generate(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
