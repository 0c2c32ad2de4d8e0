// A ScaiGrid that answers every call with one of everything, for tests that are about who gets through to it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/flow_api.hpp"
#include "tests/support/http_server.hpp"

namespace test {

struct GridDouble {
    static constexpr const char* everything =
        R"({"status":"ok","data":{"id":"x_1","items":[{"id":"x_1","slug":"one","status":"running"}],)"
        R"("events":[{"type":"x","payload":{}}],"checkpoints":[{"id":"x_1"}],"next_cursor":null}})";

    GridDouble()
        : server([](const scai::test::HttpRequest&) { return scai::test::HttpReply{.body = everything}; }) {}
    /// Settings of a group that calls it, with a key for who has no token.
    FlowApi::Settings settings(FlowApi::Settings more = {}) const {
        more.try_emplace("SCAIGRID_BASE_URL", server.url());
        more.try_emplace("SCAIGRID_API_KEY", "sgk_server");
        return more;
    }
    /// From here on `reply` is all it says.
    void says(scai::test::HttpReply reply) {
        server.handler([reply](const scai::test::HttpRequest&) { return reply; });
    }
    scai::test::HttpServer server;
};

} // namespace test
