// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/versions.hpp"

#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/service.hpp"
#include "lib/scaiflow/flows/store_versions.hpp"
#include "lib/scaiflow/graph/diff.hpp"

#include <stdexcept>

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

Error no_such_version(std::string_view version) {
    constexpr std::size_t longest_echo = 64;
    return Error{.kind = ErrorKind::not_found,
                 .code = "version_not_found",
                 .message = "this flow has no such version",
                 .fix = "GET /v1/flows/{flow_id}/versions lists them",
                 .extra = {{"version", std::string(version.substr(0, longest_echo))}}};
}

Value stored_content(const std::string& text) {
    auto value = scai::json::parse(text);
    if (!value)
        throw std::logic_error("a stored flow is no JSON");
    return std::move(value).value();
}

} // namespace

Result<VersionPage> list_versions(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                  std::int64_t before, std::int64_t limit) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    return store::versions(reader, flow, before, limit);
}

Result<VersionDetail> read_version(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                   std::string_view version) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    auto found = store::version(reader, flow, version);
    if (!found)
        return no_such_version(version);
    return *std::move(found);
}

Result<Value> diff_versions(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                            std::string_view from, std::string_view to) {
    std::optional<VersionDetail> before, after;
    {
        auto reader = pool.read(scope_of(caller));
        SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
        before = store::version(reader, flow, from);
        if (!before)
            return no_such_version(from);
        after = store::version(reader, flow, to);
        if (!after)
            return no_such_version(to);
    }
    auto out = Value::object(
        {{"flow_id", flow_id}, {"from", before->version.version}, {"to", after->version.version}});
    graph::to_json(graph::diff(stored_content(before->content), stored_content(after->content)))
        .each_member([&](std::string_view key, const Value& value) { out.set(key, value); });
    return out;
}

Result<Detail> restore_version(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                               std::string_view version, std::string_view if_match) {
    SCAI_TRY(auto head, open_flow(tx, caller, flow_id, Level::edit, Lock::update));
    SCAI_TRY([[maybe_unused]] const auto holds, check_if_match(tx, head, if_match));
    const auto old = store::version(tx, head, version);
    if (!old)
        return no_such_version(version);
    if (old->version.is_current)
        return Error{.kind = ErrorKind::conflict,
                     .code = "already_current",
                     .message = "the flow is at this version",
                     .extra = {{"version", head.version}}};
    const std::string wrapped = R"({"content":)" + old->content + "}";
    SCAI_TRY(const auto parsed, scai::json::parse(wrapped));
    SCAI_TRY(const auto content, read_content(parsed, wrapped));
    return write_version(tx, caller, std::move(head), content, old->version.version);
}

} // namespace scaiflow::flows
