// StreamHub: the connections of answers that go on, all on one thread. Private to lib/web.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/exchange.hpp"

#include <chrono>
#include <memory>

namespace scai::web {

class StreamHub {
public:
    explicit StreamHub(Metrics& metrics);
    ~StreamHub(); ///< stops
    StreamHub(const StreamHub&) = delete;
    StreamHub& operator=(const StreamHub&) = delete;

    /// Takes the descriptor over: sends the head in FastCGI records of this request, calls the stream's
    /// start(), and closes the descriptor in the end. Any thread.
    void adopt(int descriptor, int request_id, StreamStart start);
    /// Every stream gets its last text, also those that come from now on. Does not wait.
    void begin_stop();
    /// Waits until all are gone, at most so long; the rest is cut off.
    void finish(std::chrono::milliseconds limit);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scai::web
