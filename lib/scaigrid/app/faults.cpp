// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/faults.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"

namespace scaigrid::faults {

using scai::json::Value;

scai::Result<Fault> decode(const Value& body) {
    Fault out;
    scai::json::Fields fields(body, "body");
    out.id = "flt_" + scai::crypto::random_id(12);
    out.method =
        fields.optional_text("method", {.one_of = {"GET", "POST", "PUT", "PATCH", "DELETE"}}).value_or("");
    out.path = fields.optional_text("path").value_or("");
    if (!out.path.empty() && !out.path.starts_with('/'))
        fields.reject("path", "must begin with /");
    out.times = fields.optional_integer("times", {.min = 1, .max = 1'000'000});
    out.delay_ms = fields.optional_integer("delay_ms", {.min = 0, .max = 600'000}).value_or(0);
    out.status = static_cast<int>(fields.optional_integer("status", {.min = 200, .max = 599}).value_or(0));
    out.code = fields.optional_text("code", {.max = 100}).value_or("TEST_FAULT");
    out.message = fields.optional_text("message").value_or("forced by a test");
    out.retry_after = fields.optional_integer("retry_after", {.min = 0, .max = 86'400});
    out.after = fields.optional_boolean("after").value_or(false);
    out.body = fields.optional_text("body", {.min = 0, .max = 32'000});
    out.content_type = fields.optional_text("content_type", {.max = 200}).value_or("application/json");
    out.list_shape = fields.optional_text("list_shape", {.one_of = {"A", "B", "C", "openai"}}).value_or("");
    if (out.delay_ms == 0 && out.status == 0 && !out.body && out.list_shape.empty() && !out.after)
        fields.reject("status", "one of delay_ms, status, body and list_shape is needed");
    if (auto error = fields.error())
        return *error;
    return out;
}

Value view(const Fault& fault) {
    auto out = Value::object({{"id", fault.id},
                              {"method", fault.method},
                              {"path", fault.path},
                              {"times", fault.times},
                              {"delay_ms", fault.delay_ms},
                              {"after", fault.after}});
    if (fault.status != 0)
        out.set("status", fault.status).set("code", fault.code).set("message", fault.message);
    if (fault.retry_after)
        out.set("retry_after", *fault.retry_after);
    if (fault.body)
        out.set("body", *fault.body).set("content_type", fault.content_type);
    if (!fault.list_shape.empty())
        out.set("list_shape", fault.list_shape);
    return out;
}

bool strikes(const Fault& fault, std::string_view method, std::string_view path) {
    if (!fault.method.empty() && fault.method != method)
        return false;
    if (fault.path.empty())
        return true;
    std::string_view pattern = fault.path;
    const auto next = [](std::string_view& rest) {
        const auto end = rest.find('/', 1);
        const auto segment = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
        return segment;
    };
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = next(pattern);
        const auto found = next(path);
        if (wanted != found && !(wanted.starts_with("/{") && wanted.ends_with('}') && found.size() > 1))
            return false;
    }
    return pattern.empty() && path.empty();
}

scai::web::Response reshaped(scai::web::Response response, const std::string& shape) {
    const auto body = scai::json::parse(response.body);
    if (!body || response.status >= 300)
        return response;
    const auto data = body->get("data");
    Value rows;
    Value cursor(nullptr);
    if (data.is_array()) {
        rows = data;
        if (body->get("next_cursor").present())
            cursor = body->get("next_cursor");
    } else if (data.is_object()) {
        rows = data.get("items").is_array() ? data.get("items") : data.get("events");
        if (data.get("next_cursor").present())
            cursor = data.get("next_cursor");
    }
    if (!rows.is_array())
        return response;
    auto out = Value::object({{"status", "ok"}});
    if (shape == "B") {
        out.set("data", rows).set("has_more", !cursor.is_null()).set("next_cursor", cursor);
    } else if (shape == "openai") {
        auto models = Value::array();
        rows.each_item([&](const Value& row) {
            models.push(Value::object(
                {{"id", row.get("slug").present() ? row.get("slug") : row.get("id")}, {"object", "model"}}));
        });
        out = Value::object({{"object", "list"}, {"data", models}});
    } else {
        out.set("data", Value::object({{shape == "A" ? "items" : "events", rows}, {"next_cursor", cursor}}));
    }
    response.body = out.dump();
    return response;
}

} // namespace scaigrid::faults
