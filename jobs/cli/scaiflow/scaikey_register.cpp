// scaiflow scaikey-register: from nothing to a first sweep in one command (contract scaiflow-api.md 4.1).
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/secrets.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/strings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/job/job.hpp"
#include "lib/json/value.hpp"
#include "lib/log/log.hpp"
#include "lib/oidc/provider.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/job_product.hpp"
#include "lib/scaiflow/app/settings.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"
#include "lib/scaiflow/registration/rules.hpp"
#include "lib/scaiflow/registration/service.hpp"
#include "lib/scaiflow/roles/roles.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <pwd.h>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

namespace job = scai::job;
using registration::usage;
using scai::json::Value;

constexpr int exit_refused = 77; // EX_NOPERM: ScaiKey does not let this token do it

struct RegisterOptions {
    std::string env_file, scaikey_url, url, name = "ScaiFlow", scope = "GLOBAL", tenant, first_admin;
    std::vector<std::string> redirect_uris;
    std::string admin_token_file, admin_client_id, admin_secret_file;
    bool assign_all_users = false, rotate_secret = false, no_sweep = false, json = false;
};

/// Everything printed at the end, and the lines on the way there.
struct Report {
    bool json;
    Value object = Value::object();
    void line(const char* what, const std::string& state, const std::string& text) const {
        if (!json)
            std::printf("%-12s %-10s %s\n", what, state.c_str(), text.c_str());
        std::fflush(stdout);
    }
    void warn(const std::string& text) {
        auto warnings = object.get("warnings");
        if (!warnings.present())
            object.set("warnings", warnings = Value::array());
        warnings.push(Value(text));
        if (!json)
            std::fprintf(stderr, "warning: %s\n", text.c_str());
    }
};

int exit_code_of(const scai::Error& error) {
    switch (error.kind) {
    case scai::ErrorKind::unauthenticated:
    case scai::ErrorKind::forbidden:
        return exit_refused;
    case scai::ErrorKind::upstream:
    case scai::ErrorKind::timeout:
        return job::exit_unavailable;
    default:
        return error.code == "usage" ? job::exit_usage : job::exit_failure;
    }
}

