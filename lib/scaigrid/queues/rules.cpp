// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/rules.hpp"

#include "lib/base/clock.hpp"
#include "lib/base/strings.hpp"
#include "lib/json/decode.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace scaigrid::queues {

using scai::Error;
using scai::ErrorKind;
using scai::json::Fields;
using scai::json::Value;

namespace {

constexpr std::array<std::string_view, 5> tiers{"critical", "high", "normal", "low", "background"};
constexpr std::int64_t year = 31'536'000;

bool slug_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void read_slug(Fields& fields, std::string& slug) {
    slug = fields.text("slug", {.max = 128});
    if (slug.empty())
        return;
    if (!std::all_of(slug.begin(), slug.end(), slug_character) || slug.front() == '.')
        fields.reject("slug", "letters, digits, '-', '_' and '.' only");
    else if (slug.front() == '_')
        fields.reject("slug", "names that begin with '_' belong to the system");
}

void read_queue_limits(Fields& fields, QueueFields& out) {
    out.max_retries = fields.optional_integer("max_retries", {0, 100}).value_or(out.max_retries);
    out.visibility_timeout_s =
        fields.optional_integer("visibility_timeout_s", {1, 43200}).value_or(out.visibility_timeout_s);
    if (const auto depth = fields.optional_integer("max_depth", {1, 10'000'000}))
        out.max_depth = depth;
    out.overflow_policy =
        fields.optional_text("overflow_policy", {.one_of = {"reject", "drop_oldest", "dead_letter"}})
            .value_or(out.overflow_policy);
}

/// A change that names what cannot change must name what is there.
void refuse_change(Fields& fields, const Value& body, const Value& now, std::string_view key) {
    const Value wanted = body.get(key);
    if (wanted.present() && !wanted.is_null() && wanted.dump(true) != now.get(key).dump(true))
        fields.reject(key, "cannot be changed; it is " + now.get(key).dump());
}

Error unprocessable(std::vector<scai::FieldError> fields) {
    Error error;
    error.kind = ErrorKind::unprocessable;
    error.message =
        fields.empty() ? "the body is not usable" : fields.front().path + " " + fields.front().message;
    error.fields = std::move(fields);
    return error;
}

std::optional<std::string> optional_time(Fields& fields, std::string_view key) {
    auto text = fields.optional_text(key, {.max = 40});
    if (text && !scai::parse_iso8601(*text)) {
        fields.reject(key, "must be an RFC 3339 time such as 2026-05-20T08:00:00Z");
        return std::nullopt;
    }
    return text;
}

void read_labels(Fields& fields, const Value& body, Publication& out) {
    const Value labels = fields.optional_object("labels");
    if (labels.size() > 64)
        fields.reject("labels", "at most 64");
    labels.each_member([&](std::string_view key, const Value& value) {
        const auto text = value.text();
        if (!text || text->size() > 256 || key.size() > 64 || key.empty())
            fields.reject("labels." + std::string(key), "a name of 1 to 64 bytes and a text of at most 256");
        else
            out.labels.emplace(key, *text);
    });
    if (!body.get("body").present())
        fields.reject("body", "is required");
}

/// Ids of a decision's options: texts, or objects with an id.
std::string option_id(const Value& option) {
    return option.is_object() ? option.member("id") : option.text_or("");
}

struct SpecCheck {
    bool pattern = false;
    std::vector<scai::FieldError> errors;
    std::set<std::string, std::less<>> fields;

    void bad(const std::string& path, std::string message) { errors.push_back({path, std::move(message)}); }
    void field(const Value& section, const std::string& path) {
        const std::string name = section.member("field");
        if (name.empty() || name.size() > 128)
            bad(path + ".field", "a name of 1 to 128 bytes is required");
        else if (!fields.insert(name).second)
            bad(path + ".field", "'" + name + "' is the field of another section");
    }
    void options(const Value& section, const std::string& path) {
        const Value options = section.get("options");
        if (pattern && options.text_or("").starts_with("{{"))
            return;
        if (!options.is_array() || options.size() == 0 || options.size() > 100)
            return bad(path + ".options", "1 to 100 options are required");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < options.size(); ++i)
            if (const auto id = option_id(options.at(i)); id.empty() || !seen.insert(id).second)
                bad(path + ".options[" + std::to_string(i) + "]",
                    "an id as text, or an object with one, that no other option has");
    }
    void section(const Value& section, const std::string& path) {
        const std::string type = section.member("type");
        if (type == "context") {
            return;
        }
        if (type != "input" && type != "decision")
            return bad(path + ".type", "must be one of: context, input, decision");
        field(section, path);
        if (type == "decision")
            options(section, path);
        else if (const Value required = section.get("required");
                 required.present() && !required.is_null() && !required.boolean())
            bad(path + ".required", "must be true or false");
    }
};

} // namespace

