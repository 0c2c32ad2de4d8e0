// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/package.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/catalog/rules.hpp"
#include "lib/zip/zip.hpp"
#include "tests/support/flow_json.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

namespace catalog = scaiflow::catalog;
using scai::json::Value;

namespace {

Value hello() {
    using namespace scai::test; // NOLINT(google-build-using-namespace)
    auto content = flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
                        {edge("node_in.out_request", "node_a")});
    content.set("metadata", Value::object({{"created", "2026-05-01T08:00:00Z"}}));
    return content;
}

catalog::PackageInfo info() {
    return {.package_id = "hello",
            .name = "Hello",
            .version = "0.1.0",
            .description = "says hi",
            .author_id = "usr_7k",
            .readme = "# Hello\n"};
}

scai::zip::Files files() {
    return scai::zip::unpack(catalog::build_package(hello(), info()).bytes.value()).value();
}

std::string refusal(const scai::zip::Files& files) {
    const auto package = catalog::read_package(scai::zip::pack(files));
    if (package)
        return "was accepted";
    BOOST_TEST((package.error().kind == scai::ErrorKind::bad_request));
    BOOST_TEST(package.error().code == "bad_package");
    return package.error().message;
}

/// The package with a changed package.json.
std::string refusal_of(const std::function<void(Value&)>& change) {
    auto all = files();
    auto object = scai::json::parse(all["package.json"]).value();
    change(object);
    all["package.json"] = object.dump();
    return refusal(all);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string sha256(std::string_view bytes) {
    return scai::crypto::to_hex(scai::crypto::sha256(bytes));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_catalog_package)

BOOST_AUTO_TEST_CASE(a_package_holds_flow_manifest_facts_and_readme) {
    const auto all = files();
    BOOST_TEST(all.size() == 4U);
    BOOST_TEST(all.at("README.md") == "# Hello\n");
    BOOST_TEST(scai::json::parse(all.at("flow.json")).value().dump(true) == hello().dump(true));
    BOOST_TEST(all.at("flow.json").ends_with("}\n"));
    BOOST_TEST(has(all.at("manifest.yaml"), "core:"));
    const auto package = scai::json::parse(all.at("package.json")).value();
    BOOST_TEST(all.at("package.json").ends_with("}\n"));
    std::string members;
    package.each_member([&](std::string_view key, const Value&) { members += std::string(key) + " "; });
    BOOST_TEST(members ==
               "author_id created_at description flow_id format name package_id scaicore_target sha256 "
               "version ");
    BOOST_TEST(package.get("format").integer().value_or(0) == 1);
    BOOST_TEST(package.member("created_at") == "2026-05-01T08:00:00Z");
    BOOST_TEST(package.member("flow_id") == hello().member("id"));
    BOOST_TEST(package.member("author_id") == "usr_7k");
    BOOST_TEST(package.get("sha256").member("flow") == sha256(all.at("flow.json")));
    BOOST_TEST(package.get("sha256").member("manifest") == sha256(all.at("manifest.yaml")));
}

BOOST_AUTO_TEST_CASE(the_same_flow_and_facts_are_the_same_bytes) {
    const auto one = catalog::build_package(hello(), info()).bytes.value();
    BOOST_TEST((catalog::build_package(hello(), info()).bytes.value() == one));
    // However the file was spelled.
    const auto respelled = scai::json::parse(hello().dump_pretty()).value();
    BOOST_TEST((catalog::build_package(respelled, info()).bytes.value() == one));
    auto other = info();
    other.version = "0.1.1";
    BOOST_TEST((catalog::build_package(hello(), other).bytes.value() != one));
    auto timeless = hello();
    timeless.set("metadata", Value::object());
    const auto no_time = scai::zip::unpack(catalog::build_package(timeless, info()).bytes.value()).value();
    BOOST_TEST(scai::json::parse(no_time.at("package.json")).value().get("created_at").is_null());
}

BOOST_AUTO_TEST_CASE(a_flow_that_does_not_compile_gives_diagnostics_and_no_package) {
    const auto built = catalog::build_package(scai::test::flow({}, {}), info());
    BOOST_TEST(!built.bytes);
    BOOST_TEST(scaiflow::graph::has_errors(built.diagnostics));
    const auto nonsense = catalog::build_package(Value::object({{"nodes", "none"}}), info());
    BOOST_TEST(!nonsense.bytes);
    BOOST_TEST(scaiflow::graph::has_errors(nonsense.diagnostics));
}

BOOST_AUTO_TEST_CASE(what_was_packed_is_read_again) {
    const auto package = catalog::read_package(catalog::build_package(hello(), info()).bytes.value());
    BOOST_REQUIRE_MESSAGE(package, (package ? "" : package.error().message));
    BOOST_TEST(package->info.package_id == "hello");
    BOOST_TEST(package->info.name == "Hello");
    BOOST_TEST(package->info.version == "0.1.0");
    BOOST_TEST(package->info.description == "says hi");
    BOOST_TEST(package->info.author_id == "usr_7k");
    BOOST_TEST(package->info.readme.value_or("") == "# Hello\n");
    BOOST_TEST(package->content.dump(true) == hello().dump(true));
    BOOST_TEST(package->manifest == files().at("manifest.yaml"));

    auto bare = files();
    bare.erase("README.md");
    const auto without = catalog::read_package(scai::zip::pack(bare));
    BOOST_REQUIRE(without);
    BOOST_TEST(!without->info.readme);
}

BOOST_AUTO_TEST_CASE(what_is_no_package_is_refused_by_the_name_of_the_entry) {
    for (const auto* entry : {"flow.json", "manifest.yaml", "package.json"}) {
        auto all = files();
        all.erase(entry);
        BOOST_TEST(has(refusal(all), std::string("has no ") + entry));
        all[entry] = "\xFF";
        BOOST_TEST(has(refusal(all), entry), entry);
        all[entry] = std::string("{}\0", 3);
        BOOST_TEST(has(refusal(all), entry), entry);
    }
    auto all = files();
    all["package.json"] = "[]";
    BOOST_TEST(has(refusal(all), "package.json must be a JSON object"));
    all = files();
    all["run.sh"] = "rm -rf /";
    all.erase("README.md");
    BOOST_TEST(has(refusal(all), "run.sh does not belong"));
    BOOST_TEST(!catalog::read_package("no zip"));
    BOOST_TEST(!catalog::read_package(""));
}

BOOST_AUTO_TEST_CASE(contents_that_do_not_match_their_hash_are_refused) {
    auto all = files();
    all["flow.json"] += " ";
    BOOST_TEST(has(refusal(all), "flow.json does not match its sha256"));
    all = files();
    all["manifest.yaml"] += "\n";
    BOOST_TEST(has(refusal(all), "manifest.yaml does not match its sha256"));
    BOOST_TEST(has(refusal_of([](Value& object) { object.set("sha256", nullptr); }), "sha256"));
}

BOOST_AUTO_TEST_CASE(wrong_facts_are_refused_by_name) {
    const auto with = [](const char* key, const Value& value) {
        return refusal_of([&](Value& object) { object.set(key, value); });
    };
    BOOST_TEST(has(with("format", 2), "format"));
    BOOST_TEST(has(with("format", "1"), "format"));
    BOOST_TEST(has(with("package_id", "Hello World"), "package_id"));
    BOOST_TEST(has(with("package_id", 7), "package_id"));
    BOOST_TEST(has(with("name", ""), "name"));
    BOOST_TEST(has(with("name", std::string(201, 'x')), "name"));
    BOOST_TEST(has(with("version", "1.0"), "version"));
    BOOST_TEST(has(with("description", nullptr), "description"));
    BOOST_TEST(has(with("author_id", Value::array()), "author_id"));
    BOOST_TEST(has(with("flow_id", "flow_other"), "flow_id"));
    // A flow.json that is no flow, with a hash that fits.
    auto all = files();
    all["flow.json"] = "{\"id\":\"x\"}";
    auto object = scai::json::parse(all["package.json"]).value();
    object.get("sha256").set("flow", sha256(all["flow.json"]));
    all["package.json"] = object.dump();
    BOOST_TEST(has(refusal(all), "flow.json is no flow"));
    all["flow.json"] = "{\"id\"";
    object.get("sha256").set("flow", sha256(all["flow.json"]));
    all["package.json"] = object.dump();
    BOOST_TEST(refusal(all) == "flow.json is no JSON (line 1, column 5): it ends too early");
}

BOOST_AUTO_TEST_CASE(package_ids_are_slugs) {
    for (const auto* good : {"a", "hello", "invoice-triage", "a1-2-b3", "x9"})
        BOOST_TEST(catalog::valid_package_id(good), good);
    BOOST_TEST(catalog::valid_package_id(std::string(64, 'a')));
    for (const auto* bad : {"", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "a.b", "ä", "a/b", "a\n"})
        BOOST_TEST(!catalog::valid_package_id(bad), bad);
    BOOST_TEST(!catalog::valid_package_id(std::string(65, 'a')));
}

BOOST_AUTO_TEST_CASE(an_installed_copy_is_new_and_says_where_it_is_from) {
    const auto package = catalog::read_package(catalog::build_package(hello(), info()).bytes.value()).value();
    const auto copy = catalog::fresh_copy(package);
    const auto twin = catalog::fresh_copy(package);
    BOOST_TEST(copy.member("id").starts_with("flow_"));
    BOOST_TEST(copy.member("id") != package.content.member("id"));
    BOOST_TEST(copy.member("id") != twin.member("id"));
    BOOST_TEST(copy.member("version") == "1.0.0");
    BOOST_TEST(copy.get("metadata").member("source_package") == "hello");
    BOOST_TEST(copy.get("metadata").member("source_version") == "0.1.0");
    BOOST_TEST(copy.get("metadata").member("created") == "2026-05-01T08:00:00Z");
    BOOST_TEST(copy.get("nodes").dump() == package.content.get("nodes").dump());
    BOOST_TEST(copy.get("edges").dump() == package.content.get("edges").dump());
    BOOST_TEST(!package.content.get("metadata").get("source_package").present());
}

BOOST_AUTO_TEST_CASE(a_taken_version_gives_the_next_free_patch) {
    using catalog::free_version;
    BOOST_TEST(free_version("0.1.0", {}) == "0.1.0");
    BOOST_TEST(free_version("0.1.0", {"0.1.1", "1.0.0"}) == "0.1.0");
    BOOST_TEST(free_version("0.1.0", {"0.1.0"}) == "0.1.1");
    BOOST_TEST(free_version("0.1.0", {"0.1.2", "0.1.0", "0.1.1"}) == "0.1.3");
    BOOST_TEST(free_version("0.1.9", {"0.1.9"}) == "0.1.10");
    BOOST_TEST(catalog::version_line("1.22.3-rc.1") == "1.22.");
}

BOOST_AUTO_TEST_SUITE_END()
