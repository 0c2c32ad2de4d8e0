// multipart/form-data. SPDX-License-Identifier: Apache-2.0
#include "lib/web/multipart.hpp"

#include <boost/test/unit_test.hpp>

using scai::web::read_multipart;

namespace {

const std::string type = "multipart/form-data; boundary=b0und";

std::string part(const std::string& headers, const std::string& data) {
    return "--b0und\r\n" + headers + "\r\n\r\n" + data + "\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_multipart)

BOOST_AUTO_TEST_CASE(files_and_fields_come_back_byte_by_byte) {
    const std::string bytes("SCIR\0\r\n--b0un\xff\x00", 15);
    const auto parts = read_multipart(
        type, part("Content-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\nContent-Type: "
                   "application/octet-stream",
                   bytes) +
                  part("Content-Disposition: form-data; name=\"note\"", "hello") + "--b0und--\r\n");
    BOOST_TEST_REQUIRE(bool(parts));
    BOOST_TEST_REQUIRE(parts->size() == 2u);
    BOOST_TEST(parts->at(0).name == "file");
    BOOST_TEST(parts->at(0).file_name == "a.bin");
    BOOST_TEST(parts->at(0).data == bytes);
    BOOST_TEST(parts->at(1).name == "note");
    BOOST_TEST(parts->at(1).data == "hello");
}

BOOST_AUTO_TEST_CASE(what_is_no_form_is_refused_or_empty_and_never_crashes) {
    for (const auto* other : {"", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
                              "multipart/mixed; boundary=x", "multipart/form-data; boundary= "})
        BOOST_TEST(!read_multipart(other, "x"), other);
    for (const std::string& body : std::vector<std::string>{
             "", "x", "--b0und", "--b0und--", "--b0und\r\n", "--b0und\r\n\r\n",
             "--b0und\r\n\r\nx\r\n--b0und--", part("Content-Disposition: form-data", "x"),
             part("name=\"file\"", "x") + "--b0und--",
             part("Content-Disposition: form-data; name=\"fi", "x") + "--b0und--\r\n", std::string(100, '\0'),
             std::string(10'000, '-')}) {
        const auto parts = read_multipart(type, body);
        if (!parts)
            BOOST_TEST(!parts.error().message.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
