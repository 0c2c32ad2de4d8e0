// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/package.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/json/place.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "lib/zip/zip.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace scaiflow::catalog {

using scai::Result;
using scai::json::Value;

namespace {

constexpr std::int64_t format_number = 1;
constexpr const char* flow_entry = "flow.json";
constexpr const char* manifest_entry = "manifest.yaml";
constexpr const char* package_entry = "package.json";
constexpr const char* readme_entry = "README.md";
constexpr std::size_t max_package_id = 64;
/// flow.json is indented, the manifest repeats the flow: nothing that we write comes near.
constexpr scai::zip::Limits limits{.max_entries = 4, .max_total = 64U << 20U};

std::string sha256_of(std::string_view bytes) {
    return scai::crypto::to_hex(scai::crypto::sha256(bytes));
}

scai::Error refused(std::string message) {
    return scai::Error{
        .kind = scai::ErrorKind::bad_request, .code = "bad_package", .message = std::move(message)};
}

/// Members in order of their names (contract scaiflow-api.md 10-22).
std::string package_json(const Contents& contents, const PackageInfo& info) {
    const auto hashes =
        Value::object({{"flow", sha256_of(contents.flow)}, {"manifest", sha256_of(contents.manifest)}});
    return Value::object({{"author_id", info.author_id},
                          {"created_at", contents.created_at},
                          {"description", info.description},
                          {"flow_id", contents.flow_id},
                          {"format", format_number},
                          {"name", info.name},
                          {"package_id", info.package_id},
                          {"scaicore_target", contents.scaicore_target},
                          {"sha256", hashes},
                          {"version", info.version}})
               .dump_pretty() +
           "\n";
}

Result<std::string> entry_of(const scai::zip::Files& files, const char* name) {
    const auto found = files.find(name);
    if (found == files.end())
        return refused(std::string("the package has no ") + name);
    if (!scai::valid_utf8(found->second) || found->second.find('\0') != std::string::npos)
        return refused(std::string(name) + " is not UTF-8 text");
    return found->second;
}

Result<Value> object_of(const std::string& text, const char* name) {
    auto value = scai::json::parse(text);
    if (!value)
        return refused(std::string(name) + " is no JSON " + scai::json::place_in(value.error()));
    if (!value->is_object())
        return refused(std::string(name) + " must be a JSON object");
    return value;
}

Result<std::string> text_of(const Value& object, const char* key, std::size_t longest, bool empty_allowed) {
    auto text = object.get(key).text();
    if (!text || text->size() > longest || (text->empty() && !empty_allowed))
        return refused(std::string("package.json: ") + key + " must be a text of " +
                       (empty_allowed ? "at most " : "1 to ") + std::to_string(longest) + " bytes");
    return std::move(*text);
}

Result<PackageInfo> info_of(const Value& object) {
    if (object.get("format").integer() != std::optional(format_number))
        return refused("package.json: format must be " + std::to_string(format_number));
    PackageInfo info;
    SCAI_TRY(info.package_id, text_of(object, "package_id", max_package_id, false));
    if (!valid_package_id(info.package_id))
        return refused("package.json: package_id must be lower-case letters, digits and single dashes");
    SCAI_TRY(info.name, text_of(object, "name", max_name, false));
    SCAI_TRY(info.version, text_of(object, "version", max_version, false));
    if (!graph::valid_semver(info.version))
        return refused("package.json: version must be a semantic version such as 1.0.0");
    SCAI_TRY(info.description, text_of(object, "description", max_description, true));
    SCAI_TRY(info.author_id, text_of(object, "author_id", 255, true));
    return info;
}

scai::Status check_hash(const Value& package, const char* key, const std::string& bytes, const char* entry) {
    if (package.get("sha256").member(key) != sha256_of(bytes))
        return refused(std::string(entry) + " does not match its sha256 in package.json");
    return scai::Done{};
}

} // namespace

