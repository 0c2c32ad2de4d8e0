// The bodies of PUT, PATCH and batch reads. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/json/check.hpp"
#include "lib/json/raw.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/conditions.hpp"
#include "lib/scaivault/secrets/rules.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace scaivault::secrets {

using scai::json::Value;

namespace {

constexpr std::array<std::string_view, 5> secret_types{"kv", "json", "certificate", "ssh_key", "api_key"};
constexpr std::int64_t most_versions = 100'000;
constexpr std::size_t most_tags = 64, longest_tag = 128;
constexpr std::size_t most_thresholds = 16;
constexpr std::size_t longest_id = 128;

bool printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// What is wrong with a body: one error that names a code of its own (400) comes before all field errors
/// (422), and of those the answer has every one.
class Problems {
public:
    void field(std::string path, std::string message) {
        fields_.push_back({.path = std::move(path), .message = std::move(message)});
    }
    void special(scai::Error error) {
        if (!special_)
            special_ = std::move(error);
    }
    std::optional<scai::Error> error() const {
        if (special_)
            return special_;
        if (fields_.empty())
            return std::nullopt;
        auto out = validation_error(fields_.front().path, fields_.front().message);
        out.fields = fields_;
        return out;
    }

private:
    std::optional<scai::Error> special_;
    std::vector<scai::FieldError> fields_;
};

std::optional<std::chrono::seconds> duration(const Value& value, const std::string& path,
                                             Problems& problems) {
    const auto out = policies::parse_duration(value.text_or(""));
    if (!out)
        problems.special(invalid("invalid_duration", path + " must be a duration like 15m, 24h or 90d",
                                 Value::object({{"field", path}})));
    return out;
}

/// "30d,7d" or ["30d","7d"]; the longest first, each once.
std::vector<std::string> thresholds(const Value& value, const std::string& path, Problems& problems) {
    std::vector<Value> items;
    if (const auto text = value.text()) {
        for (const auto& part : scai::split_list(*text))
            items.emplace_back(part);
    } else if (value.is_array()) {
        value.each_item([&](const Value& item) { items.push_back(item); });
    } else if (!value.is_null()) {
        problems.field(path, "must be a list of durations");
    }
    if (items.size() > most_thresholds)
        problems.field(path, "must have at most 16 durations");
    std::vector<std::pair<std::chrono::seconds, std::string>> found;
    for (const auto& item : items)
        if (const auto length = duration(item, path, problems))
            found.emplace_back(*length, item.text_or(""));
    std::sort(found.begin(), found.end(), std::greater<>());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (i == 0 || found[i].first != found[i - 1].first)
            out.push_back(found[i].second);
    return out;
}

std::optional<std::int64_t> integer(const Value& value, const std::string& path, std::int64_t most,
                                    Problems& problems) {
    const auto out = value.is_integer() ? value.integer() : std::nullopt;
    if (out && *out >= 0 && *out <= most)
        return out;
    problems.field(path, "must be an integer from 0 to " + std::to_string(most));
    return std::nullopt;
}

/// Null takes the link away.
std::string link(const Value& value, const std::string& path, Problems& problems) {
    if (value.is_null())
        return {};
    auto out = value.text_or("");
    if (out.empty() || out.size() > longest_id || !printable(out))
        problems.field(path, "must be an id or null");
    return out;
}

Options options(const Value& value, Problems& problems, bool with_cas) {
    Options out;
    if (!value.present() || value.is_null())
        return out;
    if (!value.is_object()) {
        problems.field("options", "must be an object");
        return out;
    }
    value.each_member([&](std::string_view key, const Value& member) {
        const auto path = "options." + std::string(key);
        if (key == "max_versions")
            out.max_versions =
                member.is_null() ? default_max_versions : integer(member, path, most_versions, problems);
        else if (key == "expires_in")
            out.expires_in = member.is_null() ? std::chrono::seconds{0} : duration(member, path, problems);
        else if (key == "notify_before")
            out.notify_before = thresholds(member, path, problems);
        else if (key == "rotation_policy_id")
            out.rotation_policy_id = link(member, path, problems);
        else if (key == "secret_policy_id")
            out.secret_policy_id = link(member, path, problems);
        else if (key == "cas" && with_cas)
            out.cas = integer(member, path, std::numeric_limits<std::int64_t>::max(), problems);
        else
            problems.field(path, "is unknown");
    });
    return out;
}

void check_metadata(const Value& metadata, Problems& problems) {
    if (!metadata.is_object())
        return problems.field("metadata", "must be an object");
    const auto description = metadata.get("description");
    if (description.present() && !description.is_null() && !description.text())
        problems.field("metadata.description", "must be a string");
    const auto owner = metadata.get("owner");
    if (owner.present() && !owner.is_null() && !owner.text())
        problems.field("metadata.owner", "must be a string");
    const auto tags = metadata.get("tags");
    if (tags.present() && !tags.is_null()) {
        if (!tags.is_array() || tags.size() > most_tags)
            return problems.field("metadata.tags", "must be a list of at most 64 strings");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < tags.size(); ++i) {
            const auto tag = tags.at(i).text_or("");
            const auto path = "metadata.tags[" + std::to_string(i) + "]";
            if (tag.empty() || tag.size() > longest_tag || !printable(tag) || scai::trim(tag) != tag ||
                tag.find(',') != std::string::npos)
                problems.field(
                    path,
                    "must be a string of 1 to 128 printable characters without commas and outer blanks");
            else if (!seen.insert(tag).second)
                problems.field(path, "is there twice");
        }
    }
    if (metadata.dump().size() > max_metadata)
        problems.field("metadata", "must have at most 64 KiB");
}

