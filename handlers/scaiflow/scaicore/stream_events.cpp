// GET /v1/scaicore/events/stream: the event feed as Server-Sent Events. Each event is the `data` of a
// message; `event: upstream` says that ScaiGrid stopped or began to answer again, `event: end` that this is
// the last message and why. The place to go on is ?cursor= (as GET /v1/scaicore/events gave it) or, winning,
// Last-Event-ID. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/grid/feed.hpp"
#include "lib/scaiflow/grid/lookups.hpp"
#include "lib/scaiflow/grid/proxy.hpp"
#include "lib/web/stream.hpp"

namespace scaiflow::scaicore_api {

using scai::Error;
using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::string_view signed_out =
    "event: end\ndata: {\"reason\":\"token_expired\",\"message\":\"the access token has expired\"}\n\n";
/// Browsers come back by themselves, to another process; a second apart from who was told the same.
constexpr std::string_view going_down =
    "retry: 1000\nevent: end\ndata: {\"reason\":\"shutdown\",\"message\":\"connect again\"}\n\n";

Result<grid::FeedPlace> place_of(const Request& request, const std::string& cursor) {
    const auto last = request.header("last-event-id");
    if (last.empty())
        return grid::FeedPlace{cursor, 0};
    if (const auto place = grid::place_of(last))
        return *place;
    return Error{
        .kind = scai::ErrorKind::unprocessable,
        .message = "invalid header",
        .fields = {{.path = "header.Last-Event-ID", .message = "must be the id of an event of this stream"}}};
}

/// The gate's whole question, asked again and again while the stream lives.
std::function<bool()> admission(Context& context, const Request& request) {
    Request again;
    again.headers.emplace("authorization", request.header("authorization"));
    return [gate = make_gate(context), again = std::move(again)] {
        const auto access = scai::web::Access::permission("scaicore:view");
        const auto outcome = gate(again, access);
        // A ScaiKey that does not answer is no reason to send anybody away.
        return outcome || (outcome.error().kind != scai::ErrorKind::unauthenticated &&
                           outcome.error().kind != scai::ErrorKind::forbidden);
    };
}

std::optional<std::chrono::steady_clock::time_point> expiry(const Context& context, const Request& request) {
    const auto seconds = request.principal.claims.get("exp").integer();
    if (!seconds)
        return std::nullopt;
    return std::chrono::steady_clock::now() + (scai::from_unix_seconds(*seconds) - context.clock->now());
}

} // namespace

Result<Response> stream_events(Context& context, const Request& request) {
    SCAI_TRY(const auto query, grid::events_query(request));
    SCAI_TRY(auto place, place_of(request, query.cursor));
    if (!request.can_stream)
        return Error{.kind = scai::ErrorKind::unavailable,
                     .code = "streaming_unavailable",
                     .message = "this server runs the API as CGI, which cannot stream",
                     .fix = "poll GET /v1/scaicore/events"};
    SCAI_TRY(auto credential, grid::choose(context, request, grid::missing_credentials));
    const auto shared = std::make_shared<const grid::Credential>(std::move(credential));
    const grid::EventFeeds::Source source{.tenant_id = request.principal.tenant_id,
                                          .core_id = query.core_id,
                                          .credential = shared,
                                          .identity = grid::identity_of(*shared)};
    SCAI_TRY(auto ticket, context.feeds->enter(source.tenant_id));

    // What is wrong is an answer with a status, as long as nothing has been sent: a browser that gets one
    // does not try again for ever.
    std::string text = "retry: 2000\n\n";
    bool more = false;
    if (!context.feeds->knows(source, place)) {
        grid::Client client(*context.http, *shared, request.request_id);
        const std::chrono::seconds limit(context.settings.integer("SCAIGRID_TIMEOUT_SECONDS"));
        SCAI_TRY(const auto answer, client.send(grid::feed_call(source.core_id, place, limit)));
        if (!answer.ok())
            return grid::refusal(answer);
        SCAI_TRY(const auto page, grid::read_page(answer.text, place));
        for (const auto& event : page.events)
            text += event.text;
        place = page.next;
        more = page.more;
    }
    auto response = Response::text(std::move(text), "text/event-stream");
    response.header("Cache-Control", "no-store").header("X-Accel-Buffering", "no");
    auto stream = std::make_shared<scai::web::Stream>();
    stream->deadline = expiry(context, request);
    stream->at_deadline = signed_out;
    stream->at_shutdown = going_down;
    auto admitted = context.settings.flag("SCAIFLOW_AUTH_DISABLED") ? std::function<bool()>()
                                                                    : admission(context, request);
    stream->start = [&context, source, place, more, admitted](std::shared_ptr<scai::web::StreamSink> sink) {
        context.feeds->listen(source, place, more, {.sink = std::move(sink), .admitted = admitted});
    };
    stream->ended = [ticket] {};
    response.stream = std::move(stream);
    return response;
}

} // namespace scaiflow::scaicore_api
