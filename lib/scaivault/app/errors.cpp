// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/errors.hpp"

namespace scaivault {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

namespace {

Error make(ErrorKind kind, std::string_view code, std::string message, const Value& details = {}) {
    return Error{.kind = kind,
                 .code = std::string(code),
                 .message = std::move(message),
                 .details = details.present() ? details.dump() : std::string()};
}

std::string_view text_of_condition(std::string_view condition) {
    if (condition == "ip_not_allowed")
        return "the source address is not in a range the policy allows";
    if (condition == "mfa_required")
        return "the policy wants a recent second factor";
    if (condition == "time_window_violation")
        return "the policy does not allow access at this time";
    return "access denied";
}

} // namespace

Error invalid(std::string_view code, std::string message, const Value& details) {
    return make(ErrorKind::bad_request, code, std::move(message), details);
}

Error invalid_request(std::string message) {
    return invalid("invalid_request", std::move(message));
}

Error invalid_path(std::string message, std::string_view path) {
    return invalid("invalid_path", std::move(message), Value::object({{"path", path}}));
}

Error validation_error(std::string field, std::string message) {
    auto out = make(ErrorKind::unprocessable, "validation_error", field + ": " + message);
    out.fields.push_back({.path = std::move(field), .message = std::move(message)});
    return out;
}

Error unauthenticated(std::string_view code, std::string message) {
    return make(ErrorKind::unauthenticated, code, std::move(message));
}

Error insufficient_scope(std::string_view scope) {
    return make(ErrorKind::forbidden, "insufficient_scope", "this needs the scope " + std::string(scope),
                Value::object({{"required_scope", scope}}));
}

Error forbidden(std::string message) {
    return make(ErrorKind::forbidden, "forbidden", std::move(message));
}

Error access_denied(std::string_view path, std::string_view failed_condition, const Value& more_details) {
    auto details = Value::object();
    if (!path.empty())
        details.set("path", path);
    if (!failed_condition.empty())
        details.set("failed_condition", failed_condition);
    more_details.each_member([&](std::string_view key, const Value& value) { details.set(key, value); });
    if (failed_condition.empty())
        return make(ErrorKind::forbidden, "access_denied", "no policy allows this", details);
    return make(ErrorKind::forbidden, failed_condition, std::string(text_of_condition(failed_condition)),
                details);
}

Error tenant_access_denied(std::string_view tenant) {
    return make(ErrorKind::forbidden, "tenant_access_denied", "access to this tenant is denied",
                Value::object({{"tenant_id", tenant}}));
}

Error not_found(std::string_view code, std::string message, const Value& details) {
    return make(ErrorKind::not_found, code, std::move(message), details);
}

Error conflict(std::string_view code, std::string message, const Value& details) {
    return make(ErrorKind::conflict, code, std::move(message), details);
}

} // namespace scaivault
