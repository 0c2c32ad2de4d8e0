// One attempt of one request on a curl easy handle; what CurlClient and Fleet share. Not for other folders.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/http/client.hpp"

#include <curl/curl.h>

#include <optional>

namespace scai::http {

void init_curl_once();

class Transfer {
public:
    Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer();

    /// Sets the handle up for `request` at `url` (the request's own, or where a redirect pointed). Forgets
    /// the answer before. An Error means that the request cannot be sent at all.
    std::optional<Error> prepare(const Request& request, const std::string& url);
    /// What came of it, once curl is through with the handle.
    Result<Response> finish(CURLcode code);
    /// Where a 307/308 to the same origin points, or "".
    std::string same_origin_target() const;

    /// Lets go of what the request held (headers, body): an idle handle keeps connections only.
    void forget();

    CURL* handle() const { return handle_; }

private:
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    void set_method(const Request& request);
    void set_destination(const Request& request);

    CURL* handle_;
    curl_slist* header_list_ = nullptr;
    curl_slist* resolve_list_ = nullptr;
    std::string url_;
    std::size_t max_body_ = 0;
    std::size_t header_bytes_ = 0;
    bool too_large_ = false;
    bool refused_ = false; ///< an address was not public
    Response response_;
};

/// An answer or failure that is worth another attempt.
bool worth_retrying(const Result<Response>& outcome);
/// Uniform in [0,1), for the jitter.
double jitter();

} // namespace scai::http
