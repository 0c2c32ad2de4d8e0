// Exchange: one request from arrival to the access log, whatever carried it. Private to lib/web.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/gateway.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <cstddef>
#include <functional>

namespace scai::web {

/// Both ends of the wire. `read` returns fewer bytes than asked only at the end of the body.
struct Wire {
    std::function<std::size_t(char* buffer, std::size_t size)> read;
    std::function<bool(const std::string& data)> write; ///< false: the peer is gone
    bool wipe = false; ///< overwrite what request and answer held before its memory is given back
};

/// Reads the body up to the route's limit (the rest is read and thrown away, so that the peer can read the
/// answer), dispatches, writes the answer, counts and logs.
void exchange(const Router& router, Metrics& metrics, Arrival arrival, const Wire& wire);

} // namespace scai::web
