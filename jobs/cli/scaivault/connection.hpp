// How the client commands reach a ScaiVault: address and token from the environment or
// ~/.scaivault/config.json, answers of the API turned into exit codes (contract scaivault.md 9.2, 9.3).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/cli/scaivault/commands.hpp"
#include "lib/base/secret.hpp"
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_general = 1;
inline constexpr int exit_auth = 2;   ///< no token, or one that is not accepted
inline constexpr int exit_denied = 3; ///< scope or policy
inline constexpr int exit_not_found = 4;
inline constexpr int exit_validation = 5; ///< bad arguments, bad input, a conflict

inline constexpr const char* exit_help = "Exit status: 0 done, 1 something went wrong, 2 no valid token, 3 "
                                         "not allowed, 4 not found, 5 the input is not valid.";

struct ConnectionOptions {
    std::string url, tenant;
    bool json = false;
};
/// --url, --tenant, --json.
void add_connection_options(CLI::App& command, ConnectionOptions& options);

/// What ~/.scaivault/config.json (or $SCAIVAULT_CONFIG) holds; written with mode 0600.
struct Config {
    std::string base_url, tenant_id, partner_id;
    scai::SecretText token;
};
Config load_config();
void save_config(const Config& config);
std::string config_file();

class Api {
public:
    /// $SCAIVAULT_URL and $SCAIVAULT_TOKEN go before the file; throws Stop when there is no address or no
    /// token.
    explicit Api(const ConnectionOptions& options);

    struct Answer {
        int status = 0;
        scai::json::Value json;
        scai::SecretText text; ///< the body as it came
    };
    /// Throws Stop for everything but 2xx: the API's own words, and the exit code that belongs to them.
    Answer call(const std::string& method, const std::string& path, std::string_view body = {},
                const scai::http::Headers& headers = {});
    /// 404 is an answer like others.
    std::optional<Answer> find(const std::string& method, const std::string& path,
                               std::string_view body = {});

private:
    Answer send(const std::string& method, const std::string& path, std::string_view body,
                const scai::http::Headers& headers);
    std::string url_, tenant_;
    scai::SecretText token_;
    bool debug_ = false;
    scai::http::CurlClient http_;
};

/// "apps/demo/login" as part of a URL path; throws Stop (exit_validation) for a path no secret can have.
std::string path_segment(const std::string& secret_path);
/// "?a=b&c=d" with empty values left out.
std::string query(const std::vector<std::pair<std::string, std::string>>& pairs);

/// The bytes of a file, or of standard input for "-", or what is typed at a terminal without being shown when
/// both are empty. Throws Stop.
scai::SecretText read_secret_input(const std::string& file, const std::string& prompt);

/// Standard output, checked: a full disk is no success.
void print(std::string_view text);
/// Columns padded to the widest cell; the first row is the heading.
void print_table(const std::vector<std::vector<std::string>>& rows);

} // namespace scaivault::cli
