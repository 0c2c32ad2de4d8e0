// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/gatekeeping.hpp"

#include "lib/log/log.hpp"
#include "lib/scaivault/app/members.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>

namespace scaivault {

using scai::web::Request;
using scai::web::Response;

namespace {

/// "secrets" of "/v1/secrets/{path...}"; "other" for what the group does not have.
std::string path_category(std::span<const Endpoint> endpoints, std::string_view path) {
    const std::string_view version = "/v1/";
    if (!path.starts_with(version))
        return "other";
    const auto first = [version](std::string_view text) {
        text.remove_prefix(version.size());
        return text.substr(0, text.find('/'));
    };
    const auto name = first(path);
    const bool known = std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& row) {
        return row.route.pattern.starts_with(version) && first(row.route.pattern) == name;
    });
    return known ? std::string(name) : "other";
}

/// Methods are the client's free text: a series per invention would fill the counters.
std::string_view known_method(std::string_view method) {
    constexpr std::array<std::string_view, 7> methods{"GET",    "POST", "PUT",    "PATCH",
                                                      "DELETE", "HEAD", "OPTIONS"};
    return std::find(methods.begin(), methods.end(), method) != methods.end() ? method : "other";
}

/// error.code of an answer of ours.
std::string code_of(const Response& response) {
    constexpr std::size_t longest = 64U << 10U;
    if (response.status < 400 || response.body.size() > longest)
        return {};
    const auto body = scai::json::parse(response.body);
    return body ? body->get("error").member("code") : std::string();
}

class Hook {
public:
    Hook(Context& context, std::span<const Endpoint> endpoints) : context_(context), endpoints_(endpoints) {}

    Response operator()(Request& request, const std::function<Response()>& next) const {
        const auto exchange = std::make_shared<Exchange>(); // outlives this call in the request
        request.attachment = exchange;
        exchange->endpoints = endpoints_;
        prepare(exchange->audit, request);
        const auto started = std::chrono::steady_clock::now();
        const Active active(*this);
        auto response = next();
        find_endpoint(*exchange, request);
        const auto took = std::chrono::steady_clock::now() - started;
        record(*exchange, response, took);
        count(request, response, took);
        show_pool();
        add_headers(*exchange, response);
        return response;
    }

private:
    /// Requests that are being answered right now.
    class Active {
    public:
        explicit Active(const Hook& hook) : hook_(hook) { show(++*hook_.active_); }
        ~Active() { show(--*hook_.active_); }
        Active(const Active&) = delete;
        Active& operator=(const Active&) = delete;

    private:
        void show(std::int64_t now) const {
            hook_.context_.metrics.set("scaivault_active_requests", {{"path_category", hook_.context_.group}},
                                       now);
        }
        const Hook& hook_;
    };

    void prepare(audit::Draft& draft, const Request& request) const {
        draft.started_at = context_.clock->now();
        draft.entry.identity_type = "anonymous";
        draft.entry.identity_id = "anonymous";
        draft.entry.source_ip = request.remote_address;
        draft.entry.user_agent = request.header("user-agent");
        draft.entry.request_id = request.request_id;
    }

    /// Returns when the row is durable. What append() throws takes the place of the answer: nothing leaves
    /// without its row.
    void record(Exchange& exchange, const Response& response,
                std::chrono::steady_clock::duration took) const {
        auto& draft = exchange.audit;
        if (exchange.endpoint == nullptr || exchange.endpoint->action.empty() || draft.written)
            return;
        auto& entry = draft.entry;
        entry.success = response.status < 400;
        entry.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
        if (const auto code = code_of(response); !code.empty())
            entry.extra.set("error", code);
        try {
            context_.journal.append(std::move(entry));
        } catch (const scai::db::Error& error) {
            if (!exchange.endpoint->without_database)
                throw;
            scai::log::warn("audit_row_missing",
                            {{"action", exchange.endpoint->action}, {"sqlstate", error.sqlstate()}});
        }
        draft.written = true;
    }

    void count(const Request& request, const Response& response,
               std::chrono::steady_clock::duration took) const {
        const auto category =
            path_category(endpoints_, request.route.empty() ? std::string_view(request.path) : request.route);
        const auto method = known_method(request.method);
        context_.metrics.add(
            "scaivault_requests_total",
            {{"method", method}, {"path_category", category}, {"status", std::to_string(response.status)}});
        context_.metrics.observe("scaivault_request_duration_seconds",
                                 {{"method", method}, {"path_category", category}},
                                 std::chrono::duration<double>(took).count());
    }

    void show_pool() const {
        const auto status = context_.pool.status();
        context_.metrics.set("scaivault_db_pool_size", {}, status.size);
        context_.metrics.set("scaivault_db_pool_available", {}, status.size - status.in_use);
    }

    static void add_headers(const Exchange& exchange, Response& response) {
        if (!exchange.limit || exchange.limit->limit == 0)
            return;
        response.header("X-RateLimit-Limit", std::to_string(exchange.limit->limit))
            .header("X-RateLimit-Remaining", std::to_string(exchange.limit->remaining))
            .header("X-RateLimit-Reset", std::to_string(exchange.limit->reset));
    }

    Context& context_;
    std::span<const Endpoint> endpoints_;
    std::shared_ptr<std::atomic<std::int64_t>> active_ =
        std::make_shared<std::atomic<std::int64_t>>(0); // shared: std::function copies hooks
};

} // namespace

void find_endpoint(Exchange& exchange, const Request& request) {
    if (exchange.endpoint != nullptr || request.route.empty())
        return;
    const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
    for (const auto& row : exchange.endpoints)
        if (row.route.method == method && row.route.pattern == request.route) {
            exchange.endpoint = &row;
            if (exchange.audit.entry.action.empty())
                exchange.audit.entry.action = row.action;
        }
}

scai::web::Around make_around(Context& context, std::span<const Endpoint> endpoints) {
    return Hook(context, endpoints);
}

scai::web::Router make_router(Context& context, std::span<const Endpoint> endpoints) {
    std::vector<scai::web::ErasedRoute> rows;
    for (const auto& row : endpoints) {
        const bool open = row.route.access.kind() == scai::web::Access::Kind::open ||
                          row.route.access.kind() == scai::web::Access::Kind::signature;
        rows.push_back({std::string(row.route.method), std::string(row.route.pattern), row.route.access,
                        row.route.max_body,
                        [&context, open, handler = row.route.handler,
                         members = row.members](const Request& request) -> scai::Result<Response> {
                            if (open) { // the gate is not asked: the address draws
                                SCAI_TRY([[maybe_unused]] const auto taken,
                                         take_from_bucket(context, exchange_of(request), request,
                                                          "ip:" + request.remote_address));
                            }
                            if (!request.body.empty() && members != any_members) {
                                SCAI_TRY([[maybe_unused]] const auto known,
                                         check_members(request.body, members));
                            }
                            return handler(context, request);
                        }});
    }
    return {std::move(rows),
            make_gate(context),
            scai::web::Envelope::scaivault,
            {.around = make_around(context, endpoints), .selector_prefix = "/v1/t/"}};
}

} // namespace scaivault
