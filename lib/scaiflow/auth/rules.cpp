// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/auth/rules.hpp"

#include "lib/crypto/crypto.hpp"

namespace scaiflow::auth {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

constexpr std::string_view exchange_purpose = "scaiflow code exchange v1";
constexpr std::string_view refresh_purpose = "scaiflow refresh v1";
// Codes are used once by one page. A refresh token that somebody stole is worth a look, so its window is
// short.
constexpr std::chrono::seconds exchange_window{60};
constexpr std::chrono::seconds refresh_window{10};

/// Parts with their lengths, so that no two different lists give the same text.
std::string framed(const ExchangeRequest& request) {
    std::string out;
    for (const std::string* part : {&request.code, &request.verifier, &request.redirect_uri})
        out.append(std::to_string(part->size())).append(":").append(*part).append(",");
    return out;
}

Submission make_submission(const std::string& text, std::string_view purpose, std::chrono::seconds window) {
    constexpr std::size_t key_bytes = 32;
    auto hash = scai::crypto::to_hex(scai::crypto::sha256(text));
    scai::SecretText key(scai::crypto::hkdf_sha256(text, hash, purpose, key_bytes));
    return {.hash = std::move(hash), .key = std::move(key), .window = window};
}

} // namespace

Submission submission_of(const ExchangeRequest& request) {
    return make_submission(framed(request), exchange_purpose, exchange_window);
}

Submission submission_of_refresh(std::string_view refresh_token) {
    return make_submission("refresh:" + std::string(refresh_token), refresh_purpose, refresh_window);
}

std::string pack(const scai::Result<Value>& outcome) {
    if (outcome)
        return Value::object({{"tokens", *outcome}}).dump();
    const Error& error = outcome.error();
    auto extra = Value::object();
    for (const auto& [key, value] : error.extra)
        extra.set(key, value);
    return Value::object({{"upstream", error.kind == ErrorKind::bad_request ? "refused" : "failed"},
                          {"code", error.code},
                          {"message", error.message},
                          {"extra", extra}})
        .dump();
}

std::optional<scai::Result<Value>> unpack(std::string_view text) {
    const auto value = scai::json::parse(text);
    if (!value || !value->is_object())
        return std::nullopt;
    if (const auto tokens = value->get("tokens"); tokens.is_object())
        return scai::Result<Value>(tokens);
    const auto upstream = value->member("upstream");
    if (upstream != "refused" && upstream != "failed")
        return std::nullopt;
    Error error{.kind = upstream == "refused" ? ErrorKind::bad_request : ErrorKind::upstream,
                .code = value->member("code"),
                .message = value->member("message")};
    value->get("extra").each_member([&](std::string_view key, const Value& member) {
        error.extra.emplace_back(key, member.text_or(""));
    });
    return scai::Result<Value>(std::move(error));
}

std::string seal_answer(const Submission& submission, std::string_view packed) {
    return scai::crypto::base64(scai::crypto::seal(submission.key.reveal(), packed, submission.hash));
}

std::optional<scai::SecretText> open_answer(const Submission& submission, std::string_view sealed) {
    const auto bytes = scai::crypto::from_base64(sealed);
    if (!bytes)
        return std::nullopt;
    return scai::crypto::open(submission.key.reveal(), *bytes, submission.hash);
}

} // namespace scaiflow::auth