int failed(Report& report, const scai::Error& error, int exit_code) {
    std::fprintf(stderr, "scaiflow: %s\n", error.message.c_str());
    if (!error.fix.empty())
        std::fprintf(stderr, "  what to do: %s\n", error.fix.c_str());
    if (report.json) {
        report.object.set("error", Value(error.code.empty() ? "failed" : error.code));
        report.object.set("message", Value(error.message));
        std::printf("%s\n", report.object.dump().c_str());
    }
    return exit_code;
}
int failed(Report& report, const scai::Error& error) {
    return failed(report, error, exit_code_of(error));
}
std::string login_name() {
    const auto* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

/// The file that will hold the settings: named, or where every program looks first.
std::string target_file(const RegisterOptions& options) {
    if (!options.env_file.empty())
        return options.env_file;
    if (const char* named = std::getenv(std::string(settings_source.env_file_variable).c_str());
        named != nullptr && *named != '\0')
        return named;
    return "/etc/scai/scaiflow.env";
}

scai::Result<registration::Wish> wish_from(const RegisterOptions& options,
                                           const scai::config::Settings& settings) {
    registration::Wish wish;
    const auto scaikey =
        options.scaikey_url.empty() ? settings.text("SCAIKEY_BASE_URL") : options.scaikey_url;
    const auto url = options.url.empty() ? settings.text("SCAIFLOW_PUBLIC_URL") : options.url;
    SCAI_TRY(wish.scaikey_url, registration::clean_url(scaikey, "--scaikey-url (or SCAIKEY_BASE_URL)"));
    SCAI_TRY(wish.public_url, registration::clean_url(url, "--url (or SCAIFLOW_PUBLIC_URL)"));
    if (options.scope == "TENANT" && options.tenant.empty())
        return usage("--scope TENANT needs --tenant ID");
    wish.name = options.name;
    wish.scope = options.scope;
    if (options.scope == "TENANT")
        wish.tenant_id = options.tenant;
    wish.redirect_uris = registration::redirect_uris_for(wish.public_url);
    for (const auto& uri : options.redirect_uris) {
        SCAI_TRY(auto clean, registration::clean_url(uri, "--redirect-uri"));
        wish.redirect_uris.push_back(std::move(clean));
    }
    wish.allowed_scopes = registration::wanted_scopes();
    wish.webhook_url = wish.public_url + "/api/v1/webhooks/scaikey";
    wish.assign_all_users = options.assign_all_users;
    wish.rotate_secret = options.rotate_secret;
    return wish;
}

scai::Result<scai::SecretText> admin_token(const RegisterOptions& options, const std::string& scaikey_url,
                                           scai::http::Client& client, const scai::Clock& clock) {
    if (options.admin_client_id.empty())
        return read_secret(options.admin_token_file, "SCAIKEY_ADMIN_TOKEN", "ScaiKey admin token");
    SCAI_TRY(const auto secret, read_secret(options.admin_secret_file, "SCAIKEY_ADMIN_CLIENT_SECRET",
                                            "client secret of " + options.admin_client_id));
    scai::oidc::ProviderSettings settings;
    settings.base_url = scaikey_url;
    settings.client_id = options.admin_client_id;
    settings.client_secret = std::string(secret.reveal());
    scai::oidc::Provider provider(std::move(settings), client, clock);
    auto token = provider.client_credentials("admin:read admin:write");
    if (token)
        return std::move(token->access_token);
    auto error = token.error();
    if (error.kind == scai::ErrorKind::bad_request)
        error.kind = scai::ErrorKind::unauthenticated;
    error.message = "ScaiKey gives " + options.admin_client_id + " no admin token: " + error.message;
    return error;
}

/// Proves that what was written works, before anybody relies on it.
scai::Status prove_credentials(const registration::Wish& wish, const registration::Outcome& outcome,
                               scai::http::Client& client, const scai::Clock& clock, Report& report) {
    scai::oidc::ProviderSettings settings;
    settings.base_url = wish.scaikey_url;
    settings.client_id = outcome.client_id;
    settings.client_secret = std::string(outcome.client_secret.reveal());
    scai::oidc::Provider provider(std::move(settings), client, clock);
    const auto token = provider.client_credentials("");
    if (!token) {
        auto error = token.error();
        error.message = "ScaiKey refuses the credentials of the application: " + error.message;
        error.fix = "replace the secret with --rotate-secret";
        return error;
    }
    const auto granted = scai::split_list(token->scope, ' ');
    for (const char* needed : {"admin:read", "groups:read"})
        if (std::find(granted.begin(), granted.end(), needed) == granted.end())
            report.warn("the credentials lack " + std::string(needed) +
                        (std::string(needed) == "admin:read"
                             ? ": sweeps walk the groups' members instead of one list"
                             : ": sweeps may see no groups"));
    report.line("credentials", "work", "scopes: " + token->scope);
    return scai::Done{};
}

scai::Status bootstrap_first_admin(const RegisterOptions& options, const scai::config::Settings& settings,
                                   Report& report) {
    auto pool_settings_of_cli = pool_settings(settings, "cli");
    pool_settings_of_cli.size = 1;
    scai::db::Pool pool(pool_settings_of_cli);
    const roles::Cause cause{"cli:" + login_name(),
                             Value::object({{"command", "scaiflow scaikey-register"}})};
    const std::optional<std::string> tenant =
        options.tenant.empty() ? std::nullopt : std::optional(options.tenant);
    const auto done = scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        return roles::grant_pending(tx, options.first_admin, tenant, "super_admin", "bootstrap", cause);
    });
    if (!done)
        return done.error();
    report.object.set("first_admin", Value(options.first_admin));
    report.line("first admin", "pending",
                options.first_admin + " becomes super_admin when a sweep sees the account");
    return scai::Done{};
}

void show_progress(const scai::directory::Progress& progress) {
    static std::string last_phase; // one sweep a process; lines only, so that it reads the same in a log
    const auto phase = progress.tenant_id + " " + progress.phase;
    if (::isatty(STDERR_FILENO) == 1) {
        std::fprintf(stderr, "\r\033[K  %s %llu", phase.c_str(),
                     static_cast<unsigned long long>(progress.done));
        if (progress.total != 0)
            std::fprintf(stderr, " of %llu", static_cast<unsigned long long>(progress.total));
        std::fflush(stderr);
    } else if (phase != last_phase) {
        std::fprintf(stderr, "  %s\n", phase.c_str());
    }
    last_phase = phase;
}

int first_sweep(const RegisterOptions& options, const std::string& env_file, Report& report) {
    auto settings = scai::config::Settings::load(settings_table, settings_source, env_file);
    if (!settings)
        return failed(report, settings.error(), job::exit_config);
    Context context(std::move(*settings), "jobs", real_edges());
    mirror::SweepOptions sweep_options;
    sweep_options.trigger = "register";
    sweep_options.actor = "cli:" + login_name();
    if (!options.json)
        sweep_options.progress = show_progress;
    const auto result = mirror::sweep(context, sweep_options);
    if (options.json) {
        report.object.set("sweep", mirror::to_json(result, false));
    } else {
        std::fputs(::isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "", stderr);
        std::fputs(mirror::to_text(result, false).c_str(), stdout);
    }
    return result.exit_code;
}

std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

