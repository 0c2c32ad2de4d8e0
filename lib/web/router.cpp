// SPDX-License-Identifier: Apache-2.0
#include "lib/web/router.hpp"

#include "lib/base/strings.hpp"
#include "lib/config/misconfigured.hpp"
#include "lib/db/db.hpp"
#include "lib/log/log.hpp"
#include "lib/web/parse.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <typeinfo>

namespace scai::web {

namespace {

constexpr std::size_t max_segments = 32;

/// Path segments without allocation; a trailing slash gives a last, empty segment.
struct Segments {
    std::array<std::string_view, max_segments> items;
    std::size_t count = 0;
    bool too_many = false;

    explicit Segments(std::string_view path) {
        for (std::size_t start = 1; start <= path.size();) {
            const auto end = std::min(path.find('/', start), path.size());
            if (count == max_segments) {
                too_many = true;
                return;
            }
            items[count++] = path.substr(start, end - start);
            start = end + 1;
        }
    }
};

/// "/api/v1/me" and "/v1/me" are the same thing, in requests and in patterns.
std::string_view without_api(std::string_view path) {
    return path.starts_with("/api/") ? path.substr(4) : path;
}

bool valid_method(std::string_view method) {
    return !method.empty() &&
           std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

Error plain(ErrorKind kind, std::string message) {
    return Error{.kind = kind, .message = std::move(message)};
}

bool has_header(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& header) { return iequals(header.first, name); });
}

/// JSON, a form, or no type at all (taken as JSON by whoever parses).
bool acceptable_type(std::string_view header) {
    const auto type = to_lower(trim(header.substr(0, header.find(';'))));
    return type.empty() || type == "application/json" || type == "application/x-www-form-urlencoded" ||
           (type.starts_with("application/") && type.ends_with("+json"));
}

Error unavailable(const char* what) {
    return Error{.kind = ErrorKind::unavailable, .message = what, .retry_after_seconds = 1};
}

struct Selected {
    std::string path, name;
};
/// "/v1/t/x/rest" with the prefix "/v1/t/" -> "/v1/rest", "x".
Selected selected(std::string_view path, std::string_view prefix) {
    const auto end = path.find('/', prefix.size());
    const auto parent = prefix.substr(0, prefix.find_last_of('/', prefix.size() - 2));
    return {.path = std::string(parent) + std::string(path.substr(end)),
            .name = std::string(path.substr(prefix.size(), end - prefix.size()))};
}

} // namespace

/// What a path can be: one route, or, for another method, the methods it has.
struct Router::Match {
    const Pattern* pattern = nullptr;
    std::vector<std::string_view> allowed; ///< filled only when no row has the method
    explicit operator bool() const { return pattern != nullptr; }
};

Router::Pattern Router::compile(const ErasedRoute& route) {
    const auto fail = [&](const char* why) {
        throw std::logic_error("route " + route.method + " " + route.pattern + ": " + why);
    };
    if (!valid_method(route.method))
        fail("the method must be upper-case letters");
    if (route.pattern.empty() || route.pattern.front() != '/')
        fail("the pattern must start with /");
    const Segments segments(without_api(route.pattern));
    if (segments.too_many)
        fail("too many segments");
    Pattern out{.segments = {}, .route = &route};
    for (std::size_t i = 0; i < segments.count; ++i) {
        const auto segment = segments.items[i];
        const bool braces = segment.find_first_of("{}") != std::string_view::npos;
        if (segment.empty() && i + 1 < segments.count)
            fail("empty segment");
        if (!braces) {
            out.segments.push_back({std::string(segment), false});
            continue;
        }
        if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}' ||
            segment.find_first_of("{}", 1) != segment.size() - 1)
            fail("a parameter is a whole segment {name}");
        std::string name(segment.substr(1, segment.size() - 2));
        if (name.ends_with("...")) {
            if (out.has_rest())
                fail("only one parameter can take several segments");
            name.resize(name.size() - 3);
            if (name.empty())
                fail("a parameter needs a name");
            out.rest = i;
        }
        if (std::any_of(out.segments.begin(), out.segments.end(),
                        [&](const auto& other) { return other.parameter && other.text == name; }))
            fail("a parameter name is used twice");
        out.segments.push_back({std::move(name), true});
    }
    return out;
}

/// The path's segment that the pattern's segment `i` is compared with.
std::size_t Router::Pattern::place(std::size_t i, std::size_t count) const {
    return i <= rest ? i : i + (count - segments.size());
}

bool Router::Pattern::fits(std::span<const std::string_view> path) const {
    if (has_rest() ? path.size() < segments.size() : path.size() != segments.size())
        return false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto text = path[place(i, path.size())];
        if (segments[i].parameter ? text.empty() && i != rest : text != segments[i].text)
            return false;
    }
    // An empty segment inside the rest is the endpoint's to name; nothing at all is no parameter.
    return !has_rest() || path.size() > segments.size() || !path[rest].empty();
}

