// measure COMMAND...: runs it, then prints wall seconds, CPU seconds and peak resident memory of the finished
// process to stderr as one line "wall=12.3 cpu=4.5 rss_mb=67". The command's own output and exit code pass
// through. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 2)
        return 64;
    const auto started = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        std::perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 70;
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    std::fprintf(stderr, "wall=%.2f cpu=%.2f rss_mb=%.1f\n", wall.count(),
                 seconds(usage.ru_utime) + seconds(usage.ru_stime),
                 static_cast<double>(usage.ru_maxrss) / 1024.0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