scai::Result<std::string> save(const registration::Wish& wish, const registration::Outcome& outcome,
                               const RegisterOptions& options, const std::string& file) {
    std::vector<std::pair<std::string, std::string_view>> lines{
        {"SCAIKEY_BASE_URL", wish.scaikey_url},
        {"SCAIFLOW_SCAIKEY_CLIENT_ID", outcome.client_id},
        {"SCAIFLOW_SCAIKEY_CLIENT_SECRET", outcome.client_secret.reveal()}};
    // A loopback address has two names; the Host header says which one the browser used.
    if (!registration::is_loopback(wish.public_url))
        lines.emplace_back("SCAIFLOW_PUBLIC_URL", wish.public_url);
    if (!outcome.webhook_secret.empty())
        lines.emplace_back("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", outcome.webhook_secret.reveal());
    if (!wish.tenant_id.empty())
        lines.emplace_back("SCAIKEY_TENANT_ID", options.tenant);
    SCAI_TRY([[maybe_unused]] const auto done, registration::write_env_file(file, lines));
    std::string shadowed;
    for (const auto& [name, value] : lines)
        if (const char* real = std::getenv(name.c_str()); real != nullptr && *real != '\0' && value != real)
            shadowed += (shadowed.empty() ? "" : ", ") + name;
    return shadowed;
}

void report_outcome(Report& report, const registration::Wish& wish, const registration::Outcome& outcome,
                    const std::string& file, bool as_before) {
    report.object.set("application", Value::object({{"id", outcome.application_id},
                                                    {"client_id", outcome.client_id},
                                                    {"change", outcome.application_change}}));
    report.object.set("webhook", Value::object({{"id", outcome.webhook_id},
                                                {"url", wish.webhook_url},
                                                {"change", outcome.webhook_change}}));
    report.object.set("env_file", Value(file));
    report.line("application", outcome.application_change, wish.name + ", client id " + outcome.client_id);
    report.line("webhook", outcome.webhook_change, wish.webhook_url);
    report.line("settings", as_before ? "unchanged" : "written", file);
    for (const auto& warning : outcome.warnings)
        report.warn(warning);
}

/// The exit code when the first sweep could not begin: said before ScaiKey is changed.
int check_database(const scai::config::Settings& settings, Report& report) {
    std::string problem;
    try {
        scai::db::Pool pool(pool_settings(settings, "cli"));
        problem = job::schema_problem(pool, job_product());
    } catch (const scai::db::Error& error) {
        return failed(report,
                      usage("the database cannot be reached (SQLSTATE " + error.sqlstate() +
                            "): is PostgreSQL running, and does DATABASE_URL say where?"),
                      job::exit_unavailable);
    }
    return problem.empty() ? 0 : failed(report, usage(problem), job::exit_config);
}

int run_register(const RegisterOptions& options) {
    Report report{options.json};
    scai::log::configure("scaiflow", "warn");
    const auto file = target_file(options);
    // Before ScaiKey is asked for a secret it tells once: can it be kept?
    if (const auto writable = registration::write_env_file(file, {}); !writable)
        return failed(report, writable.error(), job::exit_config);
    const auto settings = scai::config::Settings::load(settings_table, settings_source, file);
    if (!settings)
        return failed(report, settings.error(), job::exit_config);
    const bool needs_database = !options.no_sweep || !options.first_admin.empty();
    if (needs_database && !settings->has("DATABASE_URL") && !settings->has("SCAIFLOW_DB_URL"))
        return failed(
            report,
            usage("DATABASE_URL is not set in " + file + ": the first sweep needs it (or --no-sweep)"),
            job::exit_config);
    if (needs_database)
        if (const int code = check_database(*settings, report))
            return code;
    const auto wish = wish_from(options, *settings);
    if (!wish)
        return failed(report, wish.error());

    const scai::SystemClock clock;
    scai::http::CurlClient client;
    const auto token = admin_token(options, wish->scaikey_url, client, clock);
    if (!token)
        return failed(report, token.error());
    registration::Known known;
    known.client_id = settings->text("SCAIFLOW_SCAIKEY_CLIENT_ID");
    known.client_secret = settings->secret("SCAIFLOW_SCAIKEY_CLIENT_SECRET");
    known.webhook_secret = settings->secret("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    const auto outcome = registration::apply(client, *wish, token->reveal(), known);
    if (!outcome)
        return failed(report, outcome.error());
    const auto before = text_of(file);
    const auto shadowed = save(*wish, *outcome, options, file);
    if (!shadowed)
        return failed(report, shadowed.error(), job::exit_config);
    report_outcome(report, *wish, *outcome, file, text_of(file) == before);
    if (!shadowed->empty())
        report.warn("also set in the environment, which wins over the file: " + *shadowed);
    if (const auto proof = prove_credentials(*wish, *outcome, client, clock, report); !proof)
        return failed(report, proof.error());

    if (!options.first_admin.empty())
        if (const auto done = bootstrap_first_admin(options, *settings, report); !done)
            return failed(report, done.error());
    int code = outcome->webhook_change == "failed" ? job::exit_unavailable : job::exit_ok;
    if (!options.no_sweep) {
        const int swept = first_sweep(options, file, report);
        code = swept != 0 ? swept : code;
    }
    if (options.json)
        std::printf("%s\n", report.object.dump().c_str());
    return code;
}

constexpr const char* description =
    R"(Registers this ScaiFlow with a ScaiKey: creates the application (type WEB, with the scopes sign-in and
sweeps need) and the webhook subscription, writes the settings into the env file, proves that they work and
runs the first sweep. Run again it changes only what is missing: a second application is never made.

