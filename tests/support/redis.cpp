// SPDX-License-Identifier: Apache-2.0
#include "tests/support/redis.hpp"

#include "tests/support/process.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

namespace test {

Redis::Redis(std::vector<std::string> options) : options_(std::move(options)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "scai-redis-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no scratch folder for Redis");
    folder_ = pattern;
    start();
}

Redis::~Redis() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void Redis::start() {
    std::vector<std::string> arguments{
        "redis-server", "--port",       "0",  "--unixsocket", socket(),        "--save", "", "--dir",
        folder_,        "--appendonly", "no", "--logfile",    folder_ + "/log"};
    arguments.insert(arguments.end(), options_.begin(), options_.end());
    std::vector<char*> pointers;
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int null = open("/dev/null", O_RDWR);
        for (int to : {0, 1, 2})
            dup2(null, to);
        execvp(pointers[0], pointers.data());
        _exit(127);
    }
    for (int i = 0; i < 1000; ++i) {
        if (ask({"PING"}) == "PONG\n")
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("redis-server does not start; see " + folder_ + "/log");
}

void Redis::stop() {
    if (pid_ < 0)
        return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void Redis::freeze(bool frozen) const {
    kill(pid_, frozen ? SIGSTOP : SIGCONT);
}

std::string Redis::ask(const std::vector<std::string>& command) const {
    std::vector<std::string> arguments{"redis-cli", "-s", socket()};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return run(arguments, clean_environment()).out;
}

} // namespace test
