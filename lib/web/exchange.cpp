// SPDX-License-Identifier: Apache-2.0
#include "lib/web/exchange.hpp"

#include "lib/log/log.hpp"
#include "lib/web/trace.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

namespace scai::web {

namespace {

constexpr std::size_t chunk = 16U << 10U;

void wipe(std::string& text) {
    explicit_bzero(text.data(), text.capacity());
    text.clear();
}

/// Reads to the end of the body; keeps at most the route's limit.
void read_body(const Router& router, Arrival& arrival, const Wire& wire) {
    Request& request = arrival.request;
    std::array<char, chunk> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    std::size_t limit = 0;
    bool limit_known = false;
    std::uint64_t total = 0;
    while (true) {
        const std::size_t got = wire.read(buffer.data(), buffer.size());
        if (got > 0 && !limit_known) {
            limit = router.max_body_for(request.method, request.path);
            limit_known = true;
            if (arrival.content_length)
                request.body.reserve(std::min<std::size_t>(limit, *arrival.content_length));
        }
        total += got;
        if (total > limit) {
            if (wire.wipe)
                wipe(request.body);
            request.body_too_large = total > 0;
            request.body.clear();
            request.body.shrink_to_fit();
        } else {
            request.body.append(buffer.data(), got);
        }
        if (got < buffer.size())
            break;
    }
    if (wire.wipe)
        explicit_bzero(buffer.data(), buffer.size());
    if (arrival.content_length && total < *arrival.content_length && request.problem.empty())
        request.problem = "the request body is shorter than its Content-Length";
}

/// Methods are the client's free text: a series per invention would fill the counters.
std::string_view known_method(std::string_view method) {
    constexpr std::array<std::string_view, 7> methods{"GET",    "POST", "PUT",    "PATCH",
                                                      "DELETE", "HEAD", "OPTIONS"};
    return std::find(methods.begin(), methods.end(), method) != methods.end() ? method : "other";
}

void trace(Tracer& tracer, const Request& request, int status, std::size_t bytes,
           std::chrono::steady_clock::duration took, log::Recording& recording) {
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(took);
    tracer.record(request.header("traceparent"),
                  {.trace_id = {},
                   .span_id = {},
                   .parent_id = {},
                   .method = std::string(known_method(request.method)),
                   .route = std::string(request.route),
                   .request_id = request.request_id,
                   .tenant_id = request.principal.tenant_id,
                   .status = status,
                   .bytes = bytes,
                   .started_at = std::chrono::time_point_cast<UtcTime::duration>(
                       std::chrono::system_clock::now() -
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(took)),
                   .took = nanoseconds,
                   .parts = recording.take(),
                   .part_ids = {},
                   .parts_dropped = recording.dropped()});
}

} // namespace

void exchange(const Router& router, Metrics& metrics, Arrival arrival, const Wire& wire) {
    const auto start = std::chrono::steady_clock::now();
    log::Recording recording(wire.tracer != nullptr);
    read_body(router, arrival, wire);
    Request& request = arrival.request;
    request.can_stream = wire.stream != nullptr;
    Response response = router.dispatch(request);
    const auto method = known_method(request.method);
    const std::string_view route = request.route.empty() ? "none" : request.route;
    if (response.stream && wire.stream) {
        metrics.add("http_requests_total",
                    {{"method", method}, {"route", route}, {"status", std::to_string(response.status)}});
        if (wire.tracer != nullptr) // the span of a stream ends where it begins to flow
            trace(*wire.tracer, request, response.status, response.body.size(),
                  std::chrono::steady_clock::now() - start, recording);
        wire.stream({.head = header_text(response) + response.body,
                     .stream = std::move(response.stream),
                     .line = {.start = start,
                              .request_id = request.request_id,
                              .method = std::string(method),
                              .route = std::string(route),
                              .tenant = request.principal.tenant_id,
                              .subject = request.principal.subject,
                              .status = response.status}});
        return;
    }

    auto text = header_text(response);
    text += response.body;
    const bool delivered = wire.write(text);
    const auto bytes = response.body.size();
    if (wire.wipe) {
        wipe(text);
        wipe(response.body);
        wipe(request.body);
        for (auto& [name, value] : request.headers)
            if (name == "authorization")
                wipe(value);
    }

    const auto elapsed = std::chrono::steady_clock::now() - start;
    const std::chrono::duration<double> took = elapsed;
    const auto status = std::to_string(response.status);
    metrics.add("http_requests_total", {{"method", method}, {"route", route}, {"status", status}});
    metrics.observe("http_request_duration_seconds", {{"route", route}}, took.count());
    log::info("request", {{"request_id", request.request_id},
                          {"method", method},
                          {"route", route},
                          {"status", response.status},
                          {"ms", took.count() * 1000.0},
                          {"bytes", bytes},
                          {"tenant", request.principal.tenant_id},
                          {"subject", request.principal.subject},
                          {"delivered", delivered}});
    if (wire.tracer != nullptr)
        trace(*wire.tracer, request, response.status, bytes, elapsed, recording);
}

} // namespace scai::web