Who may do it: a super_admin of ScaiKey, with an access token (--admin-token-file or SCAIKEY_ADMIN_TOKEN), or
a GLOBAL SERVICE application with admin:read and admin:write (--admin-client-id, its secret from
--admin-secret-file or SCAIKEY_ADMIN_CLIENT_SECRET). What is missing is asked for at a terminal. Secrets are
never taken from arguments and never printed.)";
constexpr const char* register_footer =
    R"(The file written is --env-file, else $SCAIFLOW_ENV_FILE, else /etc/scai/scaiflow.env; other lines in it stay, its
mode becomes 0600. Written: SCAIKEY_BASE_URL, SCAIFLOW_PUBLIC_URL (not a loopback one), SCAIFLOW_SCAIKEY_CLIENT_ID,
SCAIFLOW_SCAIKEY_CLIENT_SECRET, SCAIFLOW_SCAIKEY_WEBHOOK_SECRET, and SCAIKEY_TENANT_ID with --scope TENANT.
Restart the handlers afterwards: they read their settings when they start.

Exit status: 0 registered and swept; 1 refused, nothing written; 64 usage; 69 ScaiKey unavailable; 77 the admin
token may not do this; 78 settings; otherwise that of the sweep (65 breaker, 75 another sweep runs).

Example:
  scaiflow scaikey-register --scaikey-url https://key.example --url https://flow.example \
      --admin-token-file token.txt --first-admin ann@example.com)";

} // namespace

void add_scaikey_register(CLI::App& app, Command& run) {
    auto options = std::make_shared<RegisterOptions>();
    auto* command =
        app.add_subcommand("scaikey-register", "register this ScaiFlow with a ScaiKey, then sweep");
    command->footer(std::string(description) + "\n\n" + register_footer);
    command->add_option("--env-file", options->env_file, "settings to read and to write")->type_name("FILE");
    command->add_option("--scaikey-url", options->scaikey_url, "base URL of ScaiKey; else SCAIKEY_BASE_URL")
        ->type_name("URL");
    command->add_option("--url", options->url, "public URL of this ScaiFlow; else SCAIFLOW_PUBLIC_URL")
        ->type_name("URL");
    command->add_option("--name", options->name, "name of the application")->capture_default_str();
    command->add_option("--scope", options->scope, "reach of the application")
        ->check(CLI::IsMember({"GLOBAL", "TENANT"}))
        ->capture_default_str();
    command
        ->add_option("--tenant", options->tenant, "tenant id of a TENANT application, and of --first-admin")
        ->type_name("ID");
    command
        ->add_option("--redirect-uri", options->redirect_uris, "further redirect URI, exact; may be repeated")
        ->type_name("URL");
    auto* token_file = command->add_option("--admin-token-file", options->admin_token_file,
                                           "file with a ScaiKey admin token, - for standard input");
    token_file->type_name("FILE");
    auto* client_id = command->add_option("--admin-client-id", options->admin_client_id,
                                          "client id of a ScaiKey SERVICE application to act as");
    client_id->type_name("ID")->excludes(token_file);
    command
        ->add_option("--admin-secret-file", options->admin_secret_file,
                     "file with its secret, - for standard input")
        ->type_name("FILE")
        ->needs(client_id);
    command
        ->add_option("--first-admin", options->first_admin,
                     "e-mail of who becomes super_admin as soon as the mirror knows the account")
        ->type_name("EMAIL")
        ->check([](const std::string& value) {
            const auto at = value.find('@');
            return at == std::string::npos || at == 0 || at + 1 == value.size() ? "not an e-mail address"
                                                                                : "";
        });
    command->add_flag("--assign-all-users", options->assign_all_users,
                      "embedded ScaiKey: every user of every tenant may use the application");
    command->add_flag("--rotate-secret", options->rotate_secret,
                      "replace the secret of an application that exists already");
    command->add_flag("--no-sweep", options->no_sweep, "register only");
    command->add_flag("--json", options->json, "print one JSON object");
    command->callback([options, &run] { run = [options] { return run_register(*options); }; });
}

} // namespace scaiflow::cli
