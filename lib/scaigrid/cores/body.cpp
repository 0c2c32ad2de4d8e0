// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/cores/body.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/cores/model.hpp"
#include "lib/yaml/yaml.hpp"

namespace scaigrid::cores {

using scai::json::Fields;
using scai::json::Value;

namespace {

constexpr std::size_t longest_core_name = 200;

Value optional_list(Fields& fields, const Value& body, std::string_view key) {
    const auto value = body.get(key);
    if (!value.present() || value.is_null())
        return {};
    if (!value.is_array())
        fields.reject(key, "must be a list");
    return value;
}

void read_avatar(Fields& fields, Draft& out) {
    const auto text = fields.optional_text("avatar_b64", {.max = max_avatar * 2});
    out.avatar_content_type = fields.optional_text(
        "avatar_content_type", {.one_of = {"image/png", "image/jpeg", "image/webp", "image/gif"}});
    if (!text)
        return;
    out.avatar = scai::crypto::from_base64(*text);
    if (!out.avatar || out.avatar->size() > max_avatar)
        fields.reject("avatar_b64", "must be base64 of at most 1 MB");
    else if (!out.avatar_content_type)
        fields.reject("avatar_content_type", "is required with avatar_b64");
}

/// What publishing writes there is not for clients to set.
Value without_publication(const Value& metadata) {
    if (!metadata.is_object())
        return metadata;
    auto out = Value::object();
    metadata.each_member([&](std::string_view key, const Value& value) {
        if (key != "published" && !key.starts_with("published_"))
            out.set(key, value);
    });
    return out;
}

std::string runtime_mode_of(const Value& core) {
    const auto trigger = core.get("flows").at(0).get("trigger").member("type");
    return trigger == "api" || trigger == "webhook" ? "api" : "event_driven";
}

} // namespace

scai::Result<Draft> draft_of_fields(const Value& body) {
    Fields fields(body, "body");
    Draft out;
    out.name = fields.optional_text("name", {.max = longest_core_name});
    out.runtime_mode =
        fields.optional_text("runtime_mode", {.one_of = {"event_driven", "interactive", "model", "api"}});
    out.concurrency_mode =
        fields.optional_text("concurrency_mode", {.one_of = {"stateless", "entity", "singleton"}});
    out.entity_key_field = fields.optional_text("entity_key_field", {.max = 200});
    out.privilege_level =
        fields.optional_text("privilege_level", {.one_of = {"standard", "elevated", "admin"}});
    out.checkpoint_mode =
        fields.optional_text("checkpoint_mode", {.one_of = {"auto", "visual_queue", "routed"}});
    out.source = fields.optional_object("source");
    out.plugins = optional_list(fields, body, "plugins");
    out.environment = fields.optional_object("environment");
    out.resource_limits = fields.optional_object("resource_limits");
    out.metadata = without_publication(fields.optional_object("metadata"));
    read_avatar(fields, out);
    if (auto error = fields.error())
        return *error;
    if (out.source.present() && out.source.size() > 0) {
        SCAI_TRY(out.module, module_of(out.source));
    }
    return out;
}

scai::Result<Draft> draft_of_manifest(const Value& manifest) {
    const auto core = manifest.get("core");
    if (!core.is_object())
        return bad_field("body.core", "is required: the manifest has no 'core'");
    Fields fields(core, "body.core");
    Draft out;
    out.name = fields.text("name", {.max = longest_core_name});
    out.concurrency_mode = fields.optional_text("mode", {.one_of = {"stateless", "entity", "singleton"}});
    out.entity_key_field = fields.optional_text("entity_key_field", {.max = 200});
    if (!out.entity_key_field)
        out.entity_key_field = core.get("identity").get("entity_key").text();
    out.plugins = optional_list(fields, core, "plugins");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(out.module, module_of(manifest));
    out.source = manifest;
    out.runtime_mode = runtime_mode_of(core);
    const auto meta = core.get("scaiflow_meta");
    auto origin = Value::object();
    for (const auto* key : {"source_id", "source_version", "scaicore_target"})
        if (meta.get(key).present())
            origin.set(key, meta.get(key));
    if (origin.size() > 0)
        out.metadata = Value::object({{"scaiflow", origin}});
    return out;
}

scai::Result<Draft> read_draft(std::string_view content_type, const std::string& body) {
    const auto type = scai::to_lower(scai::trim(content_type.substr(0, content_type.find(';'))));
    const bool yaml = type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" ||
                      type == "text/x-yaml";
    if (!yaml && !type.empty() && type != "application/json" && !type.ends_with("+json"))
        return refusal(scai::ErrorKind::unsupported_media, "VALIDATION_ERROR",
                       "the body must be application/json or application/yaml");
    const auto parsed = yaml ? scai::yaml::parse(body) : scai::json::parse(body);
    if (!parsed)
        return refusal(scai::ErrorKind::bad_request, "VALIDATION_ERROR",
                       (yaml ? "not valid YAML: " : "not valid JSON: ") + parsed.error().message);
    if (!parsed->is_object())
        return bad_field("body", "must be an object");
    // The tree of a manifest is one, whichever way it was written.
    return yaml || (parsed->get("core").is_object() && !parsed->get("name").present())
               ? draft_of_manifest(*parsed)
               : draft_of_fields(*parsed);
}

} // namespace scaigrid::cores
