// SPDX-License-Identifier: Apache-2.0
#include "lib/web/trace.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/value.hpp"
#include "lib/log/log.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <unistd.h>
#include <vector>

namespace scai::web {

using json::Value;

namespace {

constexpr int most_attempts = 5;
constexpr std::chrono::milliseconds first_delay{1000}, longest_delay{30000}, last_words{1000};

bool lower_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

/// Ids need to be different, not secret: the kernel is asked once a thread.
std::string random_hex(std::size_t digits) {
    thread_local std::mt19937_64 source{[] {
        std::random_device device;
        return (std::uint64_t{device()} << 32U) ^ device();
    }()};
    constexpr std::string_view letters = "0123456789abcdef";
    std::string out;
    while (out.size() < digits)
        for (auto bits = source(), left = std::uint64_t{16}; left > 0 && out.size() < digits; --left) {
            out += letters[bits & 15U];
            bits >>= 4U;
        }
    return all_zero(out) ? random_hex(digits) : out;
}

Value text_attribute(std::string_view key, std::string_view value) {
    return Value::object({{"key", key}, {"value", Value::object({{"stringValue", value}})}});
}

/// 64-bit numbers are texts in protobuf's JSON.
Value number_attribute(std::string_view key, std::int64_t value) {
    return Value::object({{"key", key}, {"value", Value::object({{"intValue", std::to_string(value)}})}});
}

Value json_of(const Span& span) {
    constexpr int server = 2, error = 2; // SPAN_KIND_SERVER, STATUS_CODE_ERROR
    const auto start =
        std::chrono::duration_cast<std::chrono::nanoseconds>(span.started_at.time_since_epoch());
    auto attributes =
        Value::array({text_attribute("http.request.method", span.method),
                      number_attribute("http.response.status_code", span.status),
                      number_attribute("http.response.body.size", static_cast<std::int64_t>(span.bytes)),
                      text_attribute("scai.request_id", span.request_id)});
    if (!span.route.empty())
        attributes.push(text_attribute("http.route", span.route));
    if (!span.tenant_id.empty())
        attributes.push(text_attribute("scai.tenant_id", span.tenant_id));
    if (span.parts_dropped > 0)
        attributes.push(
            number_attribute("scai.spans_dropped", static_cast<std::int64_t>(span.parts_dropped)));
    if (span.status >= 500)
        attributes.push(text_attribute("error.type", std::to_string(span.status)));
    auto out = Value::object({{"traceId", span.trace_id},
                              {"spanId", span.span_id},
                              {"name", span.method + (span.route.empty() ? "" : " " + span.route)},
                              {"kind", server},
                              {"startTimeUnixNano", std::to_string(start.count())},
                              {"endTimeUnixNano", std::to_string((start + span.took).count())},
                              {"attributes", attributes}});
    if (!span.parent_id.empty())
        out.set("parentSpanId", span.parent_id);
    if (span.status >= 500)
        out.set("status", Value::object({{"code", error}}));
    return out;
}

/// What a request waited for.
Value json_of(const Span& span, std::size_t index) {
    constexpr int internal = 1, client = 3,
                  error = 2; // SPAN_KIND_INTERNAL, SPAN_KIND_CLIENT, STATUS_CODE_ERROR
    const auto& part = span.parts[index];
    const auto start =
        std::chrono::duration_cast<std::chrono::nanoseconds>(span.started_at.time_since_epoch()) + part.after;
    const bool db = part.kind == "db";
    auto attributes = Value::array({text_attribute("scai.kind", part.kind)});
    if (db)
        attributes.push(text_attribute("db.system.name", "postgresql"))
            .push(text_attribute("db.query.summary", part.name));
    auto out = Value::object(
        {{"traceId", span.trace_id},
         {"spanId", span.part_ids[index]},
         {"parentSpanId",
          part.parent < 0 ? span.span_id : span.part_ids[static_cast<std::size_t>(part.parent)]},
         {"name", std::string(part.kind) + " " + part.name},
         {"kind", part.kind == "audit" ? internal : client},
         {"startTimeUnixNano", std::to_string(start.count())},
         {"endTimeUnixNano", std::to_string((start + part.took).count())},
         {"attributes", attributes}});
    if (part.failed)
        out.set("status", Value::object({{"code", error}}));
    return out;
}

/// How many spans it is for the collector.
std::size_t spans_of(const Span& span) {
    return 1 + span.part_ids.size();
}

/// "api-key=x,other=y%20z"
http::Headers read_headers(std::string_view text) {
    http::Headers out;
    for (const auto& pair : split_list(text)) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            continue;
        const auto value = trim(std::string_view(pair).substr(equals + 1));
        out.emplace_back(trim(std::string_view(pair).substr(0, equals)),
                         percent_decode(value, false).value_or(std::string(value)));
    }
    return out;
}

} // namespace

