// Traces: a span a request, and below it one for each statement, call to the KMS and commit of the trail,
// sent to an OpenTelemetry collector as OTLP/HTTP in JSON by a thread of its own. A request pays for putting
// its span into a queue; a collector that is slow or gone costs it nothing: the queue is bounded, and what
// has no room is dropped and counted (otlp_spans_total{outcome}). W3C Trace Context: a caller's traceparent
// is continued, and its wish not to be sampled is respected. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"
#include "lib/log/parts.hpp"
#include "lib/web/metrics.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scai::web {

/// A caller's place in its trace (W3C Trace Context level 1).
struct TraceParent {
    std::string trace_id, span_id; ///< 32 and 16 lower-case hex digits
    bool sampled = false;
    bool operator==(const TraceParent&) const = default;
};
/// nullopt for what is no traceparent: a trace of our own begins then.
std::optional<TraceParent> parse_traceparent(std::string_view header);

struct Span {
    std::string trace_id, span_id, parent_id; ///< hex; parent_id "" = a trace begins here
    std::string method, route, request_id, tenant_id;
    int status = 0;
    std::size_t bytes = 0; ///< of the answer's body
    UtcTime started_at;
    std::chrono::nanoseconds took{};
    std::vector<log::Part> parts = {};      ///< spans below it: where the time went
    std::vector<std::string> part_ids = {}; ///< one for each, given by record()
    std::size_t parts_dropped = 0;
};

/// Body of POST <endpoint>/v1/traces. `service` is the program's name.
std::string otlp_body(std::span<const Span> spans, std::string_view service, std::string_view instance);

struct TracerSettings {
    std::string endpoint; ///< OTEL_EXPORTER_OTLP_ENDPOINT: base URL; "/v1/traces" is added
    SecretText headers;   ///< OTEL_EXPORTER_OTLP_HEADERS: "name=value,name=value", values percent-encoded
    std::string service;  ///< the program's name
    std::size_t capacity = 4096;           ///< spans that wait, those below others counted
    std::size_t batch = 512;               ///< spans of one request to the collector
    std::chrono::milliseconds pause{2000}; ///< between two, while fewer wait
    std::chrono::milliseconds timeout{5000};
};

/// Thread-safe.
class Tracer {
public:
    Tracer(TracerSettings settings, Metrics& metrics, std::unique_ptr<http::Client> client);
    ~Tracer(); ///< sends what waits, once, for at most a second
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    /// Ids are given here: `traceparent` is the caller's header, "" without one.
    void record(std::string_view traceparent, Span span);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// With a client of its own; null without an endpoint.
std::shared_ptr<Tracer> make_tracer(std::string_view endpoint, SecretText headers, std::string_view service,
                                    Metrics& metrics);

} // namespace scai::web
