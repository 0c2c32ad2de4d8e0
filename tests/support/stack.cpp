// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stack.hpp"
#include "tests/support/files.hpp"

#include "lib/base/strings.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace test {

namespace {

std::string bin_folder() {
    const char* named = std::getenv("SCAI_BIN");
    return std::filesystem::absolute(named != nullptr ? named : "build/bin").string();
}

std::string scratch_folder() {
    const char* base = std::getenv("TMPDIR");
    std::string folder = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/scai-stack-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr)
        throw std::runtime_error("mkdtemp " + folder + ": " + std::strerror(errno));
    ::chmod(folder.c_str(), 0711); // PostgreSQL under root runs as another user and has to get in
    return folder;
}

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

} // namespace

int free_port() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error(std::string("no free port: ") + std::strerror(errno));
    ::close(listener);
    return ntohs(address.sin_port);
}

std::pair<std::string, std::string> bearer(const std::string& token) {
    return {"Authorization", "Bearer " + token};
}

Stack::Stack(Environment settings) : environment_(clean_environment()), folder_(scratch_folder()) {
    flow_port_ = free_port();
    do
        key_port_ = free_port();
    while (key_port_ == flow_port_);
    do
        vault_port_ = free_port();
    while (vault_port_ == flow_port_ || vault_port_ == key_port_);
    do
        grid_port_ = free_port();
    while (grid_port_ == flow_port_ || grid_port_ == key_port_ || grid_port_ == vault_port_);
    environment_["STACK_DIR"] = folder_ + "/var";
    environment_["FLOW_PORT"] = std::to_string(flow_port_);
    environment_["KEY_PORT"] = std::to_string(key_port_);
    environment_["VAULT_PORT"] = std::to_string(vault_port_);
    environment_["GRID_PORT"] = std::to_string(grid_port_);
    environment_["SCAI_BIN"] = bin_folder();
    environment_.merge(settings);

    // The guardian takes the stack down when this process is gone, killed or not.
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    guardian_pid_ = ::fork();
    if (guardian_pid_ < 0)
        throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (guardian_pid_ == 0) {
        ::setsid();
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
            std::signal(number, SIG_IGN);
        ::close(ends[1]);
        char byte;
        while (::read(ends[0], &byte, 1) < 0 && errno == EINTR) {
        }
        const auto down = run({"sh", "lib/stack/stack.sh", "down"}, environment_);
        if (down.status == 0 && std::getenv("SCAI_KEEP_STACK") == nullptr)
            std::filesystem::remove_all(folder_);
        ::_exit(down.status);
    }
    ::close(ends[0]);
    guardian_pipe_ = ends[1];

    const auto up = make("up");
    if (up.status != 0)
        throw std::runtime_error("make up failed:\n" + up.all());
}

Stack::~Stack() {
    ::close(guardian_pipe_);
    int status = 0;
    while (::waitpid(guardian_pid_, &status, 0) < 0 && errno == EINTR) {
    }
}

std::string Stack::flow_url() const {
    return "http://127.0.0.1:" + std::to_string(flow_port_);
}
std::string Stack::key_url() const {
    return "http://127.0.0.1:" + std::to_string(key_port_);
}
std::string Stack::vault_url() const {
    return "http://127.0.0.1:" + std::to_string(vault_port_);
}
std::string Stack::grid_url() const {
    return "http://127.0.0.1:" + std::to_string(grid_port_);
}

Stack::Response Stack::send(const std::string& method, const std::string& url_or_path,
                            const std::string& body, Headers headers) const {
    static scai::http::CurlClient client;
    scai::http::Request request;
    request.method = method;
    request.url = url_or_path.starts_with("http") ? url_or_path : flow_url() + url_or_path;
    request.headers = std::move(headers);
    request.body = body;
    request.timeout = std::chrono::seconds(60);
    auto result = client.send(request);
    if (result)
        return std::move(*result);
    Response failed;
    failed.body = result.error().message;
    return failed;
}

Stack::Response Stack::get(const std::string& path, Headers headers) const {
    return send("GET", path, "", std::move(headers));
}

Stack::Response Stack::post(const std::string& path, const scai::json::Value& body, Headers headers) const {
    headers.emplace_back("Content-Type", "application/json");
    return send("POST", path, body.dump(), std::move(headers));
}

