// The commands of `scaivault`, one file each: the function adds its options to the parser and sets what runs.
// Some ask a ScaiVault over HTTP, some work on the server's own database; which settings they read differs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace scaivault::cli {

using Command = std::function<int()>;

/// Options every command on the server takes.
struct Common {
    std::string env_file;
    bool json = false;
};

/// Ends the program with this code; what() goes to standard error.
class Stop : public std::runtime_error {
public:
    Stop(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    int code() const { return code_; }

private:
    int code_;
};

// On the server's own database.
void add_migrate(CLI::App& app, Common& common, Command& run);
void add_bootstrap(CLI::App& app, Common& common, Command& run);
void add_audit(CLI::App& app, Common& common, Command& run);
void add_keys(CLI::App& app, Common& common, Command& run);
void add_grant(CLI::App& app, Common& common, Command& run);

// Clients of the API.
void add_config(CLI::App& app, Command& run);
void add_auth(CLI::App& app, Command& run);
void add_secrets(CLI::App& app, Command& run);
void add_secrets_read(CLI::App& secrets, Command& run);
void add_secrets_write(CLI::App& secrets, Command& run);
void add_run(CLI::App& app, Command& run);
void add_render(CLI::App& app, Command& run);
void add_import(CLI::App& app, Command& run);
void add_policies(CLI::App& app, Command& run);
void add_rotation(CLI::App& app, Command& run);
void add_webhooks(CLI::App& app, Command& run);
void add_identity(CLI::App& app, Command& run);
void add_audit_logs(CLI::App& audit, Command& run);

} // namespace scaivault::cli