scai::Result<ScopeFields> decode_scope(const Value& body) {
    Fields fields(body, "");
    ScopeFields out;
    read_slug(fields, out.slug);
    out.display_name = fields.optional_text("display_name", {.max = 256}).value_or(out.slug);
    out.description = fields.optional_text("description", {.min = 0, .max = 4096});
    if (auto error = fields.error())
        return *error;
    return out;
}

scai::Result<ScopeFields> decode_scope_change(const Value& body, const Value& now) {
    Fields fields(body, "");
    ScopeFields out{now.member("slug"), now.member("display_name"), now.get("description").text()};
    out.display_name = fields.optional_text("display_name", {.max = 256}).value_or(out.display_name);
    if (auto text = fields.optional_text("description", {.min = 0, .max = 4096}))
        out.description = std::move(text);
    refuse_change(fields, body, now, "slug");
    if (auto error = fields.error())
        return *error;
    return out;
}

scai::Result<QueueFields> decode_queue(const Value& body) {
    Fields fields(body, "");
    QueueFields out;
    read_slug(fields, out.slug);
    out.display_name = fields.optional_text("display_name", {.max = 256}).value_or(out.slug);
    out.description = fields.optional_text("description", {.min = 0, .max = 4096});
    out.ordering =
        fields.optional_text("ordering", {.one_of = {"fifo", "priority", "deadline"}}).value_or("fifo");
    out.consumer_mode =
        fields.optional_text("consumer_mode", {.one_of = {"competing", "broadcast"}}).value_or("competing");
    read_queue_limits(fields, out);
    if (auto error = fields.error())
        return *error;
    return out;
}

scai::Result<QueueFields> decode_queue_change(const Value& body, const Value& now) {
    Fields fields(body, "");
    QueueFields out;
    out.slug = now.member("slug");
    out.display_name =
        fields.optional_text("display_name", {.max = 256}).value_or(now.member("display_name"));
    out.description = now.get("description").text();
    if (auto text = fields.optional_text("description", {.min = 0, .max = 4096}))
        out.description = std::move(text);
    out.max_retries = now.get("max_retries").integer().value_or(out.max_retries);
    out.visibility_timeout_s = now.get("visibility_timeout_s").integer().value_or(out.visibility_timeout_s);
    out.overflow_policy = now.member("overflow_policy");
    // null takes the limit away.
    if (!body.get("max_depth").is_null())
        out.max_depth = now.get("max_depth").integer();
    read_queue_limits(fields, out);
    for (const auto* key : {"slug", "ordering", "consumer_mode"})
        refuse_change(fields, body, now, key);
    if (auto error = fields.error())
        return *error;
    return out;
}

scai::Result<Publication> decode_publication(const Value& body) {
    Fields fields(body, "");
    Publication out;
    out.message_type = fields.text("message_type", {.max = 128});
    if (!out.message_type.empty() &&
        !std::all_of(out.message_type.begin(), out.message_type.end(), slug_character))
        fields.reject("message_type", "letters, digits, '-', '_' and '.' only, such as decision.made");
    read_labels(fields, body, out);
    out.body = body.get("body");
    out.priority_tier =
        fields.optional_text("priority_tier", {.one_of = {tiers.begin(), tiers.end()}}).value_or("normal");
    out.priority_score = fields.optional_integer("priority_score", {0, 1000}).value_or(500);
    out.correlation_id = fields.optional_text("correlation_id", {.max = 256});
    out.causation_id = fields.optional_text("causation_id", {.max = 256});
    out.parent_id = fields.optional_text("parent_id", {.max = 256});
    out.idempotency_key = fields.optional_text("idempotency_key", {.max = 256});
    out.content_type = fields.optional_text("content_type", {.max = 128}).value_or(out.content_type);
    out.source_id = fields.optional_text("source_id", {.min = 0, .max = 256}).value_or("");
    out.ttl_seconds = fields.optional_integer("ttl_seconds", {1, year});
    out.delay_seconds = fields.optional_integer("delay_seconds", {0, year});
    out.deadline = optional_time(fields, "deadline");
    out.delay_until = optional_time(fields, "delay_until");
    if (!out.delay_until)
        out.delay_until = optional_time(fields, "visible_at");
    if (out.delay_seconds && out.delay_until)
        fields.reject("delay_seconds", "give either delay_seconds or delay_until");
    out.hitl_spec = fields.optional_object("hitl_spec");
    if (auto error = fields.error())
        return *error;
    return out;
}