/// Both could match one path and neither is the more specific in every place.
bool Router::conflict(const Pattern& a, const Pattern& b) {
    if (a.route->method != b.route->method || a.segments.size() != b.segments.size() || a.rest != b.rest)
        return false;
    bool a_wins = false;
    bool b_wins = false;
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
        const auto& left = a.segments[i];
        const auto& right = b.segments[i];
        if (!left.parameter && !right.parameter && left.text != right.text)
            return false;
        a_wins = a_wins || (!left.parameter && right.parameter);
        b_wins = b_wins || (left.parameter && !right.parameter);
    }
    return a_wins == b_wins;
}

Router::Router(std::vector<ErasedRoute> routes, Gate gate, Envelope envelope, RouterOptions options)
    : routes_(std::move(routes)), gate_(std::move(gate)), envelope_(envelope), options_(std::move(options)) {
    patterns_.reserve(routes_.size());
    for (const auto& route : routes_) {
        auto pattern = compile(route);
        for (const auto& other : patterns_)
            if (conflict(pattern, other))
                throw std::logic_error("routes " + route.method + " " + route.pattern + " and " +
                                       other.route->pattern + " could match the same path");
        patterns_.push_back(std::move(pattern));
    }
    // A literal goes before a parameter, and what names more of the path before what takes the rest of it, so
    // the first match is the most specific one.
    std::stable_sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
        const auto literals = [](const Pattern& p) {
            return std::count_if(p.segments.begin(), p.segments.end(),
                                 [](const auto& segment) { return !segment.parameter; });
        };
        const auto parameters = [&](const Pattern& p) {
            return static_cast<std::ptrdiff_t>(p.segments.size()) - literals(p);
        };
        if (a.has_rest() != b.has_rest())
            return b.has_rest();
        return a.has_rest() ? literals(a) > literals(b) : parameters(a) < parameters(b);
    });
}

bool Router::selects(std::string_view path) const {
    return !options_.selector_prefix.empty() && path.starts_with(options_.selector_prefix) &&
           path.find('/', options_.selector_prefix.size()) != std::string_view::npos &&
           path[options_.selector_prefix.size()] != '/';
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
    Match out;
    const Segments segments(path);
    if (path.empty() || path.front() != '/' || segments.too_many)
        return out;
    const Pattern* get_row = nullptr;
    for (const auto& pattern : patterns_) {
        if (!pattern.fits({segments.items.data(), segments.count}))
            continue;
        const std::string_view has = pattern.route->method;
        if (has == method) {
            out.pattern = &pattern;
            out.allowed.clear();
            return out;
        }
        if (has == "GET" && get_row == nullptr)
            get_row = &pattern;
        if (std::find(out.allowed.begin(), out.allowed.end(), has) == out.allowed.end())
            out.allowed.push_back(has);
    }
    if (method == "HEAD" && get_row != nullptr) {
        out.pattern = get_row;
        out.allowed.clear();
    }
    return out;
}

std::string_view Router::pattern_for(std::string_view method, std::string_view path) const {
    const auto match = find(method, without_api(path));
    return match ? std::string_view(match.pattern->route->pattern) : std::string_view{};
}

std::size_t Router::max_body_for(std::string_view method, std::string_view path) const {
    path = without_api(path);
    const auto match =
        selects(path) ? find(method, selected(path, options_.selector_prefix).path) : find(method, path);
    return match ? match.pattern->route->max_body : 0;
}

