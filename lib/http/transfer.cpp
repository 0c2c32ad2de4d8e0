// SPDX-License-Identifier: Apache-2.0
#include "lib/http/transfer.hpp"

#include "lib/base/strings.hpp"
#include "lib/http/address.hpp"

#include <mutex>
#include <new>
#include <random>
#include <sys/socket.h>

namespace scai::http {

namespace {

constexpr std::size_t max_header_bytes = 256U << 10U;
constexpr long buffer_size = 128L << 10;

Error failure(ErrorKind kind, std::string code, std::string message) {
    Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.message = std::move(message);
    return error;
}

struct Cause {
    const char* code;
    const char* words;
};

Cause cause_of(CURLcode code) {
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return {"timeout", "no complete answer in time"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return {"connect", "the host name cannot be resolved"};
    case CURLE_COULDNT_CONNECT:
        return {"connect", "the connection was refused or the host cannot be reached"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return {"reset", "the connection broke before the answer was complete"};
    case CURLE_PARTIAL_FILE:
        return {"truncated", "the answer ended early"};
    case CURLE_FILESIZE_EXCEEDED:
        return {"too_large", "the answer is larger than allowed"};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return {"tls", "the TLS handshake or the certificate check failed"};
    case CURLE_URL_MALFORMAT:
        return {"url", "not an http or https URL"};
    default: // also CURLE_UNSUPPORTED_PROTOCOL: the URL was checked, so the answer is HTTP/0.9 or no HTTP
        return {"protocol", "the answer is not HTTP as it should be"};
    }
}

/// Host for messages: the origin holds no path, query or credentials.
std::string host_of(const std::string& url) {
    const std::string origin = origin_of(url);
    return origin.empty() ? "the given URL" : origin;
}

bool one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

template<class T>
void set(CURL* handle, CURLoption option, T value) {
    if (curl_easy_setopt(handle, option, value) == CURLE_OUT_OF_MEMORY)
        throw std::bad_alloc();
}

} // namespace

void init_curl_once() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Transfer::Transfer() : handle_(curl_easy_init()) {
    if (handle_ == nullptr)
        throw std::bad_alloc();
}

void Transfer::forget() {
    curl_slist_free_all(header_list_);
    header_list_ = nullptr;
    curl_easy_reset(handle_); // connections, DNS and TLS sessions stay
}

Transfer::~Transfer() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(header_list_);
    curl_slist_free_all(resolve_list_);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    if (transfer.response_.body.size() + length > transfer.max_body_) {
        transfer.too_large_ = true;
        return 0;
    }
    transfer.response_.body.append(data, length);
    return length;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    const std::string_view line = trim({data, length});
    transfer.header_bytes_ += length;
    if (transfer.header_bytes_ > max_header_bytes) {
        transfer.too_large_ = true;
        return 0;
    }
    if (line.starts_with("HTTP/")) { // a 1xx answer came first: only the last head counts
        transfer.response_.headers.clear();
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        transfer.response_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    return length;
}

void Transfer::set_method(const Request& request) {
    if (request.method == "HEAD") {
        set(handle_, CURLOPT_NOBODY, 1L);
        return;
    }
    if (request.method != "GET" || !request.body.empty()) {
        set(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(handle_, CURLOPT_COPYPOSTFIELDS, request.body.data());
    }
    set(handle_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    // On a kept connection that turns out dead curl would send the request again by itself; what is not
    // idempotent (a code exchange, a refresh) must go out once.
    if ((request.method == "POST" || request.method == "PATCH") && !request.keep_connection)
        set(handle_, CURLOPT_FRESH_CONNECT, 1L);
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    if (!is_public(address->addr)) {
        static_cast<Transfer*>(self)->refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::set_destination(const Request& request) {
    refused_ = false;
    if (request.public_only) {
        set(handle_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
        set(handle_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    }
    curl_slist_free_all(resolve_list_);
    resolve_list_ = nullptr;
    for (const auto& entry : request.resolve) {
        curl_slist* longer = curl_slist_append(resolve_list_, entry.c_str());
        if (longer == nullptr)
            throw std::bad_alloc();
        resolve_list_ = longer;
    }
    if (resolve_list_ != nullptr)
        set(handle_, CURLOPT_RESOLVE, resolve_list_);
}

std::optional<Error> Transfer::prepare(const Request& request, const std::string& url) {
    forget();
    response_ = {};
    header_bytes_ = 0;
    too_large_ = false;
    max_body_ = request.max_body;
    url_ = url;
    if (origin_of(url).empty() || !one_line(url))
        return failure(ErrorKind::upstream, "url", "not an http or https URL");
    if (!one_line(request.method))
        return failure(ErrorKind::upstream, "protocol", "the method contains a line break");
    // Expect: would cost a round trip and upset small servers. An empty value in our list must still be sent.
    header_list_ = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : request.headers) {
        if (!one_line(name) || !one_line(value))
            return failure(ErrorKind::upstream, "protocol", "a request header contains a line break");
        const std::string line = value.empty() ? name + ";" : name + ": " + value;
        curl_slist* longer = curl_slist_append(header_list_, line.c_str());
        if (longer == nullptr)
            throw std::bad_alloc();
        header_list_ = longer;
    }
    set(handle_, CURLOPT_URL, url.c_str());
    set(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle_, CURLOPT_PROXY, ""); // none, whatever the environment says
    set(handle_, CURLOPT_NOSIGNAL, 1L);
    set(handle_, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle_, CURLOPT_USERAGENT, "scai/" SCAI_VERSION);
    set(handle_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    set(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(handle_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_body));
    set(handle_, CURLOPT_BUFFERSIZE, buffer_size);
    set(handle_, CURLOPT_HTTPHEADER, header_list_);
    set(handle_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(handle_, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(handle_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(handle_, CURLOPT_HEADERDATA, static_cast<void*>(this));
    set_method(request);
    set_destination(request);
    return std::nullopt;
}

Result<Response> Transfer::finish(CURLcode code) {
    if (too_large_)
        code = CURLE_FILESIZE_EXCEEDED;
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
        response_.status = static_cast<int>(status);
        return std::move(response_);
    }
    const Cause cause = code == CURLE_COULDNT_CONNECT && refused_
                            ? Cause{"address", "the host has no address on the public internet"}
                            : cause_of(code);
    const ErrorKind kind = code == CURLE_OPERATION_TIMEDOUT  ? ErrorKind::timeout
                           : code == CURLE_FILESIZE_EXCEEDED ? ErrorKind::too_large
                                                             : ErrorKind::upstream;
    return failure(kind, cause.code, host_of(url_) + ": " + cause.words);
}

std::string Transfer::same_origin_target() const {
    long status = 0;
    char* target = nullptr; // absolute, made by curl from Location
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &target);
    if ((status != 307 && status != 308) || target == nullptr)
        return {};
    return origin_of(target) == origin_of(url_) ? target : std::string();
}

bool worth_retrying(const Result<Response>& outcome) {
    if (outcome) {
        const int status = outcome->status;
        return status == 429 || status == 502 || status == 503 || status == 504;
    }
    const std::string& code = outcome.error().code;
    return code == "timeout" || code == "connect" || code == "reset" || code == "truncated";
}

double jitter() {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

} // namespace scai::http
