// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/connection.hpp"

#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace scaivault::cli {

using scai::json::Value;

namespace {

constexpr std::size_t max_input = 2U << 20U;
constexpr std::size_t max_path = 512;

std::string environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? "" : value;
}

/// Echo is switched back on whatever happens.
class NoEcho {
public:
    NoEcho() {
        active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (active_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~NoEcho() {
        if (active_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
    bool active_ = false;
};

scai::SecretText take(std::string& text) {
    scai::SecretText out(text);
    explicit_bzero(text.data(), text.size());
    return out;
}

int exit_code_of(int status) {
    switch (status) {
    case 401:
        return exit_auth;
    case 403:
        return exit_denied;
    case 404:
        return exit_not_found;
    case 400:
    case 409:
    case 412:
    case 413:
    case 422:
        return exit_validation;
    default:
        return exit_general;
    }
}

/// "access_denied: no policy allows read on 'apps/x' (req_1)", and a line for each field.
std::string words_of(int status, const Value& body) {
    const auto error = body.get("error");
    if (!error.is_object())
        return "the server answered " + std::to_string(status);
    std::string out = error.member("code") + ": " + error.member("message");
    error.get("details").get("fields").each_item(
        [&](const Value& field) { out += "\n  " + field.member("field") + ": " + field.member("message"); });
    if (const auto failed = error.get("details").member("failed_condition"); !failed.empty())
        out += " (" + failed + ")";
    if (const auto id = error.member("request_id"); !id.empty())
        out += " [" + id + "]";
    return out;
}

} // namespace

void add_connection_options(CLI::App& command, ConnectionOptions& options) {
    command.add_option("--url", options.url,
                       "address of the ScaiVault; else $SCAIVAULT_URL, else the saved base_url");
    command.add_option(
        "--tenant", options.tenant,
        "act in this tenant; else $SCAIVAULT_TENANT_ID, else the saved tenant_id, else the token's");
    command.add_flag("--json", options.json, "print the API's answer");
}

std::string config_file() {
    if (auto file = environment("SCAIVAULT_CONFIG"); !file.empty())
        return file;
    const auto home = environment("HOME");
    if (home.empty())
        throw Stop(exit_general, "HOME is not set: name the settings file in SCAIVAULT_CONFIG");
    return home + "/.scaivault/config.json";
}

Config load_config() {
    Config out;
    std::ifstream in(config_file());
    if (!in)
        return out;
    std::stringstream text;
    text << in.rdbuf();
    const auto parsed = scai::json::parse(text.str());
    if (!parsed || !parsed->is_object())
        throw Stop(exit_general, config_file() + " is not a JSON object");
    out.base_url = parsed->member("base_url");
    out.tenant_id = parsed->member("tenant_id");
    out.partner_id = parsed->member("partner_id");
    out.token = scai::SecretText(parsed->member("token"));
    return out;
}

void save_config(const Config& config) {
    const auto file = config_file();
    const auto folder = file.substr(0, file.find_last_of('/'));
    if (!folder.empty() && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw Stop(exit_general,
                   "cannot make " + folder + ": " + std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    auto out = Value::object();
    const auto keep = [&](const char* key, std::string_view value) {
        if (!value.empty())
            out.set(key, value);
    };
    keep("base_url", config.base_url);
    keep("tenant_id", config.tenant_id);
    keep("partner_id", config.partner_id);
    keep("token", config.token.reveal());
    auto text = out.dump_pretty() + "\n";
    const auto fresh = file + ".new";
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool good = descriptor >= 0 && ::fchmod(descriptor, 0600) == 0 &&
                      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                      ::fsync(descriptor) == 0;
    if (descriptor >= 0)
        ::close(descriptor);
    explicit_bzero(text.data(), text.size());
    if (!good || std::rename(fresh.c_str(), file.c_str()) != 0) {
        ::unlink(fresh.c_str());
        throw Stop(exit_general, "cannot write " + file);
    }
}

Api::Api(const ConnectionOptions& options) : debug_(environment("SCAIVAULT_DEBUG") == "1") {
    auto config = load_config();
    url_ = !options.url.empty() ? options.url : environment("SCAIVAULT_URL");
    if (url_.empty())
        url_ = config.base_url;
    while (url_.ends_with('/'))
        url_.pop_back();
    if (url_.empty())
        throw Stop(exit_validation, "no address: set SCAIVAULT_URL, or `scaivault config set base_url URL`");
    tenant_ = !options.tenant.empty() ? options.tenant : environment("SCAIVAULT_TENANT_ID");
    if (tenant_.empty())
        tenant_ = config.tenant_id;
    auto token = environment("SCAIVAULT_TOKEN");
    token_ = token.empty() ? std::move(config.token) : take(token);
    if (token_.empty())
        throw Stop(exit_auth, "no token: set SCAIVAULT_TOKEN, or `scaivault auth login`");
}

Api::Answer Api::send(const std::string& method, const std::string& path, std::string_view body,
                      const scai::http::Headers& headers) {
    scai::http::Request request;
    request.method = method;
    request.url = url_ + path;
    request.headers = headers;
    request.headers.emplace_back("Authorization", "Bearer " + std::string(token_.reveal()));
    request.headers.emplace_back("Accept", "application/json");
    if (!tenant_.empty())
        request.headers.emplace_back("X-Tenant-ID", tenant_);
    if (!body.empty()) {
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = body;
    }
    request.timeout = std::chrono::seconds(75); // longer than the longest poll
    request.retries = method == "GET" ? 2 : 0;
    auto response = http_.send(request);
    explicit_bzero(request.body.data(), request.body.size());
    if (!response)
        throw Stop(exit_general, response.error().message);
    if (debug_)
        std::fprintf(stderr, "scaivault: %s %s -> %d %s\n", method.c_str(), path.c_str(), response->status,
                     response->header("X-Request-ID").c_str());
    Answer out;
    out.status = response->status;
    if (auto parsed = scai::json::parse(response->body))
        out.json = std::move(*parsed);
    out.text = take(response->body);
    return out;
}

Api::Answer Api::call(const std::string& method, const std::string& path, std::string_view body,
                      const scai::http::Headers& headers) {
    auto answer = send(method, path, body, headers);
    if (answer.status < 200 || answer.status > 299)
        throw Stop(exit_code_of(answer.status), words_of(answer.status, answer.json));
    return answer;
}

std::optional<Api::Answer> Api::find(const std::string& method, const std::string& path,
                                     std::string_view body) {
    auto answer = send(method, path, body, {});
    if (answer.status == 404)
        return std::nullopt;
    if (answer.status < 200 || answer.status > 299)
        throw Stop(exit_code_of(answer.status), words_of(answer.status, answer.json));
    return answer;
}

std::string path_segment(const std::string& secret_path) {
    const bool good =
        !secret_path.empty() && secret_path.size() <= max_path && secret_path.front() != '/' &&
        secret_path.back() != '/' && secret_path.find("//") == std::string::npos &&
        std::all_of(secret_path.begin(), secret_path.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
        });
    if (!good)
        throw Stop(exit_validation,
                   "\"" + secret_path +
                       "\" is no path of a secret: lower-case letters, digits, - and _ in at most 10 "
                       "segments with / between them");
    return secret_path;
}

std::string query(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string out;
    for (const auto& [name, value] : pairs)
        if (!value.empty())
            out += (out.empty() ? "?" : "&") + name + "=" + scai::percent_encode(value);
    return out;
}

scai::SecretText read_secret_input(const std::string& file, const std::string& prompt) {
    std::string text;
    if (file.empty()) {
        if (::isatty(STDIN_FILENO) != 1)
            throw Stop(exit_validation, prompt + " is missing: give it in a file or on standard input (-)");
        std::fprintf(stderr, "%s: ", prompt.c_str());
        const NoEcho quiet;
        std::getline(std::cin, text);
        std::fputc('\n', stderr);
        return take(text);
    }
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened)
            throw Stop(exit_validation, "cannot read " + file);
    }
    std::istream& in = file == "-" ? std::cin : opened;
    text.reserve(max_input + 1); // never grown: a buffer that moved would stay behind unwiped
    text.resize(max_input + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    if (got > max_input) {
        explicit_bzero(text.data(), text.size());
        throw Stop(exit_validation, file + " is larger than 2 MiB");
    }
    scai::SecretText out(std::string_view(text.data(), got));
    explicit_bzero(text.data(), text.size());
    return out;
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw Stop(exit_general, "cannot write to standard output");
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i == widths.size())
                widths.push_back(0);
            widths[i] = std::max(widths[i], row[i].size());
        }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size())
                out.append(widths[i] - row[i].size() + 2, ' ');
        }
        out += '\n';
    }
    print(out);
}

} // namespace scaivault::cli