namespace {

/// PKCE pair of RFC 7636 appendix B; a test needs no secrecy.
constexpr const char* verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

std::string between(const std::string& text, const std::string& before, char after) {
    const auto start = text.find(before);
    if (start == std::string::npos)
        return "";
    const auto end = text.find(after, start + before.size());
    return text.substr(start + before.size(), end - start - before.size());
}

/// The cookies a browser would send back.
std::string cookies_of(const Stack::Response& response) {
    std::string out;
    for (const auto& [name, value] : response.headers)
        if (scai::iequals(name, "set-cookie"))
            out += (out.empty() ? "" : "; ") + value.substr(0, value.find(';'));
    return out;
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string out;
    for (const auto& [name, value] : fields)
        out += (out.empty() ? "" : "&") + name + "=" + scai::percent_encode(value);
    return out;
}

void expect(bool good, const std::string& what, const Stack::Response& response) {
    if (!good)
        throw std::runtime_error(what + ": status " + std::to_string(response.status) + ", " + response.body);
}

} // namespace

std::string Stack::sign_in_for_code(const std::string& email, const std::string& password) const {
    const auto config = scai::json::parse(get("/v1/auth/config").body);
    if (!config || config->member("auth_mode") != "scaikey")
        throw std::runtime_error("GET /v1/auth/config does not offer a sign-in");
    return code_for({.id = config->member("client_id"),
                     .redirect_uri = flow_url() + "/auth/callback",
                     .scope = "openid profile email offline_access"},
                    email, password);
}

std::string Stack::code_for(const Application& application, const std::string& email,
                            const std::string& password) const {
    const auto authorize = key_url() + "/api/v1/platform/oauth/authorize?" +
                           form({{"response_type", "code"},
                                 {"client_id", application.id},
                                 {"redirect_uri", application.redirect_uri},
                                 {"scope", application.scope},
                                 {"state", "state-of-the-test"},
                                 {"code_challenge", challenge},
                                 {"code_challenge_method", "S256"}});
    const auto page = send("GET", authorize);
    expect(page.status == 200, "GET authorize", page);
    const auto answer = send("POST", authorize,
                             form({{"csrf", between(page.body, "name=\"csrf\" value=\"", '"')},
                                   {"email", email},
                                   {"password", password}}),
                             {{"Content-Type", "application/x-www-form-urlencoded"},
                              {"Cookie", cookies_of(page)},
                              {"Origin", key_url()}});
    const auto location = answer.header("location");
    expect(answer.status / 100 == 3 && location.starts_with(application.redirect_uri + "?"), "sign-in form",
           answer);
    expect(between(location + "&", "state=", '&') == "state-of-the-test", "state in " + location, answer);
    const auto code = scai::percent_decode(between(location + "&", "code=", '&'), true).value_or("");
    expect(!code.empty(), "code in " + location, answer);
    return code;
}

scai::json::Value Stack::exchange_body(const std::string& code) const {
    return scai::json::Value::object(
        {{"code", code}, {"code_verifier", verifier}, {"redirect_uri", flow_url() + "/auth/callback"}});
}

Stack::Tokens Stack::sign_in(const std::string& email, const std::string& password) const {
    const auto answer = post("/v1/auth/exchange", exchange_body(sign_in_for_code(email, password)));
    expect(answer.status == 200, "POST /v1/auth/exchange", answer);
    const auto tokens = scai::json::parse(answer.body).value();
    return {tokens.member("access_token"), tokens.member("refresh_token"), tokens.member("id_token")};
}

std::string Stack::vault_token(const std::string& email, const std::string& password,
                               const std::string& scope) const {
    const Application console{
        .id = "scaivault-console", .redirect_uri = "http://127.0.0.1/callback", .scope = scope};
    const auto answer = send("POST", key_url() + "/api/v1/platform/oauth/token",
                             form({{"grant_type", "authorization_code"},
                                   {"client_id", console.id},
                                   {"code", code_for(console, email, password)},
                                   {"code_verifier", verifier},
                                   {"redirect_uri", console.redirect_uri}}),
                             {{"Content-Type", "application/x-www-form-urlencoded"}});
    expect(answer.status == 200, "token of " + email, answer);
    return scai::json::parse(answer.body).value().member("access_token");
}

