// Exchange: one request from arrival to the access log, whatever carried it. Private to lib/web.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/gateway.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"
#include "lib/web/stream.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace scai::web {

class Tracer;

/// What the access log says of a request.
struct AccessLine {
    std::chrono::steady_clock::time_point start{};
    std::string request_id, method, route, tenant, subject;
    int status = 0;
};

/// An answer that goes on: the text it begins with, and who logs it in the end.
struct StreamStart {
    std::string head;
    std::shared_ptr<Stream> stream;
    AccessLine line;
};

/// Both ends of the wire. `read` returns fewer bytes than asked only at the end of the body.
struct Wire {
    std::function<std::size_t(char* buffer, std::size_t size)> read;
    std::function<bool(const std::string& data)> write; ///< false: the peer is gone
    Tracer* tracer = nullptr;
    bool wipe = false; ///< overwrite what request and answer held before its memory is given back
    std::function<void(StreamStart)> stream = {}; ///< takes an answer that goes on; without it there is none
};

/// Reads the body up to the route's limit (the rest is read and thrown away, so that the peer can read the
/// answer), dispatches, writes the answer, counts and logs.
void exchange(const Router& router, Metrics& metrics, Arrival arrival, const Wire& wire);

} // namespace scai::web
