// Request, Response and the route table: what an endpoint sees. No FastCGI type appears here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scai::web {

struct Stream;

/// Who calls: filled by the product's gate from a verified token plus the mirror.
struct Principal {
    std::string subject, tenant_id, email, name, client_id;
    std::set<std::string, std::less<>> permissions;
    std::string admin_role;        ///< "", "tenant_admin", "super_admin" (the product's own roles)
    std::string admin_role_source; ///< "", "manual", "group", "bootstrap"
    std::vector<std::string> groups;
    bool service = false;  ///< a client-credentials token
    bool mirrored = false; ///< the user is known to the mirror
    json::Value claims;
};

struct Request {
    std::string method;
    std::string path; ///< decoded, without the optional /api prefix: "/v1/me"
    std::string raw_query;
    std::map<std::string, std::string, std::less<>>
        query; ///< decoded; a repeated key is refused (400) by the dispatcher
    std::map<std::string, std::string, std::less<>> headers; ///< lower-case names
    std::map<std::string, std::string, std::less<>> params;  ///< pattern parameters
    std::string body;
    std::string remote_address;
    std::string request_id;
    std::string base_url; ///< scheme://host of this request as the client sees it
    /// Empty when the route is open. Mutable for rows marked admitted_by_endpoint() only: there the product's
    /// admission fills it while the handler runs; until then it names nobody and may nothing.
    mutable Principal principal;
    std::string_view route; ///< pattern that matched, set by dispatch; "" if none. Points into the router.
    std::string selector;   ///< what the router's selector prefix named; "" = the prefix was not used
    /// What the product's hook and gate keep about this request; the product knows the type.
    mutable std::shared_ptr<void> attachment;
    /// Set by whoever reads the request from the wire: why it cannot be served (answered with 400).
    std::string problem;
    bool body_too_large = false; ///< the body was longer than the route allows and was thrown away
    bool can_stream = false;     ///< an answer may go on (lib/web/stream.hpp)

    std::string_view header(std::string_view lower_name) const;
    const std::string& param(std::string_view name) const; ///< must be in the pattern
    std::optional<std::string> query_text(std::string_view name) const;
    /// Query integer within [min,max]; absent -> fallback; anything else -> 422 naming "query.<name>".
    Result<std::int64_t> query_int(std::string_view name, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) const;
    /// Body as JSON object; an empty body is an empty object when allowed.
    Result<json::Value> json_object(bool empty_allowed = false) const;
    /// application/x-www-form-urlencoded body; a repeated key is refused.
    Result<std::map<std::string, std::string, std::less<>>> form() const;
    std::map<std::string, std::string> cookies() const;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::shared_ptr<Stream> stream = {}; ///< goes on after the body

    static Response json(const json::Value& value, int status = 200);
    static Response no_content();
    static Response html(std::string text, int status = 200);
    static Response redirect(const std::string& url, int status = 302);
    static Response text(std::string text, std::string content_type, int status = 200);
    Response& header(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

/// Access of a row. There is no default: forgetting it does not compile.
class Access {
public:
    enum class Kind { open, signature, authenticated, permission, role };
    static constexpr Access open() { return {Kind::open, ""}; } ///< no credentials at all
    static constexpr Access signature() {
        return {Kind::signature, ""};
    } ///< the handler verifies a signature itself
    static constexpr Access authenticated() { return {Kind::authenticated, ""}; }
    static constexpr Access permission(std::string_view name) { return {Kind::permission, name}; }
    /// "super_admin", or "tenant_admin" which a super_admin satisfies too.
    static constexpr Access role(std::string_view name) { return {Kind::role, name}; }
    /// The same access, but the gate verifies the token only: the endpoint's own statement brings along what
    /// decides about the caller, so that both share one round trip.
    constexpr Access admitted_by_endpoint() const {
        Access out = *this;
        out.by_endpoint_ = true;
        return out;
    }
    constexpr Kind kind() const { return kind_; }
    constexpr std::string_view name() const { return name_; }
    constexpr bool endpoint_admits() const { return by_endpoint_; }

private:
    constexpr Access(Kind kind, std::string_view name) : kind_(kind), name_(name) {}
    Kind kind_;
    std::string_view name_;
    bool by_endpoint_ = false;
};

/// One row of a group's constant table. C is the product's context type.
template<class C>
struct Route {
    std::string_view method;
    std::string_view pattern; ///< "/v1/admin/users/{id}/role"
    Access access;
    std::size_t max_body; ///< bytes; 0 = a body is refused
    Result<Response> (*handler)(C&, const Request&);
};

inline constexpr std::size_t no_body = 0;
inline constexpr std::size_t small_body = 64U << 10U;
inline constexpr std::size_t large_body = 10U << 20U;

} // namespace scai::web
