// Result<T>: the channel for outcomes a caller or a client can cause or must choose about.
// Exceptions are for what no caller can handle here (database gone, broken invariant, misconfiguration).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace scai {

/// Closed set of outcomes; lib/web/errors.cpp maps each to one HTTP status.
enum class ErrorKind {
    bad_request,         ///< 400
    unauthenticated,     ///< 401
    forbidden,           ///< 403
    not_found,           ///< 404
    method_not_allowed,  ///< 405
    conflict,            ///< 409
    gone,                ///< 410
    precondition_failed, ///< 412
    too_large,           ///< 413
    unsupported_media,   ///< 415
    unprocessable,       ///< 422, with `fields`
    rate_limited,        ///< 429, with `retry_after_seconds`
    upstream,            ///< 502
    unavailable,         ///< 503
    timeout,             ///< 504
};

/// One rejected input field. `path` is where it is ("body.role", "query.limit"), `message` says what would be
/// right.
struct FieldError {
    std::string path;
    std::string message;
    std::string type = "value_error";
};

/// A failure that may be shown to the client: nothing in it may come from a secret or from PostgreSQL's own
/// text.
struct Error {
    ErrorKind kind = ErrorKind::bad_request;
    std::string code = {};    ///< stable wire code; empty means "plain text detail"
    std::string message = {}; ///< public text
    std::string fix = {};     ///< optional hint what to do
    std::vector<FieldError> fields = {};
    std::vector<std::pair<std::string, std::string>> extra =
        {}; ///< further public keys of a structured detail
    std::optional<int> retry_after_seconds = {};
    std::string details = {}; ///< further public keys of a structured detail, the text of a JSON object
};

template<class T>
class [[nodiscard]] Result {
public:
    // NOLINTBEGIN(google-explicit-constructor): `return value;` and `return error;` are the point
    Result(T value) : state_(std::move(value)) {}
    Result(Error error) : state_(std::move(error)) {}
    // NOLINTEND(google-explicit-constructor)

    explicit operator bool() const noexcept { return state_.index() == 0; }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }
    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Error> state_;
};

/// Result of an operation that yields nothing but may fail.
struct Done {};
using Status = Result<Done>;

} // namespace scai

#define SCAI_CONCAT_(a, b) a##b
#define SCAI_CONCAT(a, b) SCAI_CONCAT_(a, b)
/// `SCAI_TRY(auto user, store.find(id));` - returns the error from the enclosing function or binds the value.
#define SCAI_TRY(decl, expr)                                                                                 \
    auto SCAI_CONCAT(scai_try_, __LINE__) = (expr);                                                          \
    if (!SCAI_CONCAT(scai_try_, __LINE__))                                                                   \
        return std::move(SCAI_CONCAT(scai_try_, __LINE__)).error();                                          \
    decl = std::move(SCAI_CONCAT(scai_try_, __LINE__)).value()
