// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/rules.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/policies/conditions.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace scaivault::rotation {

using scai::Result;
using scai::json::Fields;
using scai::json::Value;
using std::chrono::seconds;

namespace {

scai::Error bad_duration(const std::string& field) {
    return invalid("invalid_duration", field + " must be a duration such as 24h or 30d",
                   Value::object({{"field", field}}));
}

/// "3d,1d" or ["3d","1d"] as texts; nothing when it is neither.
std::optional<std::vector<std::string>> listed(const Value& value) {
    if (value.is_null())
        return std::vector<std::string>{};
    if (const auto text = value.text())
        return scai::split_list(*text);
    if (!value.is_array())
        return std::nullopt;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto item = value.at(i).text();
        if (!item)
            return std::nullopt;
        out.push_back(std::string(scai::trim(*item)));
    }
    return out;
}

Result<scai::Done> read_warnings(const Value& value, Policy& out) {
    constexpr std::size_t most = 20;
    const auto texts = listed(value);
    if (!texts || texts->size() > most)
        return validation_error("warn_before", "must be a list of at most 20 durations, such as \"3d,1d\"");
    std::vector<std::pair<std::int64_t, std::string>> thresholds;
    for (const auto& text : *texts) {
        const auto length = policies::parse_duration(text);
        if (!length)
            return bad_duration("warn_before");
        const bool twice = std::any_of(thresholds.begin(), thresholds.end(),
                                       [&](const auto& each) { return each.first == length->count(); });
        if (!twice)
            thresholds.emplace_back(length->count(), text);
    }
    std::sort(thresholds.rbegin(), thresholds.rend());
    out.warn_before.clear();
    out.warn_seconds.clear();
    for (const auto& [length, text] : thresholds) {
        out.warn_before += (out.warn_before.empty() ? "" : ",") + text;
        out.warn_seconds.push_back(length);
    }
    return scai::Done{};
}

Result<scai::Done> read_durations(const Value& body, Fields& fields, bool is_new, Policy& out) {
    if (is_new || fields.has("interval")) {
        out.interval = fields.text("interval", {.max = 32});
        const auto length = policies::parse_duration(out.interval);
        if (!out.interval.empty() && !length)
            return bad_duration("interval");
        out.interval_length = length.value_or(seconds(0));
    }
    if (const auto grace = fields.optional_text("grace_period", {.max = 32})) {
        const bool none = *grace == "0" || *grace == "0s";
        const auto length = none ? seconds(0) : policies::parse_duration(*grace);
        if (!length)
            return bad_duration("grace_period");
        out.grace_period = *grace;
        out.grace_length = *length;
    }
    if (body.get("warn_before").present())
        return read_warnings(body.get("warn_before"), out);
    return scai::Done{};
}

/// Takes a JSON object apart without making values of it. Only for text that parse() accepts.
struct Member {
    std::string_view key, value; ///< key with its quotes
};
class Members {
public:
    explicit Members(std::string_view object) : text_(object) {
        skip_blank();
        ++at_; // the brace
    }
    std::optional<Member> next() {
        skip_blank();
        if (at_ < text_.size() && text_[at_] == ',') {
            ++at_;
            skip_blank();
        }
        if (at_ >= text_.size() || text_[at_] != '"')
            return std::nullopt;
        Member out;
        out.key = string();
        skip_blank();
        ++at_; // the colon
        skip_blank();
        out.value = value();
        return out;
    }

private:
    void skip_blank() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    std::string_view string() {
        const auto from = at_++;
        while (at_ < text_.size() && text_[at_] != '"')
            at_ += text_[at_] == '\\' ? 2 : 1;
        ++at_;
        return text_.substr(from, at_ - from);
    }
    std::string_view value() {
        const auto from = at_;
        int depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                string();
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}'))
                break;
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            ++at_;
        }
        auto out = text_.substr(from, at_ - from);
        while (!out.empty() && std::strchr(" \t\r\n", out.back()) != nullptr)
            out.remove_suffix(1);
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::vector<Member> members_of(std::string_view object) {
    std::vector<Member> out;
    Members members(object);
    while (auto member = members.next())
        out.push_back(*member);
    return out;
}

} // namespace

Result<Policy> parse_policy(const Value& body, const Policy* base) {
    Fields fields(body, "body");
    const bool is_new = base == nullptr;
    Policy out = is_new ? Policy{} : *base;
    if (is_new || fields.has("name"))
        out.name = fields.text("name", {.max = 128});
    if (fields.has("description"))
        out.description = fields.optional_text("description", {.min = 0, .max = 1024}).value_or("");
    SCAI_TRY([[maybe_unused]] const auto durations, read_durations(body, fields, is_new, out));
    if (fields.has("auto_generate"))
        out.auto_generate = fields.optional_boolean("auto_generate").value_or(false);
    if (fields.has("secret_policy_id"))
        out.secret_policy_id = fields.optional_text("secret_policy_id", {.max = 64});
    if (fields.has("webhook_ids"))
        out.webhook_ids = fields.optional_text_list("webhook_ids", {.max = 64}, 50);
    if (!out.warn_seconds.empty() && out.interval_length.count() > 0 &&
        out.warn_seconds.front() >= out.interval_length.count())
        fields.reject("warn_before", "must be shorter than the interval");
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    return out;
}