std::optional<TraceParent> parse_traceparent(std::string_view header) {
    // 00-<32>-<16>-<2>; a later version may add fields after a dash.
    constexpr std::size_t length = 55, trace_at = 3, span_at = 36, flags_at = 53;
    header = trim(header);
    if (header.size() < length || header[2] != '-' || header[span_at - 1] != '-' ||
        header[flags_at - 1] != '-')
        return std::nullopt;
    const auto version = header.substr(0, 2), trace = header.substr(trace_at, 32),
               parent = header.substr(span_at, 16), flags = header.substr(flags_at, 2);
    if (!lower_hex(version) || version == "ff" || !lower_hex(trace) || all_zero(trace) ||
        !lower_hex(parent) || all_zero(parent) || !lower_hex(flags))
        return std::nullopt;
    if (header.size() > length && (version == "00" || header[length] != '-'))
        return std::nullopt;
    const char last = flags[1];
    const int digit = last <= '9' ? last - '0' : last - 'a' + 10;
    return TraceParent{
        .trace_id = std::string(trace), .span_id = std::string(parent), .sampled = (digit & 1) != 0};
}

std::string otlp_body(std::span<const Span> spans, std::string_view service, std::string_view instance) {
    auto list = Value::array();
    for (const auto& span : spans) {
        list.push(json_of(span));
        for (std::size_t i = 0; i < span.part_ids.size(); ++i)
            list.push(json_of(span, i));
    }
    const auto scope = Value::object({{"name", "scai"}, {"version", std::string_view(SCAI_VERSION)}});
    const auto resource = Value::object(
        {{"attributes", Value::array({text_attribute("service.name", service),
                                      text_attribute("service.version", std::string_view(SCAI_VERSION)),
                                      text_attribute("service.instance.id", instance)})}});
    return Value::object({{"resourceSpans",
                           Value::array({Value::object(
                               {{"resource", resource},
                                {"scopeSpans",
                                 Value::array({Value::object({{"scope", scope}, {"spans", list}})})}})})}})
        .dump();
}

struct Tracer::Impl {
    Impl(TracerSettings given, Metrics& counters, std::unique_ptr<http::Client> over)
        : settings(std::move(given)), metrics(counters), client(std::move(over)),
          headers(read_headers(settings.headers.reveal())),
          instance(settings.service + "-" + std::to_string(::getpid())) {
        while (settings.endpoint.ends_with('/'))
            settings.endpoint.pop_back();
        // Signals are for whoever waits for them; this thread never does.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        thread = std::thread([this] { work(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    ~Impl() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        thread.join();
    }

    void add(Span span) {
        const auto spans = spans_of(span);
        {
            const std::lock_guard lock(mutex);
            if (held + spans <= settings.capacity) {
                waiting.push_back(std::move(span));
                held += spans;
                if (held >= settings.batch && held - spans < settings.batch)
                    wake.notify_one();
                return;
            }
        }
        count("dropped", spans);
    }

private:
    enum class Outcome { taken, refused, later };

    void work() {
        std::unique_lock lock(mutex);
        while (!stopping) {
            wake.wait_for(lock, settings.pause, [this] { return stopping || held >= settings.batch; });
            while (!stopping && !waiting.empty())
                send_batch(lock);
        }
        if (!waiting.empty()) {
            const auto batch = take();
            lock.unlock();
            settle(batch, post(batch, std::min(settings.timeout, last_words)) == Outcome::taken);
        }
    }

