// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/runs/plugins.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaigrid/runs/ids.hpp"
#include "lib/scaigrid/runs/payload.hpp"
#include "lib/scaigrid/runs/queue_calls.hpp"
#include "lib/scir/answers.hpp"

#include <algorithm>

namespace scaigrid::runs {

using scai::json::Value;
namespace scir = scai::scir;

namespace {

constexpr std::size_t max_answer = 1U << 20U; ///< bytes of a remote answer
constexpr std::size_t max_files = 4U << 20U;  ///< bytes of a run's files

std::string endpoint_of(const PluginCall& call) {
    std::string endpoint;
    call.module.get("plugins").each_item([&](const Value& plugin) {
        if (plugin.member("alias") == call.plugin())
            endpoint = plugin.member("endpoint");
    });
    return endpoint.starts_with("http://") || endpoint.starts_with("https://") ? endpoint : "";
}

scir::Outcome bad_argument(const PluginCall& call, const std::string& name, const std::string& wanted) {
    return scir::failed("plugin_argument",
                        call.plugin() + "." + call.method() + ": " + name + " must be " + wanted);
}

scir::Outcome unknown(const PluginCall& call) {
    return scir::failed("plugin_unknown",
                        "there is no plugin call " + call.plugin().substr(0, 100) + "." +
                            call.method().substr(0, 100) +
                            " here: the embedded ScaiGrid has clock.now, random.uuid, random.integer, "
                            "events.emit, scaiqueue, scaibunker and http.request; other plugins need an "
                            "http(s) endpoint");
}

/// JSON when it is, else the text.
Value content_of(const scai::http::Response& response) {
    if (auto parsed = scai::json::parse(response.body))
        return *parsed;
    return scai::valid_utf8(response.body) ? Value(response.body) : Value(nullptr);
}

std::optional<scir::Outcome> http_request(const PluginCall& call, scai::http::Request& request) {
    const Value args = call.args();
    request.method = args.get("method").text_or("GET");
    std::ranges::transform(request.method, request.method.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    constexpr std::array methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    if (std::ranges::find(methods, request.method) == methods.end())
        return bad_argument(call, "method", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS");
    request.url = args.member("url");
    if (scai::http::origin_of(request.url).empty())
        return bad_argument(call, "url", "an http or https URL");
    bool typed = false, broken = false;
    args.get("headers").each_member([&](std::string_view name, const Value& value) {
        const std::string text = value.is_string() ? *value.text() : value.dump();
        broken = broken || name.empty() || text.find_first_of("\r\n") != std::string::npos ||
                 name.find_first_of("\r\n: ") != std::string_view::npos;
        typed = typed || scai::iequals(name, "content-type");
        request.headers.emplace_back(std::string(name), text);
    });
    if (broken)
        return bad_argument(call, "headers", "names and values on one line");
    const Value body = args.get("body");
    if (body.is_string()) {
        request.body = *body.text();
    } else if (body.present() && !body.is_null()) {
        request.body = body.dump();
        if (!typed)
            request.headers.emplace_back("Content-Type", "application/json");
    }
    return std::nullopt;
}

scir::Outcome transport_failure(const scai::Error& error) {
    if (error.code == "address")
        return scir::failed("http_address", error.message + ": only public addresses may be called");
    return scir::failed(error.kind == scai::ErrorKind::timeout ? "timeout" : "http_failed", error.message);
}

scir::Outcome http_answer(const scai::http::Response& response) {
    Value headers = Value::object();
    for (const auto& [name, value] : response.headers)
        if (scai::valid_utf8(value))
            headers.set(scai::to_lower(name), value);
    return scir::answered(Value::object(
        {{"status", response.status}, {"headers", std::move(headers)}, {"body", content_of(response)}}));
}

scir::Outcome endpoint_answer(const PluginCall& call, const scai::http::Response& response) {
    const Value content = content_of(response);
    const Value error = content.get("error");
    if (response.status < 200 || response.status > 299 || error.present()) {
        const std::string said = error.is_string() ? *error.text() : error.member("message");
        return scir::failed(error.get("code").text_or("plugin_failed").substr(0, 100),
                            call.plugin() + "." + call.method() + " answered " +
                                std::to_string(response.status) +
                                (said.empty() ? "" : ": " + said.substr(0, 300)));
    }
    return scir::answered(content);
}

scir::Outcome clock_call(const scai::Clock& clock, const PluginCall& call) {
    if (call.method() != "now")
        return unknown(call);
    const auto now = clock.now();
    return scir::answered(Value::object({{"iso", scai::to_iso8601(now)}, {"unix", scai::unix_seconds(now)}}));
}

scir::Outcome random_call(const PluginCall& call) {
    if (call.method() == "uuid")
        return scir::answered(make_uuid());
    if (call.method() != "integer")
        return unknown(call);
    const auto number = [&](const char* name, std::int64_t fallback) {
        const Value given = call.args().get(name);
        return given.present() ? given.integer() : fallback;
    };
    const auto least = number("min", 0), most = number("max", 1'000'000);
    constexpr std::int64_t bound = std::int64_t{1} << 53;
    if (!least || !most || *least < -bound || *most > bound || *least > *most)
        return bad_argument(call, "min and max", "integers within 2^53, min not above max");
    std::uint64_t drawn = 0;
    for (const char c : scai::crypto::random_bytes(8))
        drawn = drawn << 8U | static_cast<unsigned char>(c);
    return scir::answered(*least +
                          static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(*most - *least + 1)));
}

scir::Outcome emit_call(const scai::Clock& clock, const PluginCall& call,
                        std::vector<events::Event>& emitted) {
    if (call.method() != "emit")
        return unknown(call);
    const std::string type = call.args().member("type");
    if (const auto problem = event_name_problem(type))
        return scir::failed("plugin_argument", "events.emit: type: " + *problem);
    const Value payload = call.args().get("payload");
    emitted.push_back(author_event(call.execution, type, payload, clock.now()));
    return scir::answered(payload.present() ? payload : Value(nullptr));
}

std::string command_text(const Value& command) {
    if (command.is_string())
        return *command.text();
    std::string out;
    command.each_item([&](const Value& part) {
        out += (out.empty() ? "" : " ") + (part.is_string() ? *part.text() : part.dump());
    });
    return out;
}

scir::Outcome bunker_call(const PluginCall& call, Files& files) {
    const Value args = call.args();
    const std::string method = call.method(), path = args.member("path");
    if (method == "create")
        return scir::answered(Value::object({{"bunker_id", "bnk_" + call.execution.id.substr(5)},
                                             {"image", args.get("image").text_or("python-3.12")},
                                             {"status", "running"},
                                             {"simulated", true}}));
    if (method == "exec")
        return scir::answered(
            Value::object({{"exit_code", 0},
                           {"stdout", "[no sandbox here: not run] " + command_text(args.get("command"))},
                           {"stderr", ""},
                           {"duration_ms", 0},
                           {"simulated", true}}));
    if (method == "destroy") {
        files.clear();
        return scir::answered(nullptr);
    }
    if (method != "write_file" && method != "read_file")
        return unknown(call);
    if (path.empty())
        return bad_argument(call, "path", "a text");
    if (method == "write_file") {
        replay_files(call, files);
        std::size_t bytes = 0;
        for (const auto& [name, content] : files)
            bytes += name.size() + content.size();
        return bytes > max_files ? scir::failed("bunker_full", "the files of a run have 4 MB at most")
                                 : scir::answered(nullptr);
    }
    const auto found = files.find(path);
    return scir::answered(found == files.end() ? "[no sandbox here: nothing wrote " + path + "]"
                                               : found->second);
}

} // namespace

void replay_files(const PluginCall& call, Files& files) {
    if (call.plugin() != "scaibunker")
        return;
    if (call.method() == "destroy")
        files.clear();
    const Value content = call.args().get("content");
    if (call.method() == "write_file")
        files[call.args().member("path")] = content.is_string() ? *content.text() : content.dump();
}

bool is_remote(const PluginCall& call) {
    return call.plugin() == "http" || !endpoint_of(call).empty();
}

std::chrono::milliseconds time_limit(const PluginCall& call) {
    const double asked = call.effect.request.get("timeout_s")
                             .number()
                             .value_or(call.args().get("timeout_s").number().value_or(30));
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(asked, 0.1, 120.0) * 1000));
}

