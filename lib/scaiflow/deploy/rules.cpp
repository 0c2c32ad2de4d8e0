// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/deploy/rules.hpp"

#include <array>

namespace scaiflow::deploy {

using scai::json::Value;

namespace {

constexpr std::int64_t default_retries = 5;

std::string mode_of(const Value& declared) {
    const auto mode = declared.member("consumer_mode");
    return mode.empty() ? "fifo" : mode;
}

/// ScaiGrid's two fields, or ScaiFlow's one, as ScaiFlow's one; "" when the row says neither.
std::string mode_of_row(const Value& row) {
    const auto ordering = row.member("ordering"), consumers = row.member("consumer_mode");
    if (consumers == "broadcast" || ordering == "broadcast")
        return "broadcast";
    if (!ordering.empty())
        return ordering;
    return consumers == "competing" ? "" : consumers;
}

Value meta_of(const Value& core) {
    const auto source = core.get("source");
    for (const auto& place : {source.get("core"), source, core.get("metadata"), core})
        if (const auto meta = place.get("scaiflow_meta"); meta.is_object())
            return meta;
    return core.get("metadata").get("scaiflow"); // lists leave the source out
}

} // namespace

Value queue_body(const Value& declared) {
    const auto slug = declared.member("slug"), name = declared.member("display_name");
    const auto mode = mode_of(declared);
    const bool broadcast = mode == "broadcast";
    return Value::object({{"slug", slug},
                          {"display_name", name.empty() ? slug : name},
                          {"ordering", broadcast ? "fifo" : mode},
                          {"consumer_mode", broadcast ? "broadcast" : "competing"},
                          {"max_retries", declared.get("max_retries").integer().value_or(default_retries)}});
}

std::string queue_difference(const Value& existing, const Value& declared) {
    const auto there = mode_of_row(existing), wanted = mode_of(declared);
    if (!there.empty() && there != wanted)
        return "consumer_mode " + there + ", the flow declares " + wanted;
    const auto retries = existing.get("max_retries").integer(),
               wanted_retries = declared.get("max_retries").integer();
    if (retries && wanted_retries && *retries != *wanted_retries)
        return "max_retries " + std::to_string(*retries) + ", the flow declares " +
               std::to_string(*wanted_retries);
    return "";
}

std::string id_of(const Value& row, std::string_view also) {
    auto id = row.member("id");
    return id.empty() && !also.empty() ? row.member(also) : id;
}

std::optional<std::string> source_of(const Value& core) {
    return meta_of(core).get("source_id").text();
}

bool is_published(const Value& core) {
    return core.get("metadata").get("published").boolean().value_or(false);
}

std::string published_slug(const Value& core, std::string_view tenant_slug) {
    if (auto slug = core.get("metadata").member("published_slug"); !slug.empty())
        return slug;
    if (auto slug = core.member("published_slug"); !slug.empty())
        return slug;
    auto slug = core.member("slug");
    if (slug.starts_with("scaicore/"))
        return slug;
    return slug.empty() || tenant_slug.empty() ? "" : "scaicore/" + std::string(tenant_slug) + "/" + slug;
}

} // namespace scaiflow::deploy