std::string Stack::vault_service_token() const {
    const auto secret = trimmed(slurp(environment_.at("STACK_DIR") + "/scaivault-demo.secret"));
    const auto answer = send("POST", key_url() + "/api/v1/auth/tenants/acme/oauth/token",
                             form({{"grant_type", "client_credentials"},
                                   {"client_id", "scaivault-demo"},
                                   {"client_secret", secret}}),
                             {{"Content-Type", "application/x-www-form-urlencoded"}});
    expect(answer.status == 200, "token of scaivault-demo", answer);
    return scai::json::parse(answer.body).value().member("access_token");
}

std::string Stack::admin_token() const {
    if (admin_token_.empty()) {
        const auto secret = trimmed(slurp(environment_.at("STACK_DIR") + "/scaikey-admin.secret"));
        const auto answer = send("POST", key_url() + "/api/v1/platform/oauth/token",
                                 form({{"grant_type", "client_credentials"},
                                       {"client_id", "scai-stack"},
                                       {"client_secret", secret},
                                       {"scope", "admin:read admin:write"}}),
                                 {{"Content-Type", "application/x-www-form-urlencoded"}});
        expect(answer.status == 200, "token of the administrator", answer);
        admin_token_ = scai::json::parse(answer.body).value().member("access_token");
    }
    return admin_token_;
}

Finished Stack::program(const std::string& name, std::vector<std::string> arguments,
                        const std::string& input) const {
    const std::string product = name.substr(0, name.find('-'));
    auto environment = clean_environment();
    environment[product == "scaikey"     ? "SCAIKEY_ENV_FILE"
                : product == "scaivault" ? "SCAIVAULT_ENV_FILE"
                : product == "scaigrid"  ? "SCAIGRID_ENV_FILE"
                                         : "SCAIFLOW_ENV_FILE"] =
        environment_.at("STACK_DIR") + "/" + product + ".env";
    arguments.insert(arguments.begin(), environment_.at("SCAI_BIN") + "/" + name);
    return run(arguments, environment, input);
}

Finished Stack::make(const std::string& command) const {
    return run({"sh", "lib/stack/stack.sh", command}, environment_, "", std::chrono::seconds(300));
}

Finished Stack::service(const std::string& command, const std::string& name) const {
    return run({"sv", "-w", "40", command, environment_.at("STACK_DIR") + "/sv/" + name}, environment_);
}

void Stack::hurry_cron() const {
    // snooze(1) runs its command at once on SIGALRM; a job that runs already is left alone.
    const auto name = std::string("cron-scaikey-job-deliver");
    const auto pid = std::to_string(pid_of(name));
    std::string program = slurp("/proc/" + pid + "/comm");
    if (program == "snooze\n")
        service("alarm", name);
}

int Stack::pid_of(const std::string& service) const {
    const auto text = trimmed(slurp(environment_.at("STACK_DIR") + "/sv/" + service + "/supervise/pid"));
    return text.empty() ? 0 : std::stoi(text);
}

std::string Stack::sql(const std::string& statement) const {
    const auto done =
        run({"sh", "lib/stack/stack.sh", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"}, environment_, statement);
    if (done.status != 0)
        throw std::runtime_error("psql: " + done.all());
    return done.out.substr(0, done.out.find('\n'));
}

std::string Stack::setting(const std::string& name) const {
    const auto text = "\n" + slurp(environment_.at("STACK_DIR") + "/scaiflow.env");
    const auto start = text.find("\n" + name + "=");
    if (start == std::string::npos)
        return "";
    const auto value = text.substr(start + name.size() + 2);
    return value.substr(0, value.find('\n'));
}

std::string Stack::log(const std::string& service) const {
    return slurp(environment_.at("STACK_DIR") + "/log/" + service + "/current");
}

Stack& stack() {
    static Stack shared;
    return shared;
}

Person demo_admin() {
    return {"admin@acme.test", "demo-admin-1"};
}
Person demo_member() {
    return {"bo@acme.test", "demo-user-1"};
}
Person demo_stranger() {
    return {"ida@globex.test", "demo-user-1"};
}
std::string demo_admins_group() {
    return "Platform admins";
}

bool eventually(const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

} // namespace test
