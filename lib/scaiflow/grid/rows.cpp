// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/rows.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace scaiflow::grid {

using scai::json::Value;

namespace {

/// The first of these members that is there.
Value first_of(const Value& row, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys)
        if (const Value value = row.get(key); value.present() && !value.is_null())
            return value;
    return {};
}

bool is_id(const Value& value) {
    return value.is_integer() || (value.is_string() && value.size_of_text() > 0);
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// Members of the row that are not `named` already, behind those of `out`.
void add_rest(const Value& row, Value& out, std::initializer_list<std::string_view> named) {
    row.each_member([&](std::string_view key, const Value& value) {
        if (!is_one_of(key, named))
            out.set(key, value);
    });
}

Value or_null(const Value& value) {
    return value.present() ? value : Value(nullptr);
}

} // namespace

std::optional<Value> scope_row(const Value& row) {
    const Value id = first_of(row, {"id", "scope_id"});
    if (!is_id(id))
        return std::nullopt;
    const Value slug = first_of(row, {"slug", "name"});
    const Value name = first_of(row, {"display_name"});
    const Value description = first_of(row, {"description"});
    auto out = Value::object({{"id", id},
                              {"slug", or_null(slug)},
                              {"display_name", or_null(name.present() ? name : slug)},
                              {"description", description.present() ? description : Value("")}});
    add_rest(row, out, {"id", "slug", "display_name", "description"});
    return out;
}

std::optional<Value> queue_row(const Value& row) {
    const Value id = first_of(row, {"id", "queue_id"});
    if (!is_id(id))
        return std::nullopt;
    const Value slug = first_of(row, {"slug", "name"});
    const Value name = first_of(row, {"display_name"});
    const std::string consumer = row.member("consumer_mode");
    const std::string ordering = row.member("ordering");
    const std::string mode = consumer == "broadcast"                       ? consumer
                             : !ordering.empty()                           ? ordering
                             : consumer.empty() || consumer == "competing" ? "fifo"
                                                                           : consumer;
    auto out = Value::object({{"id", id},
                              {"scope_id", or_null(first_of(row, {"scope_id"}))},
                              {"slug", or_null(slug)},
                              {"display_name", or_null(name.present() ? name : slug)},
                              {"consumer_mode", mode},
                              {"max_retries", or_null(first_of(row, {"max_retries"}))}});
    add_rest(row, out, {"id", "scope_id", "slug", "display_name", "consumer_mode", "max_retries"});
    return out;
}

std::optional<Value> bunker_row(const Value& row) {
    const Value id = first_of(row, {"bunker_id", "id"});
    const std::string lifecycle = first_of(row, {"lifecycle", "lifecycle_mode"}).text_or("");
    std::string status = row.member("status");
    if (status == "running")
        status = "ready";
    const bool gone = is_one_of(status, {"terminated", "failed", "deleted", "terminating", "expired"});
    if (!is_id(id) || gone || (status != "ready" && lifecycle != "persistent"))
        return std::nullopt;
    auto out = Value::object({{"bunker_id", id},
                              {"image_ref", or_null(first_of(row, {"image_ref", "image"}))},
                              {"lifecycle", lifecycle.empty() ? Value(nullptr) : Value(lifecycle)},
                              {"status", status.empty() ? Value(nullptr) : Value(status)}});
    add_rest(row, out, {"bunker_id", "id", "image_ref", "image", "lifecycle", "lifecycle_mode", "status"});
    return out;
}

std::optional<Value> model_row(const Value& row) {
    const Value slug = first_of(row, {"slug", "id"});
    if (!is_id(slug))
        return std::nullopt;
    const Value name = first_of(row, {"display_name", "name"});
    auto out =
        Value::object({{"slug", slug},
                       {"display_name", name.present() ? name : slug},
                       {"modality", or_null(first_of(row, {"modality"}))},
                       {"context_window", or_null(first_of(row, {"context_window", "context_length"}))}});
    if (const Value most = first_of(row, {"max_output_tokens"}); most.present())
        out.set("max_output_tokens", most);
    add_rest(row, out, {"slug", "display_name", "modality", "context_window", "max_output_tokens"});
    return out;
}

} // namespace scaiflow::grid
