// scaiflow deploy: a flow file to ScaiGrid itself, without ScaiFlow's API (contract scaiflow-api.md 4.1).
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaiflow/deploy/pipeline.hpp"
#include "lib/scaiflow/vault/rules.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct DeployOptions {
    std::string flow, api_key, key_file, base_url;
    bool publish = false, no_publish = false, json = false;
};

constexpr const char* public_grid = "https://scaigrid.scailabs.ai";

std::string environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? "" : value;
}

int refuse(const std::string& message) {
    std::fprintf(stderr, "scaiflow: %s\n", printable(message).c_str());
    return exit_usage;
}

/// What it does, on standard error when that is a terminal: ScaiGrid may take its time.
class Progress final : public deploy::Journal {
public:
    explicit Progress(bool shown) : shown_(shown) {}
    scai::Status begin(std::string_view step, const Value&) override {
        if (shown_)
            std::fprintf(stderr, "%.*s ...\n", static_cast<int>(step.size()), step.data());
        return scai::Done{};
    }
    void end(Outcome, const Value&) override {}
    void core(const std::string& core_id) override { core_id_ = core_id; }
    const std::string& core_id() const { return core_id_; }

private:
    bool shown_;
    std::string core_id_;
};

/// exit_ok, or what to exit with.
int read_key(const DeployOptions& options, scai::SecretText& key) {
    std::string text = options.api_key;
    if (text.empty() && !options.key_file.empty()) {
        auto file = read_file(options.key_file);
        if (!file) {
            complain(options.key_file, file.error().message);
            return exit_usage;
        }
        text = scai::trim(*file);
    } else if (text.empty()) {
        text = environment("SCAIGRID_API_KEY");
    }
    if (text.empty())
        return refuse(
            "no key: set SCAIGRID_API_KEY, or name a file with --api-key-file (- is standard input)");
    if (!vault::valid_key(text))
        return refuse("the key must be sgk_ and 8 to 508 further visible ASCII characters");
    key = scai::SecretText(text);
    return exit_ok;
}

int fail(const DeployOptions& options, const scai::Error& error, const std::string& core_id) {
    auto detail = Value::object({{"error", error.code}, {"message", error.message}});
    if (!error.fix.empty())
        detail.set("fix", error.fix);
    if (!core_id.empty())
        detail.set("core_id", core_id);
    for (const auto& [name, value] : error.extra)
        detail.set(name, value);
    if (const auto more = scai::json::parse(error.details))
        more->each_member([&](std::string_view name, const Value& value) {
            if (name != "diagnostics")
                detail.set(name, value);
        });
    if (options.json)
        print(detail.dump() + "\n");
    else
        complain(options.flow,
                 error.code + ": " + error.message + (error.fix.empty() ? "" : "\n  fix: " + error.fix));
    return exit_problems;
}

int run_deploy(const DeployOptions& options) {
    if (options.flow == "-" && options.key_file == "-")
        return refuse("standard input is the flow already: name a file with --api-key-file");
    auto url = options.base_url.empty() ? environment("SCAIGRID_BASE_URL") : options.base_url;
    if (url.empty())
        url = public_grid;
    grid::Credential credential;
    credential.kind = grid::Credential::Kind::server_key;
    credential.base_url = vault::normal_base_url(url);
    if (credential.base_url.empty())
        return refuse("the base URL must be an http or https URL without user, query and fragment");
    if (const int bad = read_key(options, credential.bearer); bad != exit_ok)
        return bad;
    const auto flow = read_flow(options.flow);
    if (flow.exit_code != exit_ok)
        return flow.exit_code;
    const auto publish = options.publish      ? std::optional(true)
                         : options.no_publish ? std::optional(false)
                                              : std::nullopt;
    const auto artefact = deploy::compile(flow.content, publish);
    if (!artefact)
        return fail(options, artefact.error(), {});
    scai::http::CurlClient http;
    grid::Client grid(http, credential, "req_" + scai::crypto::random_id(20));
    Progress progress(!options.json && ::isatty(STDERR_FILENO) == 1);
    const deploy::Known known{.core_id = {}, .search = !artefact->flow_id.empty(), .tenant_slug = {}};
    const auto done = deploy::run(grid, *artefact, known, progress,
                                  std::chrono::steady_clock::now() + deploy::deploy_limit);
    if (!done)
        return fail(options, done.error(), progress.core_id());
    if (options.json)
        return print(
            Value::object({{"core_id", done->core_id}, {"published_slug", done->published_slug}}).dump() +
            "\n");
    return print("core_id=" + printable(done->core_id) + "\n" +
                 (done->published_slug ? "published_slug=" + printable(*done->published_slug) + "\n" : ""));
}

constexpr const char* deploy_footer =
    R"(Compiles the flow and talks to ScaiGrid itself, not to ScaiFlow's API: makes the queues it declares, makes its Core or
replaces the one made of the same flow id, publishes it when asked to. A flow with errors leaves nothing behind;
whatever stops it in the middle, running it again goes on from what is there.

The key comes from --api-key, --api-key-file or SCAIGRID_API_KEY, in this order; other users of the machine can see
what is in --api-key. The address comes from --base-url, SCAIGRID_BASE_URL, or is the public ScaiGrid.

Examples:
  SCAIGRID_API_KEY=sgk_... scaiflow deploy my.flow.json
  scaiflow deploy my.flow.json --api-key-file ~/.scaigrid-key --publish-as-model
  pass scaigrid | scaiflow deploy my.flow.json --api-key-file - --json)";

} // namespace

void add_deploy(CLI::App& app, Command& run) {
    auto options = std::make_shared<DeployOptions>();
    auto* command = app.add_subcommand("deploy", "deploy a flow to ScaiGrid");
    command->footer(std::string(deploy_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flow, "file with flow JSON, - for standard input")->required();
    auto* yes = command->add_flag("--publish-as-model", options->publish, "publish it as a chat model");
    command->add_flag("--no-publish-as-model", options->no_publish, "do not, whatever the flow says")
        ->excludes(yes);
    auto* key = command->add_option("--api-key", options->api_key,
                                    "key of ScaiGrid; visible to others: rather use the next");
    command->add_option("--api-key-file", options->key_file, "file with the key, - for standard input")
        ->type_name("PATH")
        ->excludes(key);
    command->add_option("--base-url", options->base_url, "address of ScaiGrid")->type_name("URL");
    command->add_flag("--json", options->json, "print one JSON object");
    command->callback([options, &run] { run = [options] { return run_deploy(*options); }; });
}

} // namespace scaiflow::cli
