// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/directory/events/rules.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace scai::directory::events;
namespace data = boost::unit_test::data;

namespace {

// The test vector of contract scaikey.md 14.2.
constexpr std::string_view secret = "whsec-demo-key";
constexpr std::int64_t sent = 1779264000;
constexpr std::string_view body =
    R"({"actor":{"id":"usr_adm1","type":"admin"},"data":{"group_id":"grp_ops","user_id":"usr_bo1"},"event_id":"evt_T3stVect0r000001","event_type":"group.member_added","partner_id":"prt_p1","resource":{"id":"grp_ops","type":"group"},"tenant_id":"tnt_t1","timestamp":"2026-05-20T08:00:00Z"})";
constexpr std::string_view vector_v1 = "8a299b8d729dde950238fca2e316276a52e1e1daa8652df1ad236b16a0157f12";
const std::string good_header = "t=1779264000,v1=" + std::string(vector_v1);

std::string verdict(std::string_view signature, std::string_view timestamp = "1779264000",
                    std::string_view payload = body, std::string_view secrets = secret,
                    std::int64_t now = sent) {
    const auto status = check_signature(secrets, {signature, timestamp, payload},
                                        scai::from_unix_seconds(now), std::chrono::seconds(300));
    if (status)
        return "good";
    BOOST_TEST((status.error().kind == scai::ErrorKind::bad_request));
    return status.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_directory_events_signature)

BOOST_AUTO_TEST_CASE(vector_of_the_contract_is_accepted) {
    BOOST_TEST(body.size() == 281U);
    BOOST_TEST(verdict(good_header) == "good");
}

BOOST_AUTO_TEST_CASE(blanks_order_and_unknown_parts_do_not_matter) {
    BOOST_TEST(verdict(" v1=" + std::string(vector_v1) + " , t=1779264000 , v0=abc,junk") == "good");
}

BOOST_AUTO_TEST_CASE(any_of_several_v1_and_any_of_several_secrets_will_do) {
    const std::string two = "t=1779264000,v1=" + std::string(64, '0') + ",v1=" + std::string(vector_v1);
    BOOST_TEST(verdict(two) == "good");
    BOOST_TEST(verdict(good_header, "1779264000", body, "new-key, whsec-demo-key") == "good");
    BOOST_TEST(verdict(good_header, "1779264000", body, "whsec-demo-key,new-key") == "good");
    BOOST_TEST(verdict(good_header, "1779264000", body, "new-key,other-key").starts_with("bad signature"));
}

BOOST_AUTO_TEST_CASE(list_of_empty_secrets_never_matches) {
    const std::string empty_key =
        scai::crypto::to_hex(scai::crypto::hmac_sha256("", "1779264000." + std::string(body)));
    BOOST_TEST(
        verdict("t=1779264000,v1=" + empty_key, "1779264000", body, " , ,").starts_with("bad signature"));
}

const std::vector<std::array<std::string, 3>> refused_headers = {
    {"", "1779264000", "missing signature"},
    {"   ", "1779264000", "missing signature"},
    {"v1=" + std::string(vector_v1), "1779264000", "missing timestamp"},
    {"t=1779264000", "1779264000", "missing signature"},
    {"t=1779264000,v1=", "1779264000", "bad signature"},
    {good_header, "", "missing timestamp"},
    {good_header, "1779264001", "bad timestamp"},
    {"t=1779264000,t=1779264000,v1=" + std::string(vector_v1), "1779264000", "missing timestamp"},
    {"t=soon,v1=" + std::string(vector_v1), "soon", "bad timestamp"},
    {"t=-1779264000,v1=" + std::string(vector_v1), "-1779264000", "bad timestamp"},
    {"t=99999999999999999999,v1=" + std::string(vector_v1), "99999999999999999999", "bad timestamp"},
    {"t=9223372036854775807,v1=" + std::string(vector_v1), "9223372036854775807", "stale timestamp"},
    {"t=0,v1=" + std::string(vector_v1), "0", "stale timestamp"},
    {"t=1779264000,v1=8A299B8D729DDE950238FCA2E316276A52E1E1DAA8652DF1AD236B16A0157F12", "1779264000",
     "bad signature"}, // upper case is another text
    {"t=1779264000,v1=" + std::string(vector_v1.substr(0, 63)), "1779264000", "bad signature"},
    {"t=1779264000,v1=" + std::string(vector_v1) + "0", "1779264000", "bad signature"},
    {"t=1779264000,v2=" + std::string(vector_v1), "1779264000", "missing signature"},
};

BOOST_DATA_TEST_CASE(broken_header_is_refused_saying_which_part, data::xrange(refused_headers.size()),
                     index) {
    const auto& [signature, timestamp, start] = refused_headers[index];
    const std::string said = verdict(signature, timestamp);
    BOOST_TEST(said.starts_with(start), "header " << index << ": " << said);
}

BOOST_AUTO_TEST_CASE(one_flipped_bit_anywhere_is_refused) {
    for (std::size_t i = 0; i < body.size(); i += 7) {
        std::string changed(body);
        changed[i] = static_cast<char>(changed[i] ^ 1);
        BOOST_TEST(verdict(good_header, "1779264000", changed).starts_with("bad signature"));
    }
    BOOST_TEST(verdict(good_header, "1779264000", std::string(body) + "\n").starts_with("bad signature"));
    BOOST_TEST(verdict(good_header, "1779264000", "").starts_with("bad signature"));
}

BOOST_AUTO_TEST_CASE(window_is_closed_on_both_sides) {
    BOOST_TEST(verdict(good_header, "1779264000", body, secret, sent + 300) == "good");
    BOOST_TEST(verdict(good_header, "1779264000", body, secret, sent - 300) == "good");
    BOOST_TEST(verdict(good_header, "1779264000", body, secret, sent + 301).starts_with("stale timestamp"));
    BOOST_TEST(verdict(good_header, "1779264000", body, secret, sent - 301).starts_with("stale timestamp"));
}

BOOST_AUTO_TEST_CASE(refusal_never_repeats_the_right_signature) {
    const std::string said = verdict("t=1779264000,v1=" + std::string(64, 'f'));
    BOOST_TEST(said.find(vector_v1) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
