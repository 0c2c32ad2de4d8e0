// What several endpoints of the group share: a flow as it is shown, the fields of a flow as they are sent.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/decode.hpp"
#include "lib/scaiflow/flows/list_request.hpp"
#include "lib/scaiflow/flows/model.hpp"
#include "lib/web/http.hpp"

namespace scaiflow::flows_api {

/// FlowDetail with its ETag. The content goes out as it is stored, unread.
scai::web::Response detail_response(const flows::Head& head, std::string_view content, int status = 200);
inline scai::web::Response detail_response(const flows::Detail& detail, int status = 200) {
    return detail_response(detail.head, detail.content, status);
}

/// Text of 1..200 characters that is not all blanks.
void check_name(scai::json::Fields& fields, const std::optional<std::string>& name);
/// Absent, null or a text of up to 4,000 characters.
std::optional<std::string> read_description(scai::json::Fields& fields);

} // namespace scaiflow::flows_api
