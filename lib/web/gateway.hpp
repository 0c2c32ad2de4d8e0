// Gateway: CGI/FastCGI variables in, a Request out; a Response in, header text out. Private to lib/web.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"
#include "lib/web/server.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace scai::web {

/// A CGI program finds its path in PATH_INFO (REQUEST_URI holds the script's own name); nginx sends
/// REQUEST_URI as received.
enum class PathSource { request_uri, path_info };

struct Arrival {
    Request request;                             ///< everything but the body; `problem` set when unusable
    std::optional<std::uint64_t> content_length; ///< as declared; absent when the gateway did not say
};

/// `variables` is a null-terminated list of NAME=VALUE.
Arrival read_variables(const char* const* variables, const ServerSettings& settings, PathSource source);

/// "Status: 200 OK\r\n...\r\n\r\n". Adds Content-Length unless the response has it or can have no body.
std::string header_text(const Response& response);
const char* reason_phrase(int status);

} // namespace scai::web
