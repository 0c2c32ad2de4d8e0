// webhook_load URL TENANT EVENTS PARALLEL: sends that many distinct, signed membership and user events
// (secret from the environment variable WEBHOOK_SECRET) and prints "events/s applied". Any answer but 200
// {"handled":true} fails it. SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
    const char* secret = std::getenv("WEBHOOK_SECRET");
    if (argc != 5 || secret == nullptr)
        return 64;
    const std::string url = argv[1];
    const std::string tenant = argv[2];
    const int events = std::atoi(argv[3]);
    const auto fleet = scai::http::make_curl_fleet(std::atoi(argv[4]));
    const std::string run = scai::crypto::random_id(8);
    int applied = 0;
    int refused = 0;
    const auto send = [&](int i) {
        const auto now = scai::SystemClock().now();
        const std::string user = "usr_bench_" + run + "_" + std::to_string(i);
        const std::string id = "evt_" + run + std::to_string(i);
        const auto body =
            scai::json::Value::object(
                {
                    {"event_id", id},
                    {"event_type", i % 4 == 0 ? "user.updated" : "user.created"},
                    {"timestamp", scai::to_iso8601(now)},
                    {"resource", scai::json::Value::object({{"type", "user"}, {"id", user}})},
                    {"tenant_id", tenant},
                    {"data", scai::json::Value::object({{"id", user},
                                                        {"email", user + "@bench.test"},
                                                        {"display_name", "Bench " + std::to_string(i)},
                                                        {"status", "ACTIVE"},
                                                        {"tenant_id", tenant}})},
                })
                .dump(true);
        const std::string stamp = std::to_string(scai::unix_seconds(now));
        scai::http::Request request;
        request.method = "POST";
        request.url = url;
        request.body = body;
        request.headers = {{"Content-Type", "application/json"},
                           {"X-ScaiKey-Timestamp", stamp},
                           {"X-ScaiKey-Event-ID", id},
                           {"X-ScaiKey-Signature",
                            "t=" + stamp + ",v1=" +
                                scai::crypto::to_hex(scai::crypto::hmac_sha256(secret, stamp + "." + body))}};
        return request;
    };
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < events; ++i)
        fleet->add(send(i), [&](scai::Result<scai::http::Response> answer) {
            const bool good =
                answer && answer->status == 200 && answer->body.find("true") != std::string::npos;
            (good ? applied : refused) += 1;
        });
    fleet->run();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    std::printf("webhook events applied\t%.0f\t/s\n", applied / wall.count());
    if (refused > 0)
        std::fprintf(stderr, "%d of %d events were not applied\n", refused, events);
    return refused == 0 ? 0 : 1;
}
