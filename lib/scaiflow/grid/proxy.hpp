// Calls that go through to ScaiGrid, and their answers as they came (contract scaiflow-api.md 2.10).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/grid/client.hpp"
#include "lib/web/http.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace scaiflow::grid {

inline constexpr std::string_view events_path = "/v1/modules/scaicore/events";
inline constexpr std::string_view checkpoints_path = "/v1/modules/scaicore/checkpoints";

/// What ScaiGrid's feeds are asked with.
struct FeedQuery {
    std::string core_id, cursor, status; ///< "" = not said
    std::int64_t limit = 50;
    std::string text() const;
};
/// core_id, limit (1..500, 50) and cursor of a request; unprocessable for anything else.
scai::Result<FeedQuery> events_query(const scai::web::Request& request);
/// The Accept header asks for Server-Sent Events.
bool wants_stream(const scai::web::Request& request);

/// {"data":{"<name>":[...],"next_cursor":...}} out of any of the list shapes; rows and further members of
/// `data` byte for byte.
scai::Result<std::string> list_text(std::string_view answer, std::string_view name);

/// GETs the list and answers with list_text(). Refusals as refusal() says.
scai::Result<scai::web::Response> forward_list(Context& context, const scai::web::Request& request,
                                               std::string_view path, const std::string& query,
                                               std::string_view name);
/// Sends the call once and answers with ScaiGrid's status and body.
scai::Result<scai::web::Response> forward(Context& context, const scai::web::Request& request,
                                          const Call& call);
/// Limit of calls that run a Core.
std::chrono::milliseconds run_limit(const Context& context);

} // namespace scaiflow::grid