scir::Outcome call_remote(scai::http::Client& http, const PluginCall& call, bool allow_private) {
    scai::http::Request request;
    request.timeout = time_limit(call);
    request.max_body = max_answer;
    request.public_only = !allow_private;
    const std::string endpoint = endpoint_of(call);
    if (endpoint.empty()) {
        if (call.method() != "request")
            return unknown(call);
        if (auto problem = http_request(call, request))
            return *problem;
    } else {
        request.method = "POST";
        request.url = endpoint;
        request.headers = {{"Content-Type", "application/json"},
                           {"Idempotency-Key", call.execution.id + ":" + call.effect.path}};
        request.body = Value::object({{"method", call.method()},
                                      {"args", call.args().present() ? call.args() : Value::object()},
                                      {"core_id", call.execution.core_id},
                                      {"execution_id", call.execution.id}})
                           .dump();
    }
    const auto response = http.send(request);
    if (!response)
        return transport_failure(response.error());
    return endpoint.empty() ? http_answer(*response) : endpoint_answer(call, *response);
}

scir::Outcome call_local(scai::db::Tx& tx, const scai::Clock& clock, const PluginCall& call, Files& files,
                         std::vector<events::Event>& emitted) {
    const std::string plugin = call.plugin();
    if (plugin == "clock")
        return clock_call(clock, call);
    if (plugin == "random")
        return random_call(call);
    if (plugin == "events")
        return emit_call(clock, call, emitted);
    if (plugin == "scaiqueue")
        return queue_call(tx, call);
    if (plugin == "scaibunker")
        return bunker_call(call, files);
    return unknown(call);
}

} // namespace scaigrid::runs
