// The embedded provider in-process: its own database, its own clock, a browser with cookies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaikey/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/scaikey/app/gate.hpp"
#include "lib/scaikey/app/settings.hpp"
#include "tests/support/postgres.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey_test {

using Fields = std::map<std::string, std::string, std::less<>>;
using scai::web::Response;

inline constexpr std::int64_t start_time = 1779264000;
inline constexpr auto issuer = "http://key.localhost";
inline constexpr auto password = "correct horse battery staple";
// RFC 7636 appendix B
inline constexpr auto verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr auto challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
inline constexpr auto redirect_uri = "https://flow.test/auth/callback";

/// Time of all processes of one test.
using Now = std::shared_ptr<std::atomic<std::int64_t>>;

class TestClock final : public scai::Clock {
public:
    explicit TestClock(Now now) : now_(std::move(now)) {}
    scai::UtcTime now() const override { return scai::from_unix_seconds(now_->load()); }

private:
    Now now_;
};

/// One process of the provider.
struct Process {
    Process(const std::string& database_url, Now now, Fields more_settings = {});

    Response send(std::string_view method, std::string_view path_and_query, const Fields& headers = {},
                  const std::string& body = "") const;
    Response get(std::string_view path_and_query, const Fields& headers = {}) const {
        return send("GET", path_and_query, headers);
    }
    Response post(std::string_view path_and_query, const Fields& form, const Fields& headers = {}) const;

    scaikey::Context context;
    scai::web::Router router;
};

/// Database with a small directory, one process.
struct Provider {
    explicit Provider(Fields more_settings = {});

    std::int64_t time() const { return now->load(); }
    void pass(std::int64_t seconds) { now->fetch_add(seconds); }

    test::Database db;
    Now now;
    Process process;

    // What the directory holds; every person's password is `password`.
    //   tenants acme (tnt_acme, partner prt_north), bolt (tnt_bolt), dark (tnt_dark, SUSPENDED)
    //   bo@acme.test in acme, member of grp_dev inside grp_all; admin@acme.test, tenant_admin, in acme
    //   both@x.test in acme and bolt; off@acme.test SUSPENDED in acme; dee@dark.test in dark
    //   clients web (GLOBAL WEB), spa (GLOBAL SPA), native (GLOBAL NATIVE), acme (TENANT WEB of acme),
    //   north (PARTNER SERVICE of prt_north); the secret of the confidential ones is "<client_id>-secret"
};

/// Keeps cookies; knows the last page.
struct Browser {
    explicit Browser(const Process& the_process) : process(&the_process) {}

    const Response& open(const std::string& path_and_query);
    /// Posts the form of the last page: its hidden fields and `fields`.
    const Response& submit(const Fields& fields);
    const Response& sign_in(const std::string& path_and_query, const std::string& email = "bo@acme.test",
                            const std::string& with_password = password);

    const Process* process;
    Fields cookies;
    std::string url;
    Response last;

private:
    const Response& keep(Response response);
    Fields headers() const;
};

std::string header(const Response& response, std::string_view name);
std::vector<std::string> headers_of(const Response& response, std::string_view name);
std::string query_of(const Fields& fields); ///< a=b&c=d
Fields parameters(std::string_view url);    ///< of the query of a URL
std::string hidden_field(const std::string& html, std::string_view name);
bool has(std::string_view text, std::string_view part);
scai::json::Value json_of(const Response& response);
scai::json::Value claims_of(std::string_view token);
std::string kid_of(std::string_view token);
std::string basic(std::string_view client_id); ///< Authorization with its secret

/// Query of a good authorization request; `changes` replace, and "" removes.
Fields authorize_fields(const std::string& client_id, const Fields& changes = {});
std::string authorize_url(const std::string& client_id, const Fields& changes = {},
                          const std::string& slug = "");
std::string token_path(const std::string& slug = "");
/// Signs bo in and returns the code.
std::string code_for(const Provider& provider, const std::string& client_id, const Fields& changes = {},
                     const std::string& slug = "", const std::string& email = "bo@acme.test");
Response exchange(const Process& process, const std::string& client_id, const std::string& code,
                  const Fields& changes = {}, const std::string& slug = "");
Response refresh(const Process& process, const std::string& client_id, const std::string& token,
                 const Fields& changes = {});
/// Tokens of bo for a client.
scai::json::Value tokens_for(const Provider& provider, const std::string& client_id,
                             const Fields& changes = {});

} // namespace scaikey_test
