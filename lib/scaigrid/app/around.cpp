// SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/app/faults.hpp"

#include <algorithm>
#include <array>
#include <thread>

namespace scaigrid {

using scai::web::Request;
using scai::web::Response;

namespace {

/// Types of bodies beside JSON and forms that the Core endpoints read (contract scaigrid.md 4, 12 N1).
constexpr std::array<std::string_view, 5> core_types{"application/yaml", "application/x-yaml", "text/yaml",
                                                     "text/x-yaml", "multipart/form-data"};

/// The router lets JSON and forms in; what a Core endpoint reads besides is shown to it as JSON, and the
/// endpoint goes by the type kept in the exchange.
void keep_content_type(Request& request, Exchange& exchange) {
    const auto header = request.headers.find("content-type");
    if (header == request.headers.end())
        return;
    exchange.content_type =
        scai::to_lower(scai::trim(std::string_view(header->second).substr(0, header->second.find(';'))));
    std::string_view path = request.path;
    if (path.starts_with("/api/"))
        path.remove_prefix(4);
    const bool known =
        std::find(core_types.begin(), core_types.end(), exchange.content_type) != core_types.end();
    if (known && path.starts_with("/v1/modules/scaicore/cores")) {
        exchange.content_type = header->second; // the boundary of a form is in it
        header->second = "application/json";
    }
}

void add_limits(Response& response, const LimitState& limit, std::int64_t now) {
    response.header("X-Scaigrid-Ratelimit-Limit", std::to_string(limit.limit));
    response.header("X-Scaigrid-Ratelimit-Remaining", std::to_string(limit.remaining));
    response.header("X-Scaigrid-Ratelimit-Reset",
                    std::to_string(limit.reset_at != 0 ? limit.reset_at : now + 60));
}

class Hook {
public:
    explicit Hook(Context& context)
        : context_(context), faults_(context.settings.flag("SCAIGRID_TEST_FAULTS")) {}

    Response operator()(Request& request, const std::function<Response()>& next) const {
        const auto exchange = std::make_shared<Exchange>(); // outlives this call in the request
        request.attachment = exchange;
        keep_content_type(request, *exchange);
        auto response = faults_ ? with_fault(request, next) : next();
        add_limits(response, exchange->limit, scai::unix_seconds(context_.clock->now()));
        return response;
    }

private:
    Response with_fault(Request& request, const std::function<Response()>& next) const {
        std::string_view path = request.path;
        if (path.starts_with("/api/"))
            path.remove_prefix(4);
        if (path.starts_with("/v1/test/"))
            return next();
        const auto fault = faults::take(context_.pool, request.method, path);
        if (!fault)
            return next();
        if (fault->delay_ms > 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
        const bool replaced = fault->status != 0 || fault->body;
        std::optional<Response> truth;
        if (!replaced || fault->after)
            truth = next();
        if (replaced)
            return forced(*fault, request);
        return fault->list_shape.empty() ? std::move(*truth)
                                         : faults::reshaped(std::move(*truth), fault->list_shape);
    }

    static Response forced(const faults::Fault& fault, const Request& request) {
        const int status = fault.status != 0 ? fault.status : 200;
        Response response;
        if (fault.body) {
            response = Response::text(*fault.body, fault.content_type, status);
        } else {
            auto error = scai::json::Value::object({{"code", fault.code}, {"message", fault.message}});
            if (fault.retry_after)
                error.set("retry_after", *fault.retry_after);
            response = Response::json(
                scai::json::Value::object(
                    {{"status", "error"},
                     {"error", error},
                     {"meta", scai::json::Value::object({{"request_id", request.request_id}})}}),
                status);
        }
        if (fault.retry_after)
            response.header("Retry-After", std::to_string(*fault.retry_after));
        return response;
    }

    Context& context_;
    bool faults_;
};

} // namespace

Exchange& exchange_of(const Request& request) {
    if (!request.attachment)
        request.attachment = std::make_shared<Exchange>();
    return *static_cast<Exchange*>(request.attachment.get());
}

scai::web::Around make_around(Context& context) {
    return Hook(context);
}

} // namespace scaigrid
