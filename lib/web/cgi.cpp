// SPDX-License-Identifier: Apache-2.0
#include "lib/web/cgi.hpp"

#include "lib/web/exchange.hpp"

#include <algorithm>
#include <cerrno>
#include <sysexits.h>
#include <unistd.h>

namespace scai::web {

namespace {

/// Reads until the buffer is full or the input ends.
std::size_t read_fully(char* buffer, std::size_t size) {
    std::size_t total = 0;
    while (total < size) {
        const auto got = ::read(STDIN_FILENO, buffer + total, size - total);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        total += static_cast<std::size_t>(got);
    }
    return total;
}

bool write_fully(const std::string& data) {
    for (std::size_t at = 0; at < data.size();) {
        const auto put = ::write(STDOUT_FILENO, data.data() + at, data.size() - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += static_cast<std::size_t>(put);
    }
    return true;
}

} // namespace

int serve_cgi(const Router& router, Metrics& metrics, const ServerSettings& settings) {
    auto arrival = read_variables(environ, settings, PathSource::path_info);
    // RFC 3875 4.2: stdin need not end after the body, so never read past CONTENT_LENGTH.
    std::uint64_t left = arrival.content_length.value_or(0);
    bool written = false;
    exchange(router, metrics, std::move(arrival),
             {.read =
                  [&left](char* buffer, std::size_t size) {
                      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, size));
                      const auto got = read_fully(buffer, wanted);
                      left -= got;
                      return got;
                  },
              .write = [&written](const std::string& data) { return written = write_fully(data); },
              .tracer = settings.tracer.get(),
              .wipe = settings.wipe});
    return written ? EX_OK : EX_IOERR;
}

} // namespace scai::web
