// Fuzz target: a request from the wire to the answer. Input: the request target up to the first line end,
// then header lines as CGI variables up to an empty line, then the body. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/strings.hpp"
#include "lib/web/gateway.hpp"
#include "lib/web/parse.hpp"
#include "lib/web/router.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

inline void require(bool holds) {
    if (!holds)
        std::abort();
}

inline scai::Result<scai::web::Response> look_at_everything(const scai::web::Request& request) {
    using scai::web::Response;
    for (const auto& [name, value] : request.query)
        require(scai::valid_utf8(name) && scai::valid_utf8(value) && value.find('\0') == std::string::npos);
    for (const auto& [name, value] : request.params)
        require(scai::valid_utf8(value) && !value.empty() && value != "..");
    static_cast<void>(request.cookies());
    static_cast<void>(request.query_int("limit", 1, 1, 100));
    if (auto form = request.form(); form)
        return Response::json(scai::json::Value(static_cast<std::int64_t>(form->size())));
    SCAI_TRY(const auto body, request.json_object(true));
    return Response::json(body);
}

inline int web_request(const unsigned char* data, std::size_t size) {
    using namespace scai::web;
    static const Router router(
        {{"GET", "/v1/{id}", Access::open(), 0, look_at_everything},
         {"POST", "/v1/{id}", Access::open(), 4096, look_at_everything},
         {"POST", "/v1/flows/compile", Access::open(), 4096, look_at_everything},
         {"GET", "/v1/users/{id}/role", Access::authenticated(), 0, look_at_everything}},
        [](const Request&, const Access&) -> scai::Result<Principal> {
            return scai::Error{.kind = scai::ErrorKind::unauthenticated, .message = "missing bearer token"};
        },
        Envelope::scaiflow);

    std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto line = [&input] {
        const auto end = std::min(input.find('\n'), input.size());
        const std::string out(input.substr(0, input.substr(0, end).find('\0')));
        input.remove_prefix(std::min(input.size(), end + 1));
        return out;
    };
    std::vector<std::string> variables{"REQUEST_URI=" + line()};
    while (!input.empty()) {
        auto variable = line();
        if (variable.empty())
            break;
        variables.push_back(std::move(variable));
    }
    for (const char* method : {"GET", "POST", "HEAD", "OPTIONS"}) {
        std::vector<std::string> all{std::string("REQUEST_METHOD=") + method};
        all.insert(all.end(), variables.begin(), variables.end());
        std::vector<const char*> raw;
        for (const auto& variable : all)
            raw.push_back(variable.c_str());
        raw.push_back(nullptr);
        auto arrival = read_variables(raw.data(), {.trusted_proxies = {"10.0.0.1"}}, PathSource::request_uri);
        arrival.request.body = input;
        const auto response = router.dispatch(arrival.request);
        require(response.status >= 200 && response.status < 500);
        const auto text = header_text(response);
        require(text.find("\r\n\r\n") == text.size() - 4);
        if (!response.body.empty())
            require(scai::valid_utf8(response.body));
    }
    return 0;
}

} // namespace fuzz
