// The whole stack for tests: what `make up` starts (PostgreSQL, embedded ScaiKey, handlers, nginx, cron) in a
// scratch folder on free ports, by the very same lib/stack/stack.sh. stack() is the one most tests share;
// a test that breaks things makes a Stack of its own. Stopped when the process ends, however it ends.
//
//   auto answer = test::stack().get("/v1/health");
//   auto tokens = test::stack().sign_in("ann@acme.example", "...");
//   auto me = test::stack().get("/v1/me", {test::bearer(tokens.access_token)});
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "tests/support/process.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace test {

/// A port nobody listens on right now.
int free_port();
std::pair<std::string, std::string> bearer(const std::string& token);

class Stack {
public:
    using Headers = scai::http::Headers;
    using Response = scai::http::Response;

    /// Starts it; throws std::runtime_error with everything `make up` printed when that fails. `settings` are
    /// added to its environment (SCAI* variables win over what the stack would write).
    explicit Stack(Environment settings = {});
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    const std::string& folder() const { return folder_; }
    std::string flow_url() const; ///< "http://127.0.0.1:<port>"
    std::string key_url() const;
    std::string vault_url() const;
    std::string grid_url() const;

    // HTTP. A failed transfer gives status 0 and the reason as body.
    Response send(const std::string& method, const std::string& url_or_path, const std::string& body = "",
                  Headers headers = {}) const; ///< a path is one of ScaiFlow's
    Response get(const std::string& path, Headers headers = {}) const;
    Response post(const std::string& path, const scai::json::Value& body, Headers headers = {}) const;

    struct Tokens {
        std::string access_token, refresh_token, id_token;
    };
    /// Authorize with PKCE, the sign-in page's form, POST /v1/auth/exchange. Throws with the answer that was
    /// not as it should be.
    Tokens sign_in(const std::string& email, const std::string& password) const;
    /// The same up to the code, and the body of the exchange that spends it.
    std::string sign_in_for_code(const std::string& email, const std::string& password) const;
    scai::json::Value exchange_body(const std::string& code) const;
    /// A person's token for ScaiVault, by the demo console (authorize with PKCE). `scope` is space separated.
    std::string vault_token(const std::string& email, const std::string& password,
                            const std::string& scope) const;
    /// Of the service account sa:scaivault-demo of the tenant acme: reads, writes, lists and deletes secrets.
    std::string vault_service_token() const;
    /// Token of the stack's own ScaiKey administrator (client credentials, admin:read admin:write).
    std::string admin_token() const;

    /// A program of the build with the env file of its product.
    Finished program(const std::string& name, std::vector<std::string> arguments = {},
                     const std::string& input = "") const;
    /// lib/stack/stack.sh <command> in this stack's environment.
    Finished make(const std::string& command) const;
    /// sv <command> <service>
    Finished service(const std::string& command, const std::string& name) const;
    /// Lets every cron job of the embedded ScaiKey run now instead of at the next full minute.
    void hurry_cron() const;
    int pid_of(const std::string& service) const;        ///< 0 when it is not running
    std::string sql(const std::string& statement) const; ///< as superuser; first column of the first row
    std::string setting(const std::string& name) const;  ///< of scaiflow.env
    std::string log(const std::string& service) const;   ///< its current log file

private:
    struct Application {
        std::string id, redirect_uri, scope;
    };
    std::string code_for(const Application& application, const std::string& email,
                         const std::string& password) const;

    Environment environment_;
    std::string folder_;
    int flow_port_ = 0, key_port_ = 0, vault_port_ = 0, grid_port_ = 0;
    mutable std::string admin_token_;
    int guardian_pid_ = -1, guardian_pipe_ = -1;
};

/// The shared one of this process, with the demo directory.
Stack& stack();

struct Person {
    std::string email, password;
};
Person demo_admin();             ///< super_admin through the group below
Person demo_member();            ///< nobody special, same tenant
Person demo_stranger();          ///< nobody special, of another tenant
std::string demo_admins_group(); ///< the name in SCAIFLOW_SUPER_ADMIN_GROUPS

/// Polls until `done` says yes; false after `limit`.
bool eventually(const std::function<bool()>& done,
                std::chrono::milliseconds limit = std::chrono::seconds(20));

} // namespace test