/// The text of an object's members, each as it was written; names of ours are looked for only.
struct Members {
    std::optional<std::string_view> find(std::string_view name) const {
        for (const auto& [key, value] : all)
            if (key.substr(1, key.size() - 2) == name)
                return value;
        return std::nullopt;
    }
    std::vector<std::pair<std::string_view, std::string_view>> all;
};

scai::Result<Members> members_of(std::string_view body, std::initializer_list<std::string_view> known,
                                 Problems& problems) {
    if (const auto fine = scai::json::check(body); !fine)
        return invalid_request("the body is no JSON object: " + fine.error().message);
    if (body[body.find_first_not_of(" \t\r\n")] != '{')
        return invalid_request("the body must be a JSON object");
    Members out;
    scai::json::each_raw_member(body, [&](std::string_view name, std::string_view value) {
        const auto plain = name.substr(1, name.size() - 2);
        if (std::find(known.begin(), known.end(), plain) == known.end())
            problems.field(std::string(plain.substr(0, longest_id)), "is unknown");
        out.all.emplace_back(name, value);
        return true;
    });
    return out;
}

/// A member that holds no secret.
Value member(const Members& members, std::string_view name, Problems& problems) {
    const auto text = members.find(name);
    if (!text)
        return {};
    const auto wrapped = scai::json::parse("[" + std::string(*text) + "]");
    if (wrapped)
        return wrapped->at(0);
    problems.field(std::string(name), "has a number that is out of range");
    return {};
}

void expect(Options& options, const std::optional<Tag>& if_match, Problems& problems) {
    if (!if_match)
        return;
    if (options.cas && *options.cas != if_match->version)
        problems.special(invalid_request("If-Match and options.cas name different versions"));
    options.cas = if_match->version;
    options.revision = if_match->revision;
}

void take_data(const Members& members, Write& out, Problems& problems) {
    const auto data = members.find("data");
    const auto recipe = member(members, "generate_from", problems);
    if (recipe.present() && !recipe.is_null()) {
        out.generate_from = recipe.text_or("");
        if (out.generate_from.empty() || out.generate_from.size() > longest_id)
            problems.field("generate_from", "must be the id of a secret policy");
        if (data)
            problems.field("data", "is not given together with generate_from");
        return;
    }
    if (!data)
        return problems.field("data", "is required");
    if (!data->starts_with('{'))
        return problems.field("data", "must be an object");
    if (data->size() > max_data)
        return problems.special(
            invalid("invalid_request", "data has more than 1 MiB",
                    Value::object({{"field", "data"}, {"max_bytes", static_cast<std::int64_t>(max_data)}})));
    out.data = scai::SecretText(*data);
}

void take_type(const Members& members, Write& out, Problems& problems) {
    const auto type = member(members, "secret_type", problems);
    if (!type.present() || type.is_null())
        return;
    const auto name = type.text_or("");
    if (const auto known = check_type(name); !known)
        return problems.special(known.error());
    out.secret_type = name;
}

} // namespace