Result<Response> Router::answer(Request& request) const {
    if (!request.problem.empty())
        return plain(ErrorKind::bad_request, request.problem);
    SCAI_TRY([[maybe_unused]] auto path_good, check_path(request.path));
    request.path.erase(0, request.path.size() - without_api(request.path).size());
    if (selects(request.path)) {
        auto chosen = selected(request.path, options_.selector_prefix);
        request.path = std::move(chosen.path);
        request.selector = std::move(chosen.name);
    }

    auto match = find(request.method, request.path);
    if (!match) {
        if (match.allowed.empty())
            return plain(ErrorKind::not_found, "Not Found");
        std::sort(match.allowed.begin(), match.allowed.end());
        std::string allow;
        for (const auto method : match.allowed) {
            allow += std::string(method) + ", ";
            if (method == "GET")
                allow += "HEAD, ";
        }
        allow += "OPTIONS";
        auto response = request.method == "OPTIONS"
                            ? Response::no_content()
                            : error_response(plain(ErrorKind::method_not_allowed, "Method Not Allowed"),
                                             envelope_, request.request_id);
        response.header("Allow", allow);
        return response;
    }
    const auto& route = *match.pattern->route;
    request.route = route.pattern;
    request.params.clear();
    const Segments segments(request.path);
    const auto& pattern = *match.pattern;
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
        if (!pattern.segments[i].parameter)
            continue;
        const auto first = segments.items[pattern.place(i, segments.count)];
        const auto last =
            i == pattern.rest ? segments.items[i + (segments.count - pattern.segments.size())] : first;
        request.params.emplace(pattern.segments[i].text,
                               std::string_view(first.data(), static_cast<std::size_t>(
                                                                  last.data() + last.size() - first.data())));
    }

    if (request.body_too_large || request.body.size() > route.max_body)
        return plain(ErrorKind::too_large,
                     route.max_body == no_body
                         ? "this endpoint takes no request body"
                         : "the request body is longer than " + std::to_string(route.max_body) + " bytes");
    if (!request.body.empty() && !acceptable_type(request.header("content-type")))
        return plain(ErrorKind::unsupported_media,
                     "the request body must be application/json or application/x-www-form-urlencoded");
    if (!request.raw_query.empty() && request.query.empty()) {
        SCAI_TRY(request.query, parse_pairs(request.raw_query, "query parameter"));
    }
    const auto kind = route.access.kind();
    if (kind != Access::Kind::open && kind != Access::Kind::signature) {
        // Fail closed: a table with guarded rows and no gate lets nobody in.
        if (!gate_)
            return plain(ErrorKind::unavailable, "authentication is not configured on the server");
        SCAI_TRY(request.principal, gate_(request, route.access));
    }
    return route.handler(request);
}

Response Router::guarded(Request& request, const std::function<Result<Response>()>& work) const {
    const auto mapped = [&](Result<Response> result) {
        return result ? std::move(result).value()
                      : error_response(result.error(), envelope_, request.request_id);
    };
    const auto failed = [&](const std::exception& error, bool text_is_ours) {
        const auto reference = "err_" + make_request_id().substr(4);
        log::error("unhandled_exception", {{"reference", reference},
                                           {"request_id", request.request_id},
                                           {"route", request.route},
                                           {"type", typeid(error).name()},
                                           {"what", text_is_ours ? error.what() : ""}});
        return internal_error_response(reference, envelope_, request.request_id);
    };
    const auto log_database = [&](const db::Error& error) {
        log::error("database_unavailable", {{"request_id", request.request_id},
                                            {"route", request.route},
                                            {"sqlstate", error.sqlstate()},
                                            {"what", error.what()}});
    };
    try {
        return mapped(work());
    } catch (const db::InDoubt& error) {
        log_database(error);
        return mapped(
            unavailable("the database connection broke while saving: the change may or may not be there"));
    } catch (const db::Unavailable& error) {
        log_database(error);
        return mapped(unavailable("the database is not available"));
    } catch (const db::Error& error) {
        constexpr std::string_view query_canceled = "57014"; // statement_timeout
        if (!error.connection_lost() && error.sqlstate() != query_canceled)
            return failed(error, true);
        log_database(error);
        return mapped(unavailable(error.sqlstate() == query_canceled ? "the database took too long"
                                                                     : "the database is not available"));
    } catch (const config::Misconfigured& error) {
        log::error("misconfigured",
                   {{"request_id", request.request_id}, {"route", request.route}, {"what", error.what()}});
        return mapped(unavailable("the server's settings are wrong; its log says which"));
    } catch (const std::logic_error& error) {
        return failed(error, true);
    } catch (const std::exception& error) {
        return failed(error, false); // the text of a library may hold anything
    } catch (...) {
        return failed(std::runtime_error(""), false);
    }
}

Response Router::framed(Request& request) const {
    const auto inner = [&] { return guarded(request, [&] { return answer(request); }); };
    if (!options_.around)
        return inner();
    return guarded(request, [&]() -> Result<Response> { return options_.around(request, inner); });
}

Response Router::dispatch(Request& request) const {
    request.route = {};
    if (request.request_id.empty()) {
        const auto given = request.header("x-request-id");
        request.request_id = sane_request_id(given) ? std::string(given) : make_request_id();
    }
    Response response = framed(request);
    response.header("X-Request-ID", request.request_id);
    if (!response.body.empty() && !has_header(response, "Content-Type"))
        response.header("Content-Type", "application/json");
    if (!has_header(response, "Cache-Control"))
        response.header("Cache-Control", "no-store");
    if (request.method == "HEAD") {
        if (response.status != 204 && !response.stream)
            response.header("Content-Length", std::to_string(response.body.size()));
        response.body.clear();
        response.stream.reset();
    }
    return response;
}

} // namespace scai::web
