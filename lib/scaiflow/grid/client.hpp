// ScaiGrid as ScaiFlow calls it (contract scaigrid.md 1, 2, 11): success is 2xx without an `error` member,
// the payload is `data`; lists come in three shapes. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "lib/scaiflow/grid/credentials.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::grid {

/// What ScaiGrid answered: a refusal is an answer too.
struct Answer {
    int status = 0;
    scai::json::Value body;          ///< whole; absent when there was none
    scai::json::Value data;          ///< payload of a success
    std::string text;                ///< the body as it came, when Call.keep_text asked for it
    bool refused = false;            ///< no 2xx, or a 2xx with an `error` member
    std::string code, message;       ///< of a refusal: error.code, error.message
    scai::json::Value details;       ///< of a refusal: error.details, or what stands for it
    std::string upstream_request_id; ///< meta.request_id or X-Request-ID
    std::string retry_after;
    bool ok() const { return !refused; }
};

struct Call {
    std::string method = "GET";
    std::string path; ///< "/v1/modules/scaicore/cores"; segments escaped by segment()
    std::string query = {};
    std::string body = {};
    std::string content_type = "application/json";
    std::chrono::milliseconds timeout{30000};
    int retries = 0;        ///< GETs only (contract scaigrid.md 12 N26)
    bool keep_text = false; ///< a success is checked to be JSON and kept as `text`, not taken apart
    std::size_t max_body = 16U << 20U;
};

class Client {
public:
    Client(scai::http::Client& http, const Credential& credential, std::string request_id)
        : http_(http), credential_(credential), request_id_(std::move(request_id)) {}
    /// Any answer in ScaiGrid's or another JSON form is an Answer, so is a refusal in any form. Errors:
    /// timeout "upstream_timeout" (504); upstream "upstream_unreachable", "upstream_invalid_answer" (502).
    scai::Result<Answer> send(const Call& call);

private:
    scai::http::Client& http_;
    const Credential& credential_;
    std::string request_id_;
};

/// The two halves of send(), for those who have many calls in flight (http::Fleet). The request holds the
/// credential.
scai::http::Request request_of(const Credential& credential, const std::string& request_id, const Call& call);
scai::Result<Answer> answer_of(scai::Result<scai::http::Response> outcome, bool keep_text);

std::string segment(std::string_view text); ///< percent-encoded path segment

/// A refusal as ScaiFlow's error, for proxies. 400, 403, 404, 409, 410, 412, 413, 422 and 429 (with
/// Retry-After) keep their status with the code "upstream_refused"; all else, 401 and 5xx too, is 502
/// "upstream_error". Extra keys upstream_code, upstream_request_id, upstream_details, and the number
/// `status`.
scai::Error refusal(const Answer& answer);

/// Rows of any of the list shapes (contract scaigrid.md 2.1).
std::vector<scai::json::Value> rows_of(const Answer& answer);
/// Cursor of the next page; nothing at the end (2.3).
std::optional<std::string> next_cursor(const Answer& answer);

} // namespace scaiflow::grid