scai::Status check_type(std::string_view type) {
    if (std::find(secret_types.begin(), secret_types.end(), type) == secret_types.end())
        return invalid("invalid_secret_type",
                       "secret_type must be one of: kv, json, certificate, ssh_key, api_key",
                       Value::object({{"field", "secret_type"}}));
    return scai::Done{};
}

scai::Result<Write> parse_write(std::string_view body, const std::optional<Tag>& if_match) {
    Problems problems;
    SCAI_TRY(const auto members,
             members_of(body, {"data", "generate_from", "secret_type", "metadata", "options"}, problems));
    Write out;
    take_data(members, out, problems);
    take_type(members, out, problems);
    const auto metadata = member(members, "metadata", problems);
    if (metadata.present() && !metadata.is_null()) {
        check_metadata(metadata, problems);
        out.metadata = metadata;
    }
    out.options = options(member(members, "options", problems), problems, true);
    expect(out.options, if_match, problems);
    if (auto error = problems.error())
        return std::move(*error);
    return out;
}

scai::Result<Patch> parse_patch(std::string_view body, const std::optional<Tag>& if_match) {
    Problems problems;
    SCAI_TRY(const auto members, members_of(body, {"metadata", "options"}, problems));
    Patch out;
    const auto metadata = member(members, "metadata", problems);
    if (metadata.present() && !metadata.is_object())
        problems.field("metadata", "must be an object");
    out.metadata = metadata;
    out.options = options(member(members, "options", problems), problems, false);
    if (members.all.empty())
        problems.field("metadata", "metadata or options is required");
    expect(out.options, if_match, problems);
    if (auto error = problems.error())
        return std::move(*error);
    return out;
}

scai::Result<Value> patched(std::string_view metadata, const Value& patch) {
    const auto before = scai::json::parse(metadata);
    auto out = Value::object();
    if (before)
        before->each_member([&](std::string_view key, const Value& value) {
            if (!patch.get(key).present())
                out.set(key, value);
        });
    patch.each_member([&](std::string_view key, const Value& value) {
        if (!value.is_null())
            out.set(key, value);
    });
    Problems problems;
    check_metadata(out, problems);
    if (auto error = problems.error())
        return std::move(*error);
    return out;
}

namespace {

std::optional<std::int64_t> number_of_version(const Value& value, Problems& problems) {
    const auto number = value.integer();
    if (number && *number >= 1)
        return number;
    problems.field("options.version", "must be a number from 1");
    return std::nullopt;
}

} // namespace

std::vector<std::string> tags_of(const Value& metadata) {
    std::vector<std::string> out;
    metadata.get("tags").each_item([&](const Value& tag) { out.push_back(tag.text_or("")); });
    return out;
}

scai::Result<Batch> parse_batch(std::string_view body, bool metadata_only) {
    Problems problems;
    SCAI_TRY(const auto members, members_of(body, {"paths", "options"}, problems));
    Batch out;
    const auto paths = member(members, "paths", problems);
    if (!paths.is_array() || paths.size() == 0 || paths.size() > max_batch)
        problems.field("paths", "must be a list of 1 to 100 paths");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < std::min(paths.size(), max_batch); ++i) {
        const auto path = paths.at(i).text();
        if (!path || path->empty() || path->size() > max_path)
            problems.field("paths[" + std::to_string(i) + "]", "must be a path");
        else if (seen.insert(*path).second)
            out.paths.push_back(*path);
    }
    const auto given = member(members, "options", problems);
    if (given.present() && !given.is_null() && !given.is_object())
        problems.field("options", "must be an object");
    const auto flag = [&](std::string_view key, const Value& value) {
        const auto on = value.boolean();
        if (!on)
            problems.field("options." + std::string(key), "must be true or false");
        return on.value_or(false);
    };
    given.each_member([&](std::string_view key, const Value& value) {
        if (key == "fail_fast")
            out.fail_fast = flag(key, value);
        else if (key == "include_metadata" && !metadata_only)
            out.include_metadata = flag(key, value);
        else if (key == "expand_wildcards" && metadata_only)
            out.expand_wildcards = flag(key, value);
        else if (key == "version" && !metadata_only)
            out.version = value.is_null() ? std::nullopt : number_of_version(value, problems);
        else
            problems.field("options." + std::string(key), "is unknown");
    });
    if (auto error = problems.error())
        return std::move(*error);
    return out;
}

} // namespace scaivault::secrets
