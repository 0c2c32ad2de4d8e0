// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

struct Pipe {
    int read_end = -1, write_end = -1;
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
        read_end = ends[0];
        write_end = ends[1];
    }
    ~Pipe() {
        close(read_end);
        close(write_end);
    }
    static void close(int& descriptor) {
        if (descriptor >= 0)
            ::close(descriptor);
        descriptor = -1;
    }
};

/// Reads what is there; closes at end of file.
void drain(int& descriptor, std::string& into) {
    char buffer[16384];
    const auto count = ::read(descriptor, buffer, sizeof buffer);
    if (count > 0)
        into.append(buffer, static_cast<std::size_t>(count));
    else if (count == 0 || errno != EINTR)
        Pipe::close(descriptor);
}

void feed(int& descriptor, std::string_view& rest) {
    const auto count = ::write(descriptor, rest.data(), rest.size());
    if (count > 0)
        rest.remove_prefix(static_cast<std::size_t>(count));
    if (rest.empty() || (count < 0 && errno != EINTR))
        Pipe::close(descriptor);
}

} // namespace

Environment clean_environment() {
    Environment out{{"LANG", "C.UTF-8"}};
    for (const char* name :
         {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
        if (const char* value = std::getenv(name))
            out[name] = value;
    return out;
}

Finished run(const std::vector<std::string>& arguments, const Environment& environment,
             const std::string& input, std::chrono::seconds limit) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment)
        variables.push_back(name + "=" + value);
    std::vector<char*> argv, envp;
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    for (const auto& variable : variables)
        envp.push_back(const_cast<char*>(variable.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);

    Pipe in, out, err;
    const auto pid = ::fork();
    if (pid < 0)
        throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (pid == 0) {
        ::setpgid(0, 0);
        ::dup2(in.read_end, 0);
        ::dup2(out.write_end, 1);
        ::dup2(err.write_end, 2);
        ::closefrom(
            3); // sockets of libraries do not close themselves, and a program may count its descriptors
        ::execvpe(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    Pipe::close(in.read_end);
    Pipe::close(out.write_end);
    Pipe::close(err.write_end);
    std::signal(SIGPIPE, SIG_IGN);
    Finished finished;
    std::string_view rest = input;
    if (rest.empty())
        Pipe::close(in.write_end);
    const auto end = std::chrono::steady_clock::now() + limit;
    bool killed = false;
    while (out.read_end >= 0 || err.read_end >= 0) {
        pollfd watched[3] = {
            {out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}, {in.write_end, POLLOUT, 0}};
        ::poll(watched, 3, 200);
        if (watched[0].revents != 0)
            drain(out.read_end, finished.out);
        if (watched[1].revents != 0)
            drain(err.read_end, finished.err);
        if (watched[2].revents != 0)
            feed(in.write_end, rest);
        if (!killed && std::chrono::steady_clock::now() > end) {
            ::kill(-pid, SIGKILL);
            killed = true;
        }
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

} // namespace test
