// SPDX-License-Identifier: Apache-2.0
#include "lib/webhook/webhook.hpp"

#include <boost/test/unit_test.hpp>

namespace webhook = scai::webhook;

BOOST_AUTO_TEST_SUITE(lib_webhook)

BOOST_AUTO_TEST_CASE(the_published_vector_of_standard_webhooks_is_met) {
    BOOST_TEST(webhook::standard_signature(
                   "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                   R"({"test": 2432232314})") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

BOOST_AUTO_TEST_CASE(every_part_of_the_message_counts) {
    const auto good = webhook::standard_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", 5, "{}");
    BOOST_TEST(webhook::standard_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_2", 5, "{}") !=
               good);
    BOOST_TEST(webhook::standard_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", 6, "{}") !=
               good);
    BOOST_TEST(webhook::standard_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", 5, "{} ") !=
               good);
    BOOST_TEST(webhook::standard_signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", 5, "{}") != good);
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_no_base64_signs_with_its_bytes) {
    const auto plain = webhook::standard_signature("whsec_not base64!", "m", 1, "b");
    BOOST_TEST(plain.starts_with("v1,"));
    BOOST_TEST(webhook::standard_signature("whsec_not base64?", "m", 1, "b") != plain);
}

BOOST_AUTO_TEST_CASE(the_hex_signature_is_hmac_sha256_over_time_and_body) {
    // printf '1780300800.{}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    BOOST_TEST(webhook::timestamped_hmac("0123456789abcdef0123456789abcdef", 1780300800, "{}") ==
               "bb391beedc3105d73aed7f910e03e779e0defa848e752c0eaa907dfb01f09f44");
    BOOST_TEST(webhook::timestamped_hmac("k", 1, "ab") != webhook::timestamped_hmac("k", 1, "ac"));
}

BOOST_AUTO_TEST_CASE(the_ladder_has_five_steps_and_an_end) {
    const std::int64_t expected[] = {30, 120, 600, 1800, 7200};
    for (int attempt = 1; attempt <= 5; ++attempt)
        BOOST_TEST(webhook::retry_after(attempt)->count() == expected[attempt - 1]);
    BOOST_TEST(!webhook::retry_after(6));
    BOOST_TEST(!webhook::retry_after(0));
}

BOOST_AUTO_TEST_CASE(urls_are_absolute_http_without_credentials) {
    for (const char* good :
         {"http://127.0.0.1:8080/api/v1/webhooks/scaikey", "https://flow.test/hook?x=1", "http://h"})
        BOOST_TEST(webhook::valid_url(good), good);
    for (const char* bad :
         {"", "flow.test/hook", "ftp://flow.test/", "http://", "https:///x", "http://u:p@flow.test/",
          "http://flow.test/#part", "http://flow.test/a b", "file:///etc/passwd", "http://:80/"})
        BOOST_TEST(!webhook::valid_url(bad), bad);
}

BOOST_AUTO_TEST_CASE(only_2xx_is_success) {
    for (const int status : {200, 202, 204, 299}) {
        scai::http::Response answer;
        answer.status = status;
        BOOST_TEST(webhook::outcome_of(answer, std::chrono::milliseconds(3)).ok());
    }
    for (const int status : {100, 199, 301, 302, 307, 400, 404, 410, 429, 500, 503}) {
        scai::http::Response answer;
        answer.status = status;
        const auto outcome = webhook::outcome_of(answer, std::chrono::milliseconds(3));
        BOOST_TEST(outcome.error == "HTTP " + std::to_string(status) +
                                        (status / 100 == 3 ? ": redirects are not followed" : ""));
    }
    scai::Error down;
    down.code = "timeout";
    down.message = "https://hooks.test: no complete answer in time";
    const auto outcome = webhook::outcome_of(down, std::chrono::milliseconds(3));
    BOOST_TEST(outcome.error == down.message); // the owner reads it in the log of his deliveries
    BOOST_TEST(!outcome.status.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
