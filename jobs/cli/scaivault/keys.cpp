// scaivault keys: the keys above the secrets. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/server.hpp"
#include "lib/base/clock.hpp"
#include "lib/http/client.hpp"
#include "lib/job/job.hpp"
#include "lib/scaivault/seal/keyring.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <sys/prctl.h>

namespace scaivault::cli {

namespace {

using scai::json::Value;

struct Tools {
    std::optional<scai::db::Pool> pool;
    scai::http::CurlClient http;
    scai::SystemClock clock;
    std::unique_ptr<seal::Kms> kms;
};

std::unique_ptr<Tools> tools_of(const Common& common) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // unwrapped keys pass through here
    const auto settings = load_settings(common);
    auto out = std::make_unique<Tools>();
    auto kms = seal::make_kms(settings, out->http, /*may_create=*/false);
    if (!kms)
        throw Stop(scai::job::exit_config, kms.error().message);
    out->kms = std::move(kms).value();
    open(out->pool, settings);
    return out;
}

[[noreturn]] void stop_by_kind(const scai::Error& error) {
    throw Stop(error.kind == scai::ErrorKind::unavailable ? scai::job::exit_unavailable
                                                          : scai::job::exit_failure,
               error.message);
}

int status(const Common& common) {
    const auto tools = tools_of(common);
    const auto overview = seal::keys_overview(*tools->pool);
    seal::Rotation rotation(*tools->pool, *tools->kms, tools->clock);
    const auto left = rotation.rewrap([] { return false; }, /*dry_run=*/true);
    if (!left)
        stop_by_kind(left.error());
    const bool reachable = static_cast<bool>(tools->kms->check());
    const bool ours = overview.provider.empty() || overview.provider == tools->kms->provider();
    Value counts = Value::array();
    std::string table;
    for (const auto& count : overview.counts) {
        counts.push(Value::object({{"kind", count.kind}, {"state", count.state}, {"keys", count.keys}}));
        table += "  " + count.kind + ", " + count.state + ": " + std::to_string(count.keys) + "\n";
    }
    const Value root =
        overview.root_id.empty()
            ? Value(nullptr)
            : Value::object({{"id", overview.root_id},
                             {"provider", overview.provider},
                             {"reference", overview.reference},
                             {"generation", overview.root_generation},
                             {"since", overview.root_since ? Value(scai::to_iso8601(*overview.root_since))
                                                           : Value(nullptr)}});
    print(common,
          Value::object(
              {{"kms", Value::object({{"provider", tools->kms->provider()}, {"reachable", reachable}})},
               {"root", root},
               {"keys", counts},
               {"retired_keys", left->retired},
               {"stragglers", left->stragglers}}),
          "KMS " + tools->kms->provider() + ": " + (reachable ? "reachable" : "NOT reachable") +
              (ours ? "" : "; the root key in use belongs to " + overview.provider) + "\n" +
              (overview.root_id.empty() ? "no key yet: they are made with the first secret\n"
                                        : "root key generation " + std::to_string(overview.root_generation) +
                                              ": " + overview.reference + "\nkeys:\n" + table) +
              std::to_string(left->stragglers) + " keys or versions hang below a retired key\n");
    return reachable && ours ? 0 : scai::job::exit_unavailable;
}

int done(const Common& common, const std::string& id) {
    print(common, Value::object({{"key_id", id}}),
          "the new key is " + id +
              "; scaivault-job-rewrap wraps anew what the old one wraps (cron runs it every ten minutes)\n");
    return 0;
}

int rotate(const Common& common, const std::string& kind, const std::string& owner) {
    const auto tools = tools_of(common);
    seal::Rotation rotation(*tools->pool, *tools->kms, tools->clock);
    const auto id = kind == "root"      ? rotation.new_root_generation()
                    : kind == "partner" ? rotation.new_partner_generation(owner)
                                        : rotation.new_tenant_generation(owner);
    if (!id)
        stop_by_kind(id.error());
    return done(common, *id);
}

int add_local_key(const Common& common, bool create) {
    const auto settings = load_settings(common);
    if (settings.text("KMS_PROVIDER") != "local")
        throw Stop(scai::job::exit_config, "KMS_PROVIDER is not local: its keys are made at the provider");
    scai::http::CurlClient http;
    const std::string file = settings.text("KMS_LOCAL_KEY_FILE");
    const bool there = static_cast<bool>(seal::make_kms(settings, http, /*may_create=*/false));
    if (const auto kms = seal::make_kms(settings, http, create); !kms)
        throw Stop(scai::job::exit_config,
                   kms.error().message + (create ? "" : " (--create makes a file that is missing)"));
    else if (!there) { // just made, with its first key
        const std::string id = (*kms)->reference().value();
        print(common, Value::object({{"key_id", id}, {"file", file}}),
              "made " + file + " with the key " + id + "\n");
        return 0;
    }
    const auto id = seal::add_local_key(file);
    if (!id)
        throw Stop(scai::job::exit_config, id.error().message);
    print(common, Value::object({{"key_id", *id}, {"file", file}}),
          "added the key " + *id + " to " + file +
              "; copy the file to every host, then run: scaivault keys rotate-root\n");
    return 0;
}

} // namespace

void add_keys(CLI::App& app, Common& common, Command& run) {
    auto* keys = app.add_subcommand("keys", "The keys above the secrets: what there is, and their rotation");
    keys->require_subcommand(1);
    const std::string codes = exit_codes("  1   refused; nothing was changed\n");

    auto* show = keys->add_subcommand("status", "What keys there are and what a rotation has left to do");
    add_common(*show, common);
    show->footer("Ends with 69 when the key management service cannot be reached.\n\n" + codes);
    show->callback([&common, &run] { run = [&common] { return status(common); }; });

    auto* root = keys->add_subcommand("rotate-root", "Use the newest root key of the KMS from now on");
    add_common(*root, common);
    root->footer(
        "First make the new key: scaivault keys add-local-key (local), a key with a label of its own in\n"
        "KMS_KEY_LABEL (pkcs11), a rotation of the transit key (hashicorp); aws rotates by itself. Only the\n"
        "partners' keys are wrapped anew, no secret is touched.\n\n" +
        codes);
    root->callback([&common, &run] { run = [&common] { return rotate(common, "root", ""); }; });

    const auto owner = std::make_shared<std::string>();
    auto* tenant = keys->add_subcommand("rotate-tenant", "A new key for the secrets of one tenant");
    add_common(*tenant, common);
    tenant->add_option("tenant", *owner, "id of the tenant, or partner/<id> for what a partner shares")
        ->required();
    tenant->footer(codes);
    tenant->callback(
        [&common, &run, owner] { run = [&common, owner] { return rotate(common, "tenant", *owner); }; });

    auto* partner = keys->add_subcommand("rotate-partner", "A new key above the tenants of one partner");
    add_common(*partner, common);
    partner->add_option("partner", *owner, "id of the partner")->required();
    partner->footer(codes);
    partner->callback(
        [&common, &run, owner] { run = [&common, owner] { return rotate(common, "partner", *owner); }; });

    const auto create = std::make_shared<bool>(false);
    auto* local = keys->add_subcommand("add-local-key", "Add a new root key to KMS_LOCAL_KEY_FILE");
    add_common(*local, common);
    local->add_flag("--create", *create, "make the file with a first key when it is missing");
    local->footer(codes);
    local->callback(
        [&common, &run, create] { run = [&common, create] { return add_local_key(common, *create); }; });
}

} // namespace scaivault::cli
