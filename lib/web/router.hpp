// Router and dispatcher: (routes, gate, envelope) + request -> response. An ordinary function of values, so
// almost all handler tests call it in-process. Nothing but the error mapper here writes the status of an
// error. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <span>

namespace scai::web {

/// The products' error bodies (contract scaiflow-api.md 1.6, scaivault.md, scaigrid.md 2.2): {"detail": ...},
/// {"error": {...}}, {"status": "error", "error": {...}, "meta": {...}}; oauth is RFC 6749 5.2
/// {"error","error_description"} for ScaiKey's OAuth endpoints: chosen per error by Error.code's "oauth:"
/// prefix ("oauth:invalid_grant") under any envelope.
enum class Envelope { scaiflow, scaivault, scaigrid };

/// Fills request.principal or refuses. Called for every row that is not open/signature.
using Gate = std::function<Result<Principal>(const Request&, const Access&)>;

struct ErasedRoute {
    std::string method, pattern;
    Access access;
    std::size_t max_body;
    std::function<Result<Response>(const Request&)> handler;
};

/// Runs around everything of a request but its id: what it does before, then `next` (never throws), then what
/// it does with the response. What it throws is answered like an exception of a handler, in place of the
/// response.
using Around = std::function<Response(Request&, const std::function<Response()>& next)>;

struct RouterOptions {
    Around around = {};
    /// "/v1/t/": a path "/v1/t/<x>/rest" is routed as "/v1/rest" with request.selector = <x>. "" = no such
    /// prefix.
    std::string selector_prefix = {};
};

/// A parameter is a whole segment, {name}; {name...} takes one or more segments, at most once in a pattern,
/// and what follows it belongs to the end of the path: "/v1/secrets/{path...}/versions".
class Router {
public:
    /// Throws std::logic_error when two rows could match the same path with the same method, or a pattern is
    /// malformed.
    Router(std::vector<ErasedRoute> routes, Gate gate, Envelope envelope, RouterOptions options = {});

    /// Never throws. Order: path form (400 on %00, "..", bad UTF-8), `/api` prefix dropped, route by
    /// specificity (404), method (405 + Allow; HEAD is served by GET; OPTIONS answers Allow), body limit
    /// (413), content type (415 when a body is not JSON or form), gate (401/403), handler, exceptions -> 503
    /// (db::Unavailable...) or 500 with an opaque reference that is logged. Adds X-Request-ID, Content-Type,
    /// Cache-Control: no-store unless set.
    Response dispatch(Request& request) const;

    /// Pattern that matched, for metrics and logs; "" if none.
    std::string_view pattern_for(std::string_view method, std::string_view path) const;
    const std::vector<ErasedRoute>& routes() const { return routes_; }
    /// Body limit of the row this request would go to; 0 when there is none. For whoever reads the body.
    std::size_t max_body_for(std::string_view method, std::string_view path) const;

private:
    static constexpr std::size_t no_rest = static_cast<std::size_t>(-1);
    /// A pattern taken apart: "/v1/users/{id}" has the segments v1, users and a parameter.
    struct Pattern {
        struct Segment {
            std::string text; ///< the literal, or the parameter's name
            bool parameter;
        };
        std::vector<Segment> segments;
        const ErasedRoute* route;
        std::size_t rest = no_rest; ///< index of the segment that takes one or more
        bool has_rest() const { return rest != no_rest; }
        bool fits(std::span<const std::string_view> path) const;
        std::size_t place(std::size_t i, std::size_t count) const;
    };
    struct Match;
    static Pattern compile(const ErasedRoute& route);
    static bool conflict(const Pattern& a, const Pattern& b);
    Match find(std::string_view method, std::string_view path) const;
    Result<Response> answer(Request& request) const;
    bool selects(std::string_view path) const;
    Response framed(Request& request) const;
    Response guarded(Request& request, const std::function<Result<Response>()>& work) const;

    std::vector<ErasedRoute> routes_;
    std::vector<Pattern> patterns_; ///< most specific first
    Gate gate_;
    Envelope envelope_;
    RouterOptions options_;
};

template<class C>
std::vector<ErasedRoute> bind_routes(std::span<const Route<C>> table, C& context) {
    std::vector<ErasedRoute> out;
    for (const auto& row : table)
        out.push_back({std::string(row.method), std::string(row.pattern), row.access, row.max_body,
                       [&context, handler = row.handler](const Request& request) {
                           return handler(context, request);
                       }});
    return out;
}

/// Error -> Response in the product's envelope. `request_id` goes into ScaiVault's body.
Response error_response(const Error& error, Envelope envelope, std::string_view request_id);
/// 500: says nothing but a reference that the log has too.
Response internal_error_response(std::string_view reference, Envelope envelope, std::string_view request_id);
int status_of(ErrorKind kind);

} // namespace scai::web
