// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/auth/service.hpp"

#include "lib/log/log.hpp"
#include "lib/scaiflow/auth/rules.hpp"
#include "lib/scaiflow/auth/store.hpp"
#include "lib/web/router.hpp"

#include <algorithm>
#include <functional>
#include <thread>

namespace scaiflow::auth {

namespace {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;
using std::chrono::milliseconds;

/// A first submission that has not answered by then is taken for dead.
constexpr milliseconds twin_patience{10000};
constexpr milliseconds first_pause{20};
constexpr milliseconds longest_pause{250};

Error not_configured() {
    return Error{.kind = ErrorKind::unavailable, .message = "ScaiKey OIDC not configured on the server"};
}

Value text_or_null(const scai::SecretText& text) {
    return text.empty() ? Value(nullptr) : Value(text.reveal());
}

Result<Value> answer_of(Result<scai::oidc::TokenResponse> upstream) {
    if (upstream)
        return Value::object({{"access_token", upstream->access_token.reveal()},
                              {"refresh_token", text_or_null(upstream->refresh_token)},
                              {"id_token", text_or_null(upstream->id_token)},
                              {"token_type", upstream->token_type.empty() ? "Bearer" : upstream->token_type},
                              {"expires_in", upstream->expires_in}});
    Error error = std::move(upstream).error();
    if (error.kind == ErrorKind::bad_request)
        error.extra.emplace_back("error_description", error.message);
    return error;
}

Result<Value> wait_for_first(Context& context, const Submission& submission) {
    const auto unfinished = [] {
        return Error{.kind = ErrorKind::unavailable,
                     .code = "exchange_unfinished",
                     .message = "another submission of the same did not finish",
                     .fix = "sign in again"};
    };
    for (milliseconds pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        const auto stored = find_answer(context.pool, submission.hash);
        if (!stored)
            return unfinished(); // thrown away meanwhile: too old
        if (stored->sealed) {
            const auto packed = open_answer(submission, *stored->sealed);
            auto outcome = packed ? unpack(packed->reveal()) : std::nullopt;
            if (!outcome)
                return unfinished();
            return std::move(*outcome);
        }
        if (stored->age >= twin_patience)
            return unfinished();
        std::this_thread::sleep_for(pause);
    }
}

/// Asks upstream once for all twins of a submission.
Result<Value> once(Context& context, const Submission& submission,
                   const std::function<Result<scai::oidc::TokenResponse>()>& ask) {
    if (!claim_exchange(context.pool, submission))
        return wait_for_first(context, submission);
    auto outcome = answer_of(ask());
    try {
        const int status = outcome ? 200 : scai::web::status_of(outcome.error().kind);
        settle_exchange(context.pool, submission.hash, status, seal_answer(submission, pack(outcome)));
    } catch (const scai::db::Error& error) {
        // It is used up: the caller gets his tokens even when the twin will not.
        scai::log::warn("exchange_not_settled", {{"sqlstate", error.sqlstate()}, {"what", error.what()}});
    }
    return outcome;
}

} // namespace

Result<Value> exchange(Context& context, const ExchangeRequest& request) {
    if (!context.provider.configured())
        return not_configured();
    return once(context, submission_of(request), [&] {
        return context.provider.exchange_code(request.code, request.verifier, request.redirect_uri);
    });
}

Result<Value> refresh(Context& context, std::string_view refresh_token) {
    if (!context.provider.configured())
        return not_configured();
    return once(context, submission_of_refresh(refresh_token),
                [&] { return context.provider.refresh(refresh_token); });
}

Value public_config(Context& context, const std::string& base_url) {
    const bool configured = context.provider.configured();
    const auto& provider = context.provider.settings();
    const auto audiences = context.settings.list("SCAIKEY_AUDIENCE");
    const auto when_configured = [&](const std::string& text) {
        return configured ? Value(text) : Value(nullptr);
    };
    return Value::object(
        {{"auth_mode", configured ? "scaikey" : "dev_token"},
         {"scaikey_base_url", when_configured(provider.base_url)},
         {"client_id", when_configured(provider.client_id)},
         {"audience", when_configured(audiences.empty() ? provider.client_id : audiences.front())},
         {"redirect_uri",
          context.settings.optional_text("SCAIFLOW_REDIRECT_URI").value_or(base_url + "/auth/callback")}});
}

} // namespace scaiflow::auth
