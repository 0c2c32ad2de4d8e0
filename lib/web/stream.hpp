// Answers without an end, such as Server-Sent Events: an endpoint returns a Response with a Stream, and once
// its head is on its way the worker is free again; the connection then waits in epoll and costs no thread.
//
//   if (!request.can_stream) return ...;      // CGI, or no loop around: there is nothing to go on with
//   Response out = Response::text("retry: 2000\n\n", "text/event-stream");
//   out.stream = std::make_shared<Stream>();
//   out.stream->start = [](std::shared_ptr<StreamSink> sink) { subscribe(sink); };
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scai::web {

/// Where the text goes. Thread-safe, never blocks, and may outlive the connection.
class StreamSink {
public:
    virtual ~StreamSink() = default;
    /// Queues the text, which many sinks may share. False when the stream is over. A client that does not
    /// read what is queued for him (4 MB, or nothing at all for 30 s) is disconnected.
    virtual bool send(std::shared_ptr<const std::string> text) = 0;
    /// Sends what is queued and then `last`, and ends the answer. `reason` is for the log.
    virtual void end(std::string_view last, std::string_view reason) = 0;
    virtual bool open() const = 0;
};

struct Stream {
    /// Called once, on the worker's thread. The sink stays usable until `ended` was called.
    std::function<void(std::shared_ptr<StreamSink>)> start;
    /// Called once, whoever ended it, on the streams' own thread: must not block.
    std::function<void()> ended;
    /// Sent when nothing else was for `heartbeat_every`, so that middle boxes keep the connection and a
    /// client that is gone is found. Texts here are constants: they must live as long as the process.
    std::string_view heartbeat = ": keep-alive\n\n";
    std::chrono::seconds heartbeat_every{15};
    /// The stream is ended then, with `at_deadline` as its last text.
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::string_view at_deadline;
    std::string_view at_shutdown; ///< last text when the process stops
};

} // namespace scai::web