    std::vector<Span> take() {
        std::vector<Span> out;
        for (std::size_t taken = 0; !waiting.empty() && taken < settings.batch; waiting.pop_front()) {
            taken += spans_of(waiting.front());
            held -= spans_of(waiting.front());
            out.push_back(std::move(waiting.front()));
        }
        return out;
    }

    /// Tries one batch until it is taken, refused, or tried often enough. `lock` is open meanwhile.
    void send_batch(std::unique_lock<std::mutex>& lock) {
        const auto batch = take();
        auto delay = first_delay;
        for (int attempt = 1;; ++attempt) {
            lock.unlock();
            const auto outcome = post(batch, settings.timeout);
            lock.lock();
            if (outcome != Outcome::later || attempt == most_attempts || stopping) {
                settle(batch, outcome == Outcome::taken);
                return;
            }
            wake.wait_for(lock, delay, [this] { return stopping; });
            delay = std::min(2 * delay, longest_delay);
        }
    }

    Outcome post(const std::vector<Span>& batch, std::chrono::milliseconds limit) {
        http::Request request;
        request.method = "POST";
        request.url = settings.endpoint + "/v1/traces";
        request.headers = headers;
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = otlp_body(batch, settings.service, instance);
        request.connect_timeout = limit;
        request.timeout = limit;
        request.max_body = 1U << 20U;
        request.keep_connection = true; // a collector takes a span twice as the same span
        const auto answer = client->send(request);
        const int status = answer ? answer->status : 0;
        const bool taken = status >= 200 && status < 300;
        if (taken != reachable) { // once when it goes and once when it comes back
            reachable = taken;
            if (taken)
                log::info("traces_taken");
            else
                log::warn("traces_not_taken",
                          {{"status", status}, {"error", answer ? std::string() : answer.error().message}});
        }
        if (taken)
            return Outcome::taken;
        const bool passes = !answer || status == 429 || status == 502 || status == 503 || status == 504;
        return passes ? Outcome::later : Outcome::refused;
    }

    void settle(const std::vector<Span>& batch, bool taken) {
        std::size_t spans = 0;
        for (const auto& span : batch)
            spans += spans_of(span);
        count(taken ? "exported" : "dropped", spans);
    }
    void count(std::string_view outcome, std::size_t spans) {
        metrics.add("otlp_spans_total", {{"outcome", outcome}}, spans);
    }

    TracerSettings settings;
    Metrics& metrics;
    std::unique_ptr<http::Client> client;
    http::Headers headers;
    std::string instance;
    bool reachable = true; ///< of the thread
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Span> waiting;
    std::size_t held = 0; ///< spans in it, those below others counted
    bool stopping = false;
    std::thread thread; ///< last: it uses all the others
};

Tracer::Tracer(TracerSettings settings, Metrics& metrics, std::unique_ptr<http::Client> client)
    : impl_(std::make_unique<Impl>(std::move(settings), metrics, std::move(client))) {}
Tracer::~Tracer() = default;

void Tracer::record(std::string_view traceparent, Span span) {
    const auto parent = parse_traceparent(traceparent);
    if (parent && !parent->sampled)
        return;
    span.trace_id = parent ? parent->trace_id : random_hex(32);
    span.parent_id = parent ? parent->span_id : "";
    span.span_id = random_hex(16);
    span.part_ids.clear();
    for (std::size_t i = 0; i < span.parts.size(); ++i)
        span.part_ids.push_back(random_hex(16));
    impl_->add(std::move(span));
}

std::shared_ptr<Tracer> make_tracer(std::string_view endpoint, SecretText headers, std::string_view service,
                                    Metrics& metrics) {
    if (endpoint.empty())
        return nullptr;
    TracerSettings settings;
    settings.endpoint = endpoint;
    settings.headers = std::move(headers);
    settings.service = service;
    return std::make_shared<Tracer>(std::move(settings), metrics, std::make_unique<http::CurlClient>());
}

} // namespace scai::web