Value to_json(const Policy& policy) {
    auto out = Value::object({{"id", policy.id},
                              {"name", policy.name},
                              {"description", policy.description},
                              {"interval", policy.interval},
                              {"interval_seconds", std::int64_t{policy.interval_length.count()}},
                              {"grace_period", policy.grace_period},
                              {"warn_before", policy.warn_before},
                              {"auto_generate", policy.auto_generate},
                              {"secret_policy_id", policy.secret_policy_id},
                              {"webhook_ids", Value::array_of(policy.webhook_ids)},
                              {"is_active", policy.is_active},
                              {"secrets_count", policy.secrets_count},
                              {"created_at", policy.created_at},
                              {"updated_at", policy.updated_at}});
    return out;
}

Value to_json(const Assignment& assignment) {
    return Value::object({{"policy_id", assignment.policy_id},
                          {"secret_path", assignment.path},
                          {"last_rotated_at", assignment.last_rotated_at},
                          {"next_rotation_at", assignment.next_rotation_at},
                          {"assigned_at", assignment.assigned_at}});
}

Value to_json(const HistoryItem& item) {
    return Value::object({{"id", item.id},
                          {"policy_id", item.policy_id},
                          {"secret_path", item.path},
                          {"status", item.status},
                          {"old_version", item.old_version},
                          {"new_version", item.new_version},
                          {"started_at", item.started_at},
                          {"completed_at", item.completed_at},
                          {"error", item.error}});
}

Value to_json(const DueItem& item) {
    return Value::object({{"secret_path", item.path},
                          {"policy_id", item.policy_id},
                          {"due_at", item.due_at},
                          {"is_overdue", item.is_overdue},
                          {"auto_generate", item.auto_generate},
                          {"last_rotated_at", item.last_rotated_at}});
}

Step next_step(const Schedule& schedule, scai::UtcTime now) {
    constexpr std::chrono::hours idle{24};
    const auto& policy = schedule.policy;
    const auto reminder = schedule.next + policy.grace_length;
    Step out;
    if (now >= schedule.next) {
        out.look_at = now + idle;
        if (policy.auto_generate)
            out.action = Action::rotate;
        else if (!schedule.due_sent)
            out = {Action::ask, 0, std::max(reminder, now)};
        else if (now < reminder)
            out.look_at = reminder;
        else if (!schedule.overdue_sent)
            out.action = Action::remind;
        return out;
    }
    out.look_at = schedule.next;
    for (const auto threshold : policy.warn_seconds) { // falling: the last that fits is the smallest
        const auto at = schedule.next - seconds(threshold);
        if (now < at) {
            out.look_at = at;
            break;
        }
        if (!schedule.warned || threshold < *schedule.warned) {
            out.action = Action::warn;
            out.threshold = threshold;
        }
    }
    return out;
}

bool closes(const Schedule& schedule, scai::UtcTime now) {
    return schedule.warned || schedule.due_sent || !schedule.open_history.empty() || now >= schedule.next;
}

seconds retry_after(int failures) {
    constexpr std::array ladder{seconds(300), seconds(900), seconds(3600), seconds(6 * 3600)};
    return ladder[static_cast<std::size_t>(std::clamp(failures, 1, 4) - 1)];
}

std::string threshold_text(const Policy& policy, std::int64_t length) {
    const auto texts = scai::split_list(policy.warn_before);
    for (std::size_t i = 0; i < texts.size() && i < policy.warn_seconds.size(); ++i)
        if (policy.warn_seconds[i] == length)
            return texts[i];
    return std::to_string(length) + "s";
}

scai::SecretText merged(std::string_view base, std::string_view over) {
    const auto fresh = members_of(over);
    std::string out;
    out.reserve(base.size() + over.size() + 16); // so that growing leaves no copies behind
    out.push_back('{');
    const auto add = [&](const Member& member) {
        if (out.size() > 1)
            out += ",";
        out.append(member.key).append(":").append(member.value);
    };
    for (const auto& member : members_of(base)) {
        const auto found = std::find_if(fresh.begin(), fresh.end(),
                                        [&](const Member& each) { return each.key == member.key; });
        if (found == fresh.end())
            add(member);
    }
    for (const auto& member : fresh)
        add(member);
    out += "}";
    scai::SecretText text(out);
    explicit_bzero(out.data(), out.size());
    return text;
}

std::string only_member(std::string_view object) {
    const auto members = members_of(object);
    if (members.size() != 1 || members.front().key.find('\\') != std::string_view::npos)
        return "value";
    return std::string(members.front().key.substr(1, members.front().key.size() - 2));
}

} // namespace scaivault::rotation
