// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/files.hpp"

#include "lib/json/place.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace scaiflow::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = 16U << 20U;

class Descriptor {
public:
    explicit Descriptor(int fd, bool owned = true) : fd_(fd), owned_(owned) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }
    bool close() {
        const bool fine = !owned_ || fd_ < 0 || ::close(fd_) == 0;
        fd_ = -1;
        return fine;
    }

private:
    int fd_;
    bool owned_;
};

std::string reason() {
    return std::strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread
}

scai::Error unreadable(std::string message) {
    return scai::Error{.kind = scai::ErrorKind::bad_request, .message = std::move(message)};
}

void say(const std::string& file, std::string_view what, std::string_view message, std::string_view path) {
    std::string line = printable(shown(file)) + ": " + std::string(what) + ": " + printable(message);
    if (!path.empty())
        line += " (" + printable(path) + ")";
    std::fprintf(stderr, "%s\n", line.c_str());
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

/// Mode of the file that is there, else what the umask leaves.
mode_t mode_for(const fs::path& target) {
    struct stat facts {};
    if (::stat(target.c_str(), &facts) == 0)
        return facts.st_mode & 07777U;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666U & ~mask;
}

bool replace(const fs::path& target, std::string_view bytes) {
    std::string temporary = target.string() + ".XXXXXX";
    const mode_t mode = mode_for(target);
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.open())
        return false;
    if (write_all(file.get(), bytes) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0 &&
        file.close() && ::rename(temporary.c_str(), target.c_str()) == 0)
        return true;
    const int why = errno;
    ::unlink(temporary.c_str());
    errno = why;
    return false;
}

} // namespace

Paint::Paint(int descriptor) {
    const char* no_color = std::getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe)
    const char* terminal = std::getenv("TERM");     // NOLINT(concurrency-mt-unsafe)
    on_ = (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
          std::string_view(terminal) != "dumb" && ::isatty(descriptor) == 1;
}

std::string Paint::with(const char* code, std::string_view text) const {
    if (!on_)
        return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    return out;
}

std::string shown(const std::string& file) {
    return file == "-" ? "<standard input>" : file;
}

void complain(const std::string& file, std::string_view message, std::string_view path) {
    say(file, Paint(STDERR_FILENO).red("error"), message, path);
}

void warn(const std::string& file, std::string_view message, std::string_view path) {
    say(file, Paint(STDERR_FILENO).yellow("warning"), message, path);
}

bool complain(const std::string& file, const graph::Diagnostics& diagnostics) {
    for (const auto& item : diagnostics)
        if (item.severity == graph::Severity::error)
            complain(file, item.message, item.path);
        else
            warn(file, item.message, item.path);
    return graph::has_errors(diagnostics);
}

void complain(const std::string& file, const scai::Error& error) {
    for (const auto& field : error.fields)
        complain(file, field.message, field.path);
    if (error.fields.empty())
        complain(file, error.message);
}

scai::Result<std::string> read_file(const std::string& file) {
    const bool standard = file == "-";
    Descriptor input(standard ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC), !standard);
    if (!input.open())
        return unreadable("cannot be read: " + reason());
    std::string out;
    std::array<char, 65536> chunk{};
    for (;;) {
        const auto got = ::read(input.get(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unreadable("cannot be read: " + reason());
        if (got == 0)
            return out;
        out.append(chunk.data(), static_cast<std::size_t>(got));
        if (out.size() > largest_file)
            return unreadable("is larger than 16 MiB");
    }
}

Flow read_flow(const std::string& file, Quiet quiet) {
    Flow out;
    auto text = read_file(file);
    if (!text) {
        complain(file, text.error().message);
        out.exit_code = exit_usage;
        return out;
    }
    out.text = std::move(*text);
    auto content = scai::json::parse(out.text);
    if (!content)
        out.problem = "is no JSON " + scai::json::place_in(content.error());
    else if (!content->is_object())
        out.problem = "is no flow: a JSON object is needed";
    else if (content->dump().size() > graph::max_content)
        out.problem = "is too large: " + std::to_string(graph::max_content) + " bytes of JSON at most";
    else
        out.content = std::move(*content);
    if (!out.problem.empty()) {
        out.exit_code = exit_problems;
        if (quiet == Quiet::no)
            complain(file, out.problem);
    }
    return out;
}

int write_file(const std::string& file, std::string_view bytes) {
    if (file == "-")
        return print(bytes);
    std::error_code none;
    fs::path target(file);
    if (fs::is_symlink(target, none)) // the file it points to is meant, not the link
        if (auto real = fs::canonical(target, none); !none)
            target = real;
    bool written = false;
    if (fs::exists(target, none) && !fs::is_regular_file(target, none)) {
        Descriptor output(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
        written = output.open() && write_all(output.get(), bytes) && output.close();
    } else {
        written = replace(target, bytes);
    }
    if (written)
        return exit_ok;
    complain(file, "cannot be written: " + reason());
    return exit_usage;
}

int print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return exit_ok;
    complain("<standard output>", "cannot be written: " + reason());
    return exit_usage;
}

bool same_file(const std::string& a, const std::string& b) {
    std::error_code none;
    return a != "-" && b != "-" && fs::equivalent(a, b, none) && !none;
}

std::string stem_of(const std::string& file) {
    if (file == "-")
        return "flow";
    auto name = fs::path(file).filename();
    if (name.extension() == ".json")
        name = name.stem();
    if (name.extension() == ".flow" || (name.extension() == ".yaml" || name.extension() == ".yml"))
        name = name.stem();
    return name.empty() ? "flow" : name.string();
}

} // namespace scaiflow::cli
