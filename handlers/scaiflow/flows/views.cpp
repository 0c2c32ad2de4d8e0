// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/views.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/flows/rules.hpp"

namespace scaiflow::flows_api {

using scai::web::Response;

namespace {

constexpr std::size_t bytes_per_character = 4;

} // namespace

Response detail_response(const flows::Head& head, std::string_view content, int status) {
    auto body = flows::members_of(head, content.size()).raw("content", content).take();
    auto response = Response::text(std::move(body), "application/json", status);
    response.header("ETag", flows::etag_of(head.revision));
    return response;
}

void check_name(scai::json::Fields& fields, const std::optional<std::string>& name) {
    if (name && flows::characters(*name) > flows::longest_name)
        fields.reject("name", "must be at most " + std::to_string(flows::longest_name) + " characters");
    else if (name && !name->empty() && scai::trim(*name).empty())
        fields.reject("name", "must not be blank");
}

std::optional<std::string> read_description(scai::json::Fields& fields) {
    auto text = fields.optional_text("description",
                                     {.min = 0, .max = flows::longest_description * bytes_per_character});
    if (text && flows::characters(*text) > flows::longest_description)
        fields.reject("description",
                      "must be at most " + std::to_string(flows::longest_description) + " characters");
    return text;
}

} // namespace scaiflow::flows_api