scai::Status check_hitl_spec(const Value& spec, const std::string& where, bool pattern) {
    SpecCheck check;
    check.pattern = pattern;
    const Value sections = spec.get("sections");
    if (!spec.is_object() || !sections.is_array() || sections.size() > 200) {
        check.bad(where + ".sections", "a list of at most 200 sections is required");
    } else {
        for (std::size_t i = 0; i < sections.size(); ++i)
            check.section(sections.at(i), where + ".sections[" + std::to_string(i) + "]");
    }
    if (const Value timeout = spec.get("timeout_s"); timeout.present() && !timeout.is_null())
        if (const auto seconds = timeout.integer(); !seconds || *seconds < 1 || *seconds > 10 * year)
            check.bad(where + ".timeout_s", "must be a number of seconds, 1 or more");
    if (!check.errors.empty())
        return unprocessable(std::move(check.errors));
    return scai::Done{};
}

scai::Status check_answer(const Value& spec, const Value& answer) {
    std::vector<scai::FieldError> errors;
    if (!answer.is_object())
        return unprocessable({{"result", "an object with the form's fields is required"}});
    spec.get("sections").each_item([&](const Value& section) {
        const std::string type = section.member("type");
        const std::string field = section.member("field");
        const Value given = answer.get(field);
        const bool empty =
            !given.present() || given.is_null() || (given.is_string() && given.size_of_text() == 0);
        if (type == "input" && empty && section.get("required").boolean().value_or(false))
            errors.push_back({"result." + field, "is required"});
        if (type != "decision")
            return;
        std::vector<std::string> ids;
        section.get("options").each_item([&](const Value& option) { ids.push_back(option_id(option)); });
        if (const auto chosen = given.text();
            !chosen || std::find(ids.begin(), ids.end(), *chosen) == ids.end())
            errors.push_back({"result." + field, "must be one of: " + scai::join(ids, ", ")});
    });
    if (!errors.empty())
        return unprocessable(std::move(errors));
    return scai::Done{};
}

Value resolution_of(const Value& spec, const Value& answer) {
    std::vector<std::string> fields;
    spec.get("sections").each_item([&](const Value& section) {
        if (section.member("type") == "decision")
            fields.push_back(section.member("field"));
    });
    return fields.size() == 1 ? answer.get(fields.front()) : answer;
}

namespace {

class Filler {
public:
    explicit Filler(const Value& parameters) : parameters_(parameters) {}
    std::set<std::string> missing;

    Value fill(const Value& value) {
        if (value.is_object()) {
            Value out = Value::object();
            value.each_member([&](std::string_view key, const Value& item) { out.set(key, fill(item)); });
            return out;
        }
        if (value.is_array()) {
            Value out = Value::array();
            value.each_item([&](const Value& item) { out.push(fill(item)); });
            return out;
        }
        const auto text = value.text();
        return text ? fill_text(*text) : value;
    }

private:
    Value parameter(std::string_view name) {
        Value value = parameters_.get(name);
        if (!value.present())
            missing.insert(std::string(name));
        return value;
    }
    Value fill_text(const std::string& text) {
        std::string out;
        std::size_t from = 0;
        while (true) {
            const auto open = text.find("{{", from);
            const auto close = open == std::string::npos ? open : text.find("}}", open);
            if (close == std::string::npos)
                break;
            const auto name = scai::trim(std::string_view(text).substr(open + 2, close - open - 2));
            const Value value = parameter(name);
            if (open == 0 && close + 2 == text.size())
                return value.present() ? value : Value("");
            out += text.substr(from, open - from);
            if (value.present())
                out += value.is_string() ? value.text_or("") : value.dump();
            from = close + 2;
        }
        return out + text.substr(from);
    }
    const Value& parameters_;
};

} // namespace

scai::Result<Value> fill_pattern(const Value& spec, const Value& parameters) {
    Filler filler(parameters);
    Value out = filler.fill(spec);
    if (filler.missing.empty())
        return out;
    std::vector<scai::FieldError> errors;
    for (const auto& name : filler.missing)
        errors.push_back({"parameters." + name, "is required by the pattern"});
    return unprocessable(std::move(errors));
}

std::int64_t rank_of(std::string_view ordering, const Publication& message) {
    if (ordering == "priority") {
        const auto tier = std::find(tiers.begin(), tiers.end(), message.priority_tier) - tiers.begin();
        return tier * 2000 + (1000 - message.priority_score);
    }
    if (ordering == "deadline") {
        const auto time = message.deadline ? scai::parse_iso8601(*message.deadline) : std::nullopt;
        return time ? time->time_since_epoch().count() : std::numeric_limits<std::int64_t>::max();
    }
    return 0;
}

std::int64_t backoff_seconds(std::int64_t attempts) {
    return attempts > 9
               ? 300
               : std::min<std::int64_t>(300, std::int64_t{1} << std::max<std::int64_t>(0, attempts - 1));
}

} // namespace scaigrid::queues