Prepared prepare(const Value& content) {
    auto compiled = compiler::compile(content, compiler::Format::yaml);
    Prepared out;
    out.diagnostics = std::move(compiled.diagnostics);
    if (!compiled.body)
        return out;
    const auto read = graph::read(content);
    if (!read.graph)
        throw std::logic_error("a flow that compiles and cannot be read");
    auto& contents = out.contents.emplace();
    contents.flow = graph::format(*read.graph);
    contents.manifest = std::move(*compiled.body);
    contents.flow_id = read.graph->id;
    contents.scaicore_target = read.graph->target();
    contents.created_at = read.graph->metadata.get("created").text();
    return out;
}

std::string pack(const Contents& contents, const PackageInfo& info) {
    scai::zip::Files files{{flow_entry, contents.flow},
                           {manifest_entry, contents.manifest},
                           {package_entry, package_json(contents, info)}};
    if (info.readme)
        files.emplace(readme_entry, *info.readme);
    return scai::zip::pack(files);
}

Built build_package(const Value& content, const PackageInfo& info) {
    auto prepared = prepare(content);
    Built out;
    out.diagnostics = std::move(prepared.diagnostics);
    if (prepared.contents)
        out.bytes = pack(*prepared.contents, info);
    return out;
}

Result<Package> read_package(std::string_view bytes) {
    const auto files = scai::zip::unpack(bytes, limits);
    if (!files)
        return refused(files.error().message);
    constexpr std::array<std::string_view, 4> known{flow_entry, manifest_entry, package_entry, readme_entry};
    for (const auto& [name, content] : *files)
        if (std::find(known.begin(), known.end(), name) == known.end())
            return refused("the entry " + name + " does not belong in a package");
    Package out;
    SCAI_TRY(const auto package_text, entry_of(*files, package_entry));
    SCAI_TRY(out.package_json, object_of(package_text, package_entry));
    SCAI_TRY(out.info, info_of(out.package_json));
    SCAI_TRY(const auto flow_text, entry_of(*files, flow_entry));
    SCAI_TRY([[maybe_unused]] const auto flow_fits,
             check_hash(out.package_json, "flow", flow_text, flow_entry));
    SCAI_TRY(out.content, object_of(flow_text, flow_entry));
    if (const auto read = graph::read(out.content); !read.graph)
        return refused("flow.json is no flow: " +
                       (read.diagnostics.empty() ? "" : read.diagnostics.front().message));
    if (out.package_json.member("flow_id") != out.content.member("id"))
        return refused("package.json: flow_id is not the id of flow.json");
    SCAI_TRY(out.manifest, entry_of(*files, manifest_entry));
    SCAI_TRY([[maybe_unused]] const auto manifest_fits,
             check_hash(out.package_json, "manifest", out.manifest, manifest_entry));
    if (files->contains(readme_entry)) {
        SCAI_TRY(out.info.readme, entry_of(*files, readme_entry));
    }
    return out;
}

bool valid_package_id(std::string_view id) {
    if (id.empty() || id.size() > max_package_id || id.front() < 'a' || id.front() > 'z' || id.back() == '-')
        return false;
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool dash = id[i] == '-';
        if (!dash && !(id[i] >= 'a' && id[i] <= 'z') && !(id[i] >= '0' && id[i] <= '9'))
            return false;
        if (dash && id[i - 1] == '-')
            return false;
    }
    return true;
}

Value fresh_copy(const Package& package) {
    // Read again: values share structure, and the package stays what it is.
    auto content = scai::json::parse(package.content.dump()).value();
    content.set("id", graph::new_id("flow_"));
    content.set("version", "1.0.0");
    auto metadata = content.get("metadata");
    if (!metadata.is_object())
        content.set("metadata", metadata = Value::object());
    metadata.set("source_package", package.info.package_id);
    metadata.set("source_version", package.info.version);
    return content;
}

} // namespace scaiflow::catalog
