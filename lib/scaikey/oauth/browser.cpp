// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/browser.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/oauth/realm.hpp"

#include <algorithm>
#include <utility>

namespace scaikey::oauth {

namespace {

constexpr std::size_t secret_length = 40;

/// Only what this program could have written is used.
std::string cookie_value(const std::map<std::string, std::string>& cookies, const std::string& name) {
    const auto found = cookies.find(name);
    if (found == cookies.end() || found->second.size() != secret_length)
        return {};
    const bool ours = std::ranges::all_of(
        found->second, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    return ours ? found->second : std::string();
}

} // namespace

Browser::Browser(const Context& context, const scai::web::Request& request)
    : secure_(context.base_url.starts_with("https://")) {
    const std::string prefix = secure_ ? "__Host-" : "";
    session_name_ = prefix + "scaikey_session";
    secret_name_ = prefix + "scaikey_browser";
    const auto cookies = request.cookies();
    session_ = cookie_value(cookies, session_name_);
    secret_ = cookie_value(cookies, secret_name_);
}

std::string Browser::csrf() {
    if (secret_.empty()) {
        secret_ = scai::crypto::random_id(secret_length);
        new_secret_ = true;
    }
    return scai::crypto::base64url(scai::crypto::hmac_sha256(secret_, "scaikey form"));
}

bool Browser::csrf_matches(std::string_view field) const {
    if (secret_.empty())
        return false;
    return scai::crypto::constant_time_equal(
        scai::crypto::base64url(scai::crypto::hmac_sha256(secret_, "scaikey form")), field);
}

std::string Browser::id_hash() const {
    return hash_of(secret_);
}

void Browser::keep_session(std::string secret, std::int64_t max_age) {
    session_ = std::move(secret);
    session_age_ = max_age;
    session_changed_ = true;
}

void Browser::drop_session() {
    keep_session("", 0);
}

std::string Browser::cookie(const std::string& name, const std::string& value, std::int64_t max_age) const {
    std::string out = name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax";
    if (secure_)
        out += "; Secure";
    if (max_age >= 0)
        out += "; Max-Age=" + std::to_string(max_age);
    return out;
}

scai::web::Response Browser::apply(scai::web::Response response) const {
    if (new_secret_)
        response.header("Set-Cookie", cookie(secret_name_, secret_, -1));
    if (session_changed_)
        response.header("Set-Cookie", cookie(session_name_, session_, session_age_));
    return response;
}

} // namespace scaikey::oauth
