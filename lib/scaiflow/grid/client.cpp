// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/client.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/check.hpp"
#include "lib/json/raw.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

namespace scaiflow::grid {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

constexpr std::size_t longest_message = 500;
constexpr std::size_t longest_id_or_code = 128;
/// A handler waits no longer than this for another attempt: whoever called comes back himself.
constexpr std::chrono::milliseconds longest_pause{5000};

Error unreachable(std::string message) {
    return {.kind = ErrorKind::upstream,
            .code = "upstream_unreachable",
            .message = "ScaiGrid cannot be reached: " + std::move(message)};
}

Error invalid_answer(std::string message) {
    return {.kind = ErrorKind::upstream,
            .code = "upstream_invalid_answer",
            .message = "ScaiGrid's answer cannot be used: " + std::move(message)};
}

Error transfer_error(const Error& failure) {
    if (failure.kind == ErrorKind::timeout)
        return {.kind = ErrorKind::timeout,
                .code = "upstream_timeout",
                .message = "ScaiGrid did not answer in time: " + failure.message};
    for (const char* code : {"truncated", "too_large", "protocol"})
        if (failure.code == code)
            return invalid_answer(failure.message);
    return unreachable(failure.message);
}

/// Visible text of one line, at a character's end.
std::string one_line(std::string_view text, std::size_t longest) {
    std::string out;
    for (const char c : scai::trim(text)) {
        if (out.size() == longest)
            break;
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
    while (!out.empty() && !scai::valid_utf8(out) && out.size() + 4 > longest)
        out.pop_back();
    return scai::valid_utf8(out) ? out : std::string();
}

std::string id_of(std::string_view text) {
    const bool plain = !text.empty() && text.size() <= longest_id_or_code &&
                       std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    return plain ? std::string(text) : std::string();
}

bool looks_like_html(std::string_view text, std::string_view content_type) {
    return content_type.find("html") != std::string_view::npos || scai::trim(text).starts_with('<');
}

std::string title_of(std::string_view html) {
    const std::string lower = scai::to_lower(html.substr(0, 4096));
    const auto open = lower.find("<title>");
    const auto close = open == std::string::npos ? open : lower.find("</title>", open);
    return close == std::string::npos ? std::string()
                                      : one_line(html.substr(open + 7, close - open - 7), 200);
}

bool is_set(const Value& value) {
    return value.present() && !value.is_null();
}

/// FastAPI's validation list: [{"loc":["body","name"],"msg":"..."}].
std::string first_message(const Value& list) {
    return list.at(0).is_object() ? list.at(0).member("msg") : list.at(0).text_or("");
}

/// {"error":{...}}, {"error":"code"}, {"detail":"text"|{...}|[...]}, {"message":"text"}.
void read_json_refusal(const Value& body, Answer& answer) {
    Value error = body.get("error");
    const Value detail = body.get("detail");
    if (!error.is_object() && detail.is_object())
        error = detail;
    if (error.is_object()) {
        for (const char* key : {"code", "error", "type"})
            if (answer.code.empty())
                answer.code = error.member(key);
        answer.message = error.member("message");
        answer.details = error.get("details");
        if (const auto seconds = error.get("retry_after").integer(); seconds && answer.retry_after.empty())
            answer.retry_after = std::to_string(*seconds);
    } else {
        answer.code = error.text_or("");
        answer.message = detail.text_or("");
    }
    if (detail.is_array()) {
        answer.details = detail;
        answer.message = first_message(detail);
    }
    for (const char* key : {"message", "error_description"})
        if (answer.message.empty())
            answer.message = body.member(key);
    answer.code = one_line(answer.code, longest_id_or_code);
    answer.message = one_line(answer.message, longest_message);
}

void read_refusal(const scai::http::Response& response, Answer& answer) {
    answer.refused = true;
    if (answer.body.present())
        read_json_refusal(answer.body, answer);
    else if (looks_like_html(response.body, scai::to_lower(response.header("Content-Type"))))
        answer.message = title_of(response.body);
    else
        answer.message = one_line(response.body, longest_message);
    if (answer.message.empty())
        answer.message = "HTTP status " + std::to_string(answer.status);
}

void read_frame(const Value& body, const scai::http::Response& response, Answer& answer) {
    answer.upstream_request_id = id_of(body.get("meta").member("request_id"));
    if (answer.upstream_request_id.empty())
        answer.upstream_request_id = id_of(response.header("X-Request-ID"));
}

scai::Result<Answer> read(scai::http::Response response, bool keep_text) {
    Answer answer;
    answer.status = response.status;
    answer.retry_after = response.header("Retry-After");
    const bool success = response.status >= 200 && response.status < 300;
    const bool empty = scai::trim(response.body).empty();
    if (success && !empty && keep_text) {
        if (auto checked = scai::json::check(response.body); !checked)
            return invalid_answer("it is not JSON");
        if (scai::json::raw_member(response.body, "error").value_or("null") == "null") {
            read_frame({}, response, answer);
            answer.text = std::move(response.body);
            return answer;
        }
    }
    auto body = empty ? scai::Result<Value>(Value()) : scai::json::parse(response.body);
    if (body)
        answer.body = *body;
    read_frame(answer.body, response, answer);
    if (!success) {
        read_refusal(response, answer);
        return answer;
    }
    if (!body)
        return invalid_answer("it is not JSON");
    if (is_set(answer.body.get("error"))) {
        read_refusal(response, answer);
        return answer;
    }
    const Value data = answer.body.get("data");
    answer.data = data.present() ? data : answer.body;
    return answer;
}

bool worth_another(const scai::Result<scai::http::Response>& outcome) {
    if (outcome)
        return outcome->status == 429 || (outcome->status >= 502 && outcome->status <= 504);
    const std::string& code = outcome.error().code;
    return code == "connect" || code == "reset" || code == "truncated" || code == "timeout";
}

/// Where to: nothing but an object or array that a list may lie in.
Value list_in(const Value& data) {
    if (data.is_array())
        return data;
    for (const char* key : {"items", "events", "checkpoints", "data"})
        if (data.get(key).is_array())
            return data.get(key);
    Value only;
    int arrays = 0;
    data.each_member([&](std::string_view, const Value& value) {
        if (value.is_array()) {
            only = value;
            ++arrays;
        }
    });
    return arrays == 1 ? only : Value();
}

} // namespace

std::string segment(std::string_view text) {
    // "." and ".." would be taken for steps on the way (RFC 3986 5.2.4).
    if (text == "." || text == "..")
        return text.size() == 1 ? "%2E" : "%2E%2E";
    return scai::percent_encode(text);
}

scai::http::Request request_of(const Credential& credential, const std::string& request_id,
                               const Call& call) {
    scai::http::Request request;
    request.method = call.method;
    request.url = credential.base_url + call.path;
    if (!call.query.empty())
        request.url.append("?").append(call.query);
    std::string authorization = "Bearer ";
    authorization += credential.bearer.reveal();
    request.headers = {{"Authorization", std::move(authorization)},
                       {"Accept", "application/json"},
                       {"X-Request-ID", request_id}};
    if (!call.body.empty())
        request.headers.emplace_back("Content-Type", call.content_type);
    request.body = call.body;
    request.timeout = call.timeout;
    request.connect_timeout = std::min(request.connect_timeout, call.timeout);
    request.max_body = call.max_body;
    request.public_only = credential.public_only;
    return request;
}

scai::Result<Answer> answer_of(scai::Result<scai::http::Response> outcome, bool keep_text) {
    if (!outcome)
        return transfer_error(outcome.error());
    return read(std::move(*outcome), keep_text);
}

scai::Result<Answer> Client::send(const Call& call) {
    auto request = request_of(credential_, request_id_, call);
    request.public_only = credential_.public_only;

    const int attempts = call.method == "GET" ? call.retries + 1 : 1;
    auto outcome = http_.send(request);
    for (int tried = 1; tried < attempts && worth_another(outcome); ++tried) {
        const auto pause =
            scai::http::retry_delay(tried, outcome ? outcome->header("Retry-After") : std::string(), 0.5);
        if (pause > longest_pause)
            break;
        std::this_thread::sleep_for(pause);
        outcome = http_.send(request);
    }
    auto& secret = request.headers.front().second;
    explicit_bzero(secret.data(), secret.size());
    return answer_of(std::move(outcome), call.keep_text);
}

Error refusal(const Answer& answer) {
    constexpr std::array kept{
        std::pair{400, ErrorKind::bad_request},  std::pair{403, ErrorKind::forbidden},
        std::pair{404, ErrorKind::not_found},    std::pair{409, ErrorKind::conflict},
        std::pair{410, ErrorKind::gone},         std::pair{412, ErrorKind::precondition_failed},
        std::pair{413, ErrorKind::too_large},    std::pair{422, ErrorKind::unprocessable},
        std::pair{429, ErrorKind::rate_limited},
    };
    Error error{.kind = ErrorKind::upstream, .code = "upstream_error", .message = answer.message};
    for (const auto& [status, kind] : kept)
        if (status == answer.status) {
            error.kind = kind;
            error.code = "upstream_refused";
        }
    if (answer.status == 401)
        error.fix =
            "ScaiGrid does not accept the credential: sign in again, or a tenant administrator sets a "
            "valid key with POST /v1/tenants/me/scaigrid_credentials";
    else if (answer.status == 403)
        error.fix = "a ScaiGrid administrator grants the permission that the message names";
    if (const auto seconds = scai::parse_int(answer.retry_after); seconds && *seconds >= 0)
        error.retry_after_seconds = static_cast<int>(std::min<std::int64_t>(*seconds, 3600));
    else if (answer.status == 429)
        error.retry_after_seconds = 1;
    if (!answer.code.empty())
        error.extra.emplace_back("upstream_code", answer.code);
    if (!answer.upstream_request_id.empty())
        error.extra.emplace_back("upstream_request_id", answer.upstream_request_id);
    auto more = Value::object({{"status", answer.status}});
    if (is_set(answer.details))
        more.set("upstream_details", answer.details);
    error.details = more.dump();
    return error;
}

std::vector<Value> rows_of(const Answer& answer) {
    std::vector<Value> out;
    const Value list = list_in(answer.data);
    out.reserve(list.size());
    list.each_item([&](const Value& row) { out.push_back(row); });
    return out;
}

std::optional<std::string> next_cursor(const Answer& answer) {
    for (const Value& place : {answer.body, answer.data}) {
        if (place.get("has_more").boolean() == false)
            return std::nullopt;
        const Value cursor = place.get("next_cursor");
        if (const auto text = cursor.text(); text && !text->empty())
            return text;
        if (const auto number = cursor.integer())
            return std::to_string(*number);
    }
    return std::nullopt;
}

} // namespace scaiflow::grid
