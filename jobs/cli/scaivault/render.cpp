// scaivault render: fills a template with secrets, once or for as long as they change.
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/fetch.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/policies/conditions.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX

namespace scaivault::cli {

using scai::json::Value;

namespace {

constexpr const char* template_help =
    R"(A template is any text with
  {{ secret "apps/demo/login" "user" }}           a field of a secret
  {{ secret "apps/demo/login" }}                  all of it, as JSON
  {{ secret "apps/demo/login" "user" | base64 }}  filters: base64, json (a quoted JSON text)
  {{ "{{" }}                                      the text itself
With --watch the file is written again when a secret changes, and --exec runs afterwards; while the ScaiVault cannot be
reached the file stays as it is.
)";

struct RenderOptions {
    ConnectionOptions connection;
    std::string source, out, watch, exec;
    std::string mode = "0600";
};

/// A piece of a template: text, or a reference.
struct Piece {
    std::string text, path, field, filter;
};

class TemplateReader {
public:
    explicit TemplateReader(std::string_view text) : text_(text) {}
    std::vector<Piece> pieces() {
        std::vector<Piece> out;
        while (at_ < text_.size()) {
            const auto open = text_.find("{{", at_);
            if (open != at_)
                out.push_back({std::string(text_.substr(at_, open - at_)), "", "", ""});
            if (open == std::string_view::npos)
                break;
            at_ = open + 2;
            out.push_back(action());
        }
        return out;
    }

private:
    Piece action() {
        Piece out;
        skip_spaces();
        if (peek() == '"') {
            out.text = quoted();
        } else {
            if (word() != "secret")
                fail("only secret \"path\" \"field\" and a quoted text can stand between {{ and }}");
            out.path = path_segment(quoted());
            skip_spaces();
            if (peek() == '"')
                out.field = quoted();
        }
        skip_spaces();
        if (peek() == '|') {
            ++at_;
            out.filter = word();
            if (out.filter != "base64" && out.filter != "json")
                fail("there is no filter \"" + out.filter + "\"");
            skip_spaces();
        }
        if (text_.substr(at_, 2) != "}}")
            fail("}} is missing");
        at_ += 2;
        return out;
    }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_spaces() {
        while (peek() == ' ' || peek() == '\t')
            ++at_;
    }
    std::string word() {
        skip_spaces();
        const auto start = at_;
        while ((peek() >= 'a' && peek() <= 'z') || (peek() >= '0' && peek() <= '9'))
            ++at_;
        return std::string(text_.substr(start, at_ - start));
    }
    std::string quoted() {
        skip_spaces();
        if (peek() != '"')
            fail("a quoted text is missing");
        const auto end = text_.find('"', at_ + 1);
        if (end == std::string_view::npos)
            fail("a quoted text does not end");
        std::string out(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return out;
    }
    [[noreturn]] void fail(const std::string& why) const {
        const auto line =
            1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
        throw Stop(exit_validation, "line " + std::to_string(line) + " of the template: " + why);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

scai::SecretText fill(const std::vector<Piece>& pieces, Api& api) {
    std::set<std::string> paths;
    for (const auto& piece : pieces)
        if (!piece.path.empty())
            paths.insert(piece.path);
    const auto secrets = fetch_all(api, paths);
    std::string out;
    for (const auto& piece : pieces) {
        auto text = piece.text;
        if (!piece.path.empty()) {
            const auto& data = secrets.at(piece.path);
            const auto value = piece.field.empty() ? data : data.get(piece.field);
            if (!value.present())
                throw Stop(exit_not_found, piece.path + " has no field " + piece.field);
            text = value.text().value_or(value.dump());
        }
        if (piece.filter == "base64")
            text = scai::crypto::base64(text);
        else if (piece.filter == "json")
            text = Value(text).dump();
        out += text;
        explicit_bzero(text.data(), text.size());
    }
    scai::SecretText sealed(out);
    explicit_bzero(out.data(), out.size());
    return sealed;
}

void write_whole(const std::string& file, const std::string& mode, std::string_view text) {
    const auto fresh = file + ".new." + std::to_string(::getpid());
    const auto bits = static_cast<mode_t>(std::stoul(mode, nullptr, 8));
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = descriptor >= 0 && ::fchmod(descriptor, bits) == 0;
    for (std::size_t done = 0; good && done < text.size();) {
        const auto wrote = ::write(descriptor, text.data() + done, text.size() - done);
        good = wrote > 0;
        done += good ? static_cast<std::size_t>(wrote) : 0;
    }
    good = good && ::fsync(descriptor) == 0;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!good || std::rename(fresh.c_str(), file.c_str()) != 0) {
        ::unlink(fresh.c_str());
        throw Stop(exit_general, "cannot write " + file);
    }
}

void run_after(const std::string& command) {
    if (command.empty())
        return;
    const char* const arguments[] = {"/bin/sh", "-c", command.c_str(),
                                     nullptr}; // NOLINT(modernize-avoid-c-arrays): posix_spawn
    pid_t child = 0;
    int status = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): posix_spawn
    if (::posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char* const*>(arguments), environ) !=
            0 ||
        ::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        std::fprintf(stderr, "scaivault: --exec failed: %s\n", command.c_str());
}

volatile std::sig_atomic_t stop_wanted =
    0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): of a signal

void watch(const RenderOptions& options, const std::vector<Piece>& pieces, std::chrono::seconds every) {
    struct sigaction action {};
    action.sa_handler = [](int) { stop_wanted = 1; };
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    scai::SecretText last;
    while (stop_wanted == 0) {
        try {
            Api api(options.connection); // anew: the saved token may be another one by now
            auto text = fill(pieces, api);
            if (text.reveal() != last.reveal()) {
                write_whole(options.out, options.mode, text.reveal());
                std::fprintf(stderr, "scaivault: wrote %s\n", options.out.c_str());
                run_after(options.exec);
                last = std::move(text);
            }
        } catch (const Stop& stop) {
            std::fprintf(stderr, "scaivault: %s stays as it is: %s\n", options.out.c_str(), stop.what());
        }
        timespec left{every.count(), 0};
        while (stop_wanted == 0 && ::nanosleep(&left, &left) != 0) {
        }
    }
}

int render(const RenderOptions& options) {
    const auto source = read_secret_input(options.source, "the template");
    const auto pieces = TemplateReader(source.reveal()).pieces();
    if (!options.watch.empty()) {
        const auto every = policies::parse_duration(options.watch);
        if (!every)
            throw Stop(exit_validation, "--watch is a duration such as 30s or 5m");
        if (options.out.empty())
            throw Stop(exit_validation, "--watch needs --out");
        watch(options, pieces, *every);
        return exit_ok;
    }
    Api api(options.connection);
    const auto text = fill(pieces, api);
    if (options.out.empty())
        print(text.reveal());
    else
        write_whole(options.out, options.mode, text.reveal());
    run_after(options.exec);
    return exit_ok;
}

} // namespace

void add_render(CLI::App& app, Command& run) {
    auto* command =
        app.add_subcommand("render", "fills a template with secrets, once or whenever they change");
    auto options = std::make_shared<RenderOptions>();
    add_connection_options(*command, options->connection);
    command->add_option("template", options->source, "file with the template, - for standard input")
        ->required();
    command->add_option("--out", options->out, "file to write, whole or not at all; else standard output");
    command->add_option("--mode", options->mode, "permissions of the file")
        ->check(CLI::Validator(
            [](std::string& text) {
                return text.size() >= 3 && text.size() <= 4 &&
                               text.find_first_not_of("01234567") == std::string::npos
                           ? std::string()
                           : std::string("must be octal, such as 0600");
            },
            "OCTAL"))
        ->capture_default_str();
    command->add_option("--watch", options->watch, "look again after this duration, until SIGTERM");
    command->add_option("--exec", options->exec, "shell command to run after the file was written");
    command->footer(std::string(template_help) + exit_help);
    command->callback([&run, options] { run = [options] { return render(*options); }; });
}

} // namespace scaivault::cli
